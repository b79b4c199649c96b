/** The listing of permissions in docs/security.md, from the built templates. */
import { type Statement, statementsOf, type Template } from './policies.ts';
import { idOf } from './synth.ts';

/** Roles in the order of the listing: template, start of the id, what it is. */
export type Listed = [template: Template, start: string, what: string];

/** Names for people: `<Archive>` for the id that the template gives, ACCOUNT and REGION for the examples of the tests. */
function readable(template: Template, text: string): string {
  let name = text;
  for (const id of Object.keys(template.Resources)) {
    // Ids that the CDK chose end with a hash, and so occur nowhere else.
    if (!/[0-9A-F]{8}$/.test(id)) continue;
    const short = `<${id.replace(/[0-9A-F]{8}$/, '')}>`;
    name = name.replaceAll(id, short).replaceAll(id.toLowerCase(), short);
  }
  return name
    .replaceAll('111122223333', 'ACCOUNT')
    .replaceAll('eu-west-1', 'REGION')
    .replace(/kubevigil-collect-(windows-)?[0-9a-f]{16}/g, 'kubevigil-collect-$1<hash>');
}

const cell = (lines: string[]) => lines.map((line) => `\`${line}\``).join('<br>');

function row(template: Template, { Action, Resource, Condition }: Statement): string {
  const conditions = Object.entries(Condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => {
      const text = [values].flat().join(' or ');
      if (operator === 'Null') return `${key} is ${text === 'true' ? 'absent' : 'present'}`;
      if (operator === 'StringLike' && text === '*') return `${key} is present`;
      return operator === 'StringEquals' ? `${key} is ${text}` : `${operator} ${key} ${text}`;
    }),
  );
  const columns = [Action, Resource, conditions].map((lines) => cell(lines.map((line) => readable(template, line))));
  return `| ${columns.join(' | ')} |`;
}

/** A heading and a table for each role. */
export function listing(roles: Listed[]): string {
  return roles
    .map(([template, start, what]) => {
      const statements = statementsOf(template, idOf(template, 'AWS::IAM::Role', start));
      const rows = statements.map((statement) => row(template, statement));
      const table = ['| may | on | if |', '|---|---|---|', ...rows].join('\n');
      return `### ${what}\n\n${rows.length > 0 ? table : 'Nothing.'}\n`;
    })
    .join('\n');
}
