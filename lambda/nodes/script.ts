/** The script that runs on a node: the files of collector/ as one text, without what is for people only. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** SSM replaces `{{ name }}` before the shell sees it (Systems Manager user guide, "Data elements"). */
const REPLACED_BY_SSM = '{{';

const read = (name: string) => readFileSync(new URL(`./collector/${name}`, import.meta.url), 'utf8');

/** Lines that are a comment or empty are for people, who read them in the repository. */
function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(#.*)?$/.test(line))
    .map((line) => line.trimStart())
    .join('\n');
}

/** A string or a regular expression of awk; a slash that divides stands behind an operand. */
const LITERAL = /"(?:\\.|[^"\\])*"|(?<=(?:^|[(,~!&|;{?:=]|\breturn) *)\/(?:\\.|\[\^?\]?(?:\\.|[^\]])*\]|[^/\\[])+\//gm;

/** Nor do blanks beside signs mean anything to awk outside of those; SSM takes 64 KB (document.ts). */
export function withoutBlanks(awk: string): string {
  const literals = awk.match(LITERAL) ?? [];
  const between = awk.split(LITERAL);
  // What stands next to a literal may be what joins it with its neighbour: only blanks between two other signs go.
  return between
    .map((code) =>
      code
        .replaceAll(/ ?(==|!=|&&|\|\||[;,{}?:=~]) (?=\S)/g, '$1')
        .replaceAll(/(?<=[\w)\]]) (==|!=|&&|\|\||[{}?:=~])/g, '$1'),
    )
    .map((code, at) => code + (literals[at] ?? ''))
    .join('');
}

/** A shell's word in single quotes, which end where another would begin. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

/** What a node says whose files could not be read in time. */
const HUNG = 'refused reading took longer than 30 seconds: a file system may hang\n';

/** The line that carries a text (answer/envelope.ts), made here because nothing can be run on a node that hangs. */
function packed(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  return `kubevigil/1 ${text.length} ${digest} ${Buffer.from(text).toString('base64')}`;
}

/** What allowed.txt lists of things that no node of Windows has. */
const ELSEWHERE = /\n(k3s|bottlerocket) .*/g;

/**
 * The script for Windows PowerShell 5.1, with the same list in a here-string, in which nothing is replaced. Throws as
 * collector does.
 */
export function windowsCollector(): string {
  const allowed = withoutComments(read('allowed.txt')).replaceAll(ELSEWHERE, '');
  return checked(`$Allowed = @'\n${allowed}\n'@\n${withoutComments(read('collect.ps1'))}\n`);
}

/**
 * The script's text. Throws an Error that says what to change where SSM would take it for something else than it is, in
 * whatever way it is sent.
 */
export function collector(): string {
  const script = `#!/bin/sh
ALLOWED=${quoted(withoutComments(read('allowed.txt')))}
FILTER=${quoted(withoutBlanks(withoutComments(`${read('certificate.awk')}\n${read('filter.awk')}`)))}
READ=${quoted(withoutComments(read('read.sh')))}
SEND=${quoted(withoutComments(read('send.sh')))}
HUNG='${packed(HUNG)}'
${withoutComments(read('collect.sh'))}
`;
  return checked(script);
}

/** The script as it is, or an Error: SSM must not find in it what it would replace. */
export function checked(script: string): string {
  const line = script.split('\n').findIndex((each) => each.includes(REPLACED_BY_SSM));
  if (line < 0) return script;
  throw new Error(`the collector's line ${line + 1} has "{{", which SSM would replace: write it in another way`);
}
