/**
 * Begins a rule: `node tools/new-rule.ts NAME` writes its file, its test, its page and its line in the list. All of them
 * run as they are; what only its author can write says TODO, which a test does not let pass.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { page } from './rule-docs.ts';

const ROOT = new URL('../', import.meta.url);
const INDEX = 'lambda/rules/index.ts';

/** As test/rules/catalogue.test.ts wants them: words of small letters, at least two. */
const NAME = /^[a-z]+(-[a-z]+)+$/;
const LONGEST_NAME = 50;

/** How the rule of this name is called in code: `readOnlyPort`. */
function variable(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Where the parts of a rule lie, from the top. */
function paths(name: string) {
  return { rule: `lambda/rules/${name}.ts`, test: `test/rules/${name}.test.ts`, page: `docs/rules/${name}.md` };
}

/** What is wrong with this name for a new rule, in one line; undefined where nothing is. */
export function problemWith(name: string | undefined): string | undefined {
  if (name === undefined) return 'a name is missing: npm run new-rule -- NAME, such as read-only-port';
  if (!NAME.test(name) || name.length > LONGEST_NAME) {
    return `${JSON.stringify(name)} is no name of a rule: at least two words of the letters a to z, joined by "-", at most ${LONGEST_NAME} characters, such as read-only-port`;
  }
  const there = Object.values(paths(name)).find((path) => existsSync(new URL(path, ROOT)));
  return there ? `there is a rule ${name} already, or a part of one: ${there}` : undefined;
}

const ruleText = (name: string) => `import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Rule } from '../criteria/rule.ts';
import { audited, stated } from '../criteria/setting.ts';

/** TODO: which setting this rule judges, and where it is written that the wanted value is right. */
const SETTING = 'makeIPTablesUtilChains';
const FLAG = 'make-iptables-util-chains';
const WANTED = true;

export const ${variable(name)}: Rule = {
  name: '${name}',
  title: 'TODO: what is so where the rule passes',
  failureTitle: 'TODO: what is so where it fails',
  why: 'TODO: what a stranger gains, or what stops, where it is not so; for a reader who never heard of the setting.',
  severity: 'medium',
  references: ['https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/'],
  check: checkSettings([SETTING], (node, { settings }) => {
    const current = settings[SETTING];
    const seen = audited(current);
    const audit = seen === undefined || seen.value === WANTED ? 'pass' : 'fail';
    const reason = \`\${stated(SETTING, current)}.\`;
    if (current.value === WANTED) return { status: 'pass', audit, reason, advisories: [] };
    const change = { setting: SETTING, flag: FLAG, value: String(WANTED), current } as const;
    return { status: 'fail', audit, reason, advisories: [], remediation: remedy(node, change).steps };
  }),
};
`;

const testText = (name: string) => `import { ${variable(name)} } from '../../lambda/rules/${name}.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(${variable(name)}, {
  'absent passes': { status: 'pass', audit: 'pass', reason: /true from the kubelet's default/, remediation: false },
  'false in the file fails': {
    settings: { makeIPTablesUtilChains: inFile(false) },
    status: 'fail',
    audit: 'fail',
    reason: /false from \\/var\\/lib\\/kubelet\\/config\\.yaml/,
    remediation: /Set \`makeIPTablesUtilChains: true\`/,
  },
  'false by flag fails': {
    settings: { makeIPTablesUtilChains: byFlag(false, '--make-iptables-util-chains=false') },
    status: 'fail',
    audit: 'fail',
    reason: /--make-iptables-util-chains=false/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /^Not judged because of what the rule kubelet-restart tells/,
  },
});
`;

const pageText = `## What is judged

TODO: the value that passes, and what the rule says where it is absent.

## Out of scope

TODO: what a reader could expect of this rule, and where it is judged instead.

## Examples

\`\`\`yaml example
config: "makeIPTablesUtilChains: true\\n"
status: pass
audit: pass
reason: makeIPTablesUtilChains is true from /var/lib/kubelet/config.yaml
\`\`\`

\`\`\`yaml example
flags: [--make-iptables-util-chains=false]
status: fail
audit: fail
reason: false from flag --make-iptables-util-chains=false
remediation: Remove \`--make-iptables-util-chains=false\`
\`\`\`
`;

/** The list with one line more, in the order of its names. */
function withLine(index: string, name: string): string {
  const lines = index.trimEnd().split('\n');
  const line = `export { ${variable(name)} } from './${name}.ts';`;
  const fileOf = (text: string) => /'(\.\/.*)'/.exec(text)?.[1] ?? '';
  const after = lines.findIndex((text) => text.startsWith('export ') && fileOf(text) > fileOf(line));
  return `${lines.toSpliced(after < 0 ? lines.length : after, 0, line).join('\n')}\n`;
}

async function main(args: readonly string[]): Promise<number> {
  const [name] = args;
  const problem = args.length > 1 ? 'one name at a time: npm run new-rule -- NAME' : problemWith(name);
  if (problem !== undefined || name === undefined) {
    process.stderr.write(`new-rule: ${problem}\n`);
    return 2;
  }
  const to = paths(name);
  const write = (path: string, text: string) => writeFileSync(new URL(path, ROOT), text);
  write(to.rule, ruleText(name));
  write(to.test, testText(name));
  write(INDEX, withLine(readFileSync(new URL(INDEX, ROOT), 'utf8'), name));
  const { [variable(name)]: rule } = await import(new URL(to.rule, ROOT).href);
  write(to.page, page(rule, pageText));
  const written = [to.rule, to.test, to.page, `${INDEX}: its line`].map((each) => `  ${each}`);
  process.stdout.write(
    `Wrote in ${fileURLToPath(ROOT)}\n${written.join('\n')}\nNow write what says TODO, then: npm run rule-docs, node --test 'test/rules/*.test.ts'\n`,
  );
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
