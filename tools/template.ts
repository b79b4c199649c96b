/**
 * Writes the stacks as templates that need no CDK: `npm run synth:template [FOLDER]`, by the settings in cdk.json. The scanner's names
 * its assets by their folder beside it, as `aws cloudformation package` takes them (AWS CLI command reference, "package": the property
 * Code of AWS::Lambda::Function); the others have none.
 */
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { SynthesisMessageLevel } from 'aws-cdk-lib/cx-api';
import cdk from '../cdk.json' with { type: 'json' };
import { bundleHandler } from '../infra/bundle.ts';
import { parseUserSettings } from '../infra/settings.ts';
import { addStacks } from '../infra/stacks.ts';

const OUT = fileURLToPath(new URL('../dist/template', import.meta.url));

type Template = {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  Parameters?: object;
  Rules?: object;
};

/** Name of the template that the StackSet of an organization deploys, and of the parameter that says where it was put. */
const MEMBER = { file: 'member.template.json', parameter: 'MemberTemplateUrl' };

/** What stands in place of what `cdk deploy` uploads, by the type of the resource that names it. */
const UPLOADED = new Map<string, object>([
  ['AWS::Lambda::Function', { Code: './handler' }],
  ['AWS::CloudFormation::StackSet', { TemplateURL: { Ref: MEMBER.parameter } }],
]);

/**
 * Writes `NAME.template.json` for each stack of the settings, and the code of the functions to the folder `handler`. Returns the
 * names of the files, and `warn` gets what the CDK would warn of. Throws SettingsError as `cdk synth` does.
 */
export function writeTemplates(
  settings: unknown,
  handler: string,
  out: string,
  warn: (text: string) => void,
): string[] {
  const app = new App({ analyticsReporting: false });
  addStacks(app, parseUserSettings(settings), handler);
  const { stacks, directory } = app.synth();
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  // What is staged has the waivers, too.
  const assets = readdirSync(directory, { withFileTypes: true }).filter(({ name }) => name.startsWith('asset.'));
  const asset = assets.find((each) => each.isDirectory())?.name ?? '';
  // The template of the members of an organization, which its StackSet names.
  const member = assets.find((each) => each.isFile())?.name;
  if (member !== undefined) cpSync(join(directory, member), join(out, MEMBER.file));
  cpSync(join(directory, asset), join(out, 'handler'), { recursive: true });
  return stacks.map(({ stackName, template, messages }) => {
    for (const { level, entry } of messages) {
      if (level === SynthesisMessageLevel.WARNING) warn(`${stackName}: ${entry.data}`);
    }
    const file = `${stackName}.template.json`;
    writeFileSync(join(out, file), JSON.stringify(withoutCdk(template), undefined, 2));
    return file;
  });
}

/** A template whose functions have the code of the folder beside it, and that asks for nothing that `cdk bootstrap` makes. */
function withoutCdk({ Parameters: _, Rules: __, ...template }: Template): object {
  const resources = Object.entries(template.Resources).map(([id, resource]) => {
    const named = UPLOADED.get(resource.Type);
    return [id, named ? { ...resource, Properties: { ...resource.Properties, ...named } } : resource];
  });
  const parameter = { Type: 'String', Description: `Address of ${MEMBER.file} in S3, which you have put there` };
  const hasMember = Object.values(template.Resources).some(({ Type }) => Type === 'AWS::CloudFormation::StackSet');
  return {
    ...template,
    ...(hasMember && { Parameters: { [MEMBER.parameter]: parameter } }),
    Resources: Object.fromEntries(resources),
  };
}

if (import.meta.main) {
  const out = process.argv[2] ?? OUT;
  for (const file of writeTemplates(cdk.context.kubevigil, await bundleHandler(), out, console.error))
    console.log(join(out, file));
}
