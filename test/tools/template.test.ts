/** The templates for whoever has no CDK: they stand alone, and what they name lies beside them. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeTemplates } from '../../tools/template.ts';
import type { Template } from '../infra/policies.ts';
import { FLEET, idsOf, synthesise } from '../infra/synth.ts';
import { lintErrors } from '../witness/lint.ts';
import { without } from '../witness/python.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-template-'));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the templates without the CDK', () => {
  const handler = join(folder, 'built');
  const out = join(folder, 'template');
  const warnings: string[] = [];
  const read = (name: string): Template => JSON.parse(readFileSync(join(out, `${name}.template.json`), 'utf8'));

  before(() => {
    const waivers = join(folder, 'ours.yaml');
    writeFileSync(waivers, 'waivers: []\n');
    mkdirSync(handler);
    writeFileSync(join(handler, 'index.mjs'), 'export const handler = () => {};\n');
    mkdirSync(out);
    writeFileSync(join(out, 'left-over.template.json'), '{}');
    writeTemplates({}, handler, join(folder, 'unheard'), (text) => warnings.push(text));
    writeTemplates({ ...FLEET, waivers }, handler, out, assert.fail);
  });

  it('are one for each stack, with the code of the functions beside them, and nothing that an earlier run left', () => {
    const stacks = ['kubevigil', 'kubevigil-chat', 'kubevigil-member'].map((name) => `${name}.template.json`);
    assert.deepEqual(readdirSync(out).sort(), ['handler', ...stacks.sort()]);
    assert.deepEqual(readdirSync(join(out, 'handler')).sort(), ['index.mjs', 'targets.json', 'waivers.yaml']);
  });

  it('name that folder as code, and nothing that only `cdk bootstrap` makes', () => {
    const scanner = read('kubevigil');
    const functions = idsOf(scanner, 'AWS::Lambda::Function');
    assert.equal(functions.length, 2);
    for (const id of functions) assert.equal(scanner.Resources[id]?.Properties?.Code, './handler');
    for (const name of ['kubevigil', 'kubevigil-member', 'kubevigil-chat']) {
      assert.doesNotMatch(JSON.stringify(read(name)), /cdk-bootstrap|cdk-hnb659fds|BootstrapVersion/);
    }
  });

  it('leave the template of the members of an organization beside them, and ask where it was put', () => {
    const [hub, organization] = [FLEET.hub, { id: 'o-a1b2c3d4e5', ous: ['r-ab12'] }];
    const beside = join(folder, 'organization');
    writeTemplates({ hub, organization }, handler, beside, () => {});
    const built = JSON.parse(readFileSync(join(beside, 'kubevigil-organization.template.json'), 'utf8'));
    assert.deepEqual(Object.keys(built.Parameters), ['MemberTemplateUrl']);
    const { TemplateURL } = built.Resources[idsOf(built, 'AWS::CloudFormation::StackSet')[0] ?? ''].Properties;
    assert.deepEqual(TemplateURL, { Ref: 'MemberTemplateUrl' });
    const member: Template = JSON.parse(readFileSync(join(beside, 'member.template.json'), 'utf8'));
    assert.equal(idsOf(member, 'AWS::IAM::Role').length, 1);
    assert.ok(readdirSync(join(beside, 'handler')).includes('index.mjs'));
  });

  it('warn of what the CDK warns of', () => {
    assert.match(warnings.join('\n'), /^kubevigil: .*emails/m);
  });

  it('are otherwise what the CDK deploys', () => {
    const [ours, theirs] = [read('kubevigil'), synthesise(FLEET).kubevigil as Template];
    const types = ({ Resources }: Template) => Object.values(Resources).map(({ Type }) => Type);
    assert.deepEqual(types(ours), types(theirs));
    const { Resources } = synthesise(FLEET)['kubevigil-member'] as Template;
    assert.deepEqual(read('kubevigil-member').Resources, JSON.parse(JSON.stringify(Resources)));
  });

  it('are without errors for cfn-lint', { skip: without('cfnlint') }, async () => {
    assert.deepEqual(await lintErrors('eu-west-1', [join(out, 'kubevigil.template.json')]), []);
  });
});
