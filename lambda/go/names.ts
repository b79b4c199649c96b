/**
 * Names of labels and taints, and the words with which Kubernetes refuses them.
 * Source: k8s.io/apimachinery/pkg/util/validation, IsQualifiedName and IsValidLabelValue. Tested by test/go/names.test.ts.
 */

const NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const DOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const VALUE = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';

/** The same languages, in forms that are read in linear time. */
const QUALIFIED = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

const LONGEST_NAME = 63;
const LONGEST_DOMAIN = 253;

const alphanumeric =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const name = pattern(alphanumeric, NAME, 'MyName', 'my.name', '123-abc');
const value = pattern(
  `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character`,
  VALUE,
  'MyValue',
  'my_value',
  '12345',
);
const domain = pattern(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  DOMAIN,
  'example.com',
);

function pattern(message: string, expression: string, ...examples: string[]): string {
  const shown = examples.map((example, at) => `${at > 0 ? ' or ' : ''}'${example}', `).join('');
  return `${message} (e.g. ${shown}regex used for validation is '${expression}')`;
}

/** What is wrong with the key of a label or taint: `example.com/MyName`. */
export function nameProblems(text: string): string[] {
  const parts = text.split('/');
  if (parts.length > 2) {
    return [`a qualified name ${name} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  }
  const problems: string[] = [];
  const own = parts.at(-1) ?? '';
  if (parts.length === 2) problems.push(...domainProblems(parts[0] ?? '').map((problem) => `prefix part ${problem}`));
  if (own === '') problems.push('name part must be non-empty');
  else if (own.length > LONGEST_NAME) problems.push(`name part ${tooLong(LONGEST_NAME)}`);
  if (!QUALIFIED.test(own)) problems.push(`name part ${name}`);
  return problems;
}

function domainProblems(text: string): string[] {
  if (text === '') return ['must be non-empty'];
  const problems = text.length > LONGEST_DOMAIN ? [tooLong(LONGEST_DOMAIN)] : [];
  return SUBDOMAIN.test(text) ? problems : [...problems, domain];
}

/** What is wrong with the value of a label or taint. */
export function valueProblems(text: string): string[] {
  const problems = text.length > LONGEST_NAME ? [tooLong(LONGEST_NAME)] : [];
  return text === '' || QUALIFIED.test(text) ? problems : [...problems, value];
}

function tooLong(most: number): string {
  return `must be no more than ${most} characters`;
}
