/** What cfn-lint finds wrong with templates, but for what it does not know yet. */
import assert from 'node:assert/strict';
import { python } from './python.ts';

/** E3051 takes the text of a document for a stream, and fails at every text (cfn-lint 1.45 to 1.58). */
const PARSED = ['--ignore-checks', 'E3051'];

/** What CloudFormation takes (its reference, "AWS::Lambda::Function DurableConfig") and the schemas of cfn-lint 1.58 have not yet. */
const UNKNOWN_YET = /'KMSKeyArn' was unexpected/;

/** The errors of these template files where they are deployed in this region, each in a line. */
export async function lintErrors(region: string, files: readonly string[]): Promise<string[]> {
  const options = ['--regions', region, '--format', 'json', ...PARSED];
  const { stdout, stderr } = await python(['lint.py', ...options, '--', ...files]);
  assert.equal(stderr, '');
  const found = JSON.parse(stdout || '[]') as { Level: string; Message: string; Rule: { Id: string } }[];
  return found
    .filter(({ Level, Message }) => Level === 'Error' && !UNKNOWN_YET.test(Message))
    .map(({ Rule, Message }) => `${region} ${Rule.Id} ${Message}`);
}
