/**
 * Command documents: what Systems Manager keeps of them, and the script that a node gets from one.
 * Tested by test/simulator/aws/ssm-send.test.ts.
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { failure } from '../failure.ts';
import type { DocumentOptions } from '../options.ts';

export type Document = {
  name: string;
  version: string;
  isDefault: boolean;
  content: string;
  /** Lower-case hexadecimal SHA-256 of the content. */
  hash: string;
  /** Name of the only step, by which CommandPlugins and GetCommandInvocation call it. */
  step: string;
  commands: string[] | string;
  timeout: number | string;
  parameters: Record<string, { type: string; default?: unknown }>;
  /** Platform that the step's precondition asks for; a node of another one skips the step. */
  precondition?: string;
  /** Platforms of the whole document; a node of another one gets `Invalid Platform`. */
  platforms: string[];
  owner?: 'Amazon';
  sharedWith: readonly string[];
};

/** Size limit of a document: 64 KB (quotas of AWS Systems Manager). */
const MAXIMUM_BYTES = 64 * 1024;

const PARAMETER = v.looseObject({ type: v.string(), default: v.optional(v.unknown()) });

const CONTENT = v.object({
  schemaVersion: v.literal('2.2'),
  parameters: v.optional(v.record(v.string(), PARAMETER), {}),
  mainSteps: v.pipe(
    v.array(
      v.looseObject({
        action: v.picklist(['aws:runShellScript', 'aws:runPowerShellScript']),
        name: v.pipe(v.string(), v.regex(/^[a-zA-Z0-9_]+$/, 'letters, digits and _')),
        precondition: v.optional(
          v.strictObject({
            StringEquals: v.tuple([v.literal('platformType'), v.picklist(['Linux', 'Windows', 'MacOS'])]),
          }),
        ),
        inputs: v.looseObject({
          runCommand: v.union([v.array(v.string()), v.string()]),
          timeoutSeconds: v.optional(v.union([v.number(), v.string()]), 3600),
        }),
      }),
    ),
    v.length(1, 'the embedded endpoints run documents of exactly one step'),
  ),
});

/** Reads a document that the options list; throws an error that says what is wrong with it. */
export function parseDocument(options: DocumentOptions): Document {
  const { name, content, version = '1', isDefault = false, sharedWith = [] } = options;
  const where = `SSM document ${name}`;
  if (Buffer.byteLength(content) > MAXIMUM_BYTES) throw new Error(`${where} is larger than 64 KB`);
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (cause) {
    throw new Error(`${where} must be JSON`, { cause });
  }
  const parsed = v.safeParse(CONTENT, json);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    throw new Error(`${where}: ${v.getDotPath(issue) ?? 'content'}: ${issue.message}`);
  }
  const [step] = parsed.output.mainSteps;
  if (!step) throw new Error(`${where} has no step`);
  const { parameters } = parsed.output;
  for (const [text, parameter] of JSON.stringify(step.inputs).matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
    if (!Object.hasOwn(parameters, parameter ?? '')) throw new Error(`${where} uses ${text} but does not declare it`);
  }
  const precondition = step.precondition?.StringEquals[1];
  return {
    name,
    version,
    isDefault,
    content,
    hash: createHash('sha256').update(content).digest('hex'),
    step: step.name,
    commands: step.inputs.runCommand,
    timeout: step.inputs.timeoutSeconds,
    parameters: parameters as Document['parameters'],
    ...(precondition && { precondition }),
    platforms: ['Linux', 'MacOS', 'Windows'],
    sharedWith,
  };
}

/** AWS's own documents for scripts, as far as their callers can tell: each plugin is called by its action. */
const amazons = (name: string, action: string, platforms: string[]): Document => ({
  ...parseDocument({
    name,
    content: JSON.stringify({
      schemaVersion: '2.2',
      description: 'Run a script or specify the commands to run.',
      parameters: {
        commands: { type: 'StringList' },
        workingDirectory: { type: 'String', default: '' },
        executionTimeout: { type: 'String', default: '3600' },
      },
      mainSteps: [
        {
          action,
          name: action.slice('aws:'.length),
          inputs: { runCommand: '{{ commands }}', timeoutSeconds: '{{ executionTimeout }}' },
        },
      ],
    }),
  }),
  step: action,
  platforms,
  owner: 'Amazon',
});

export const AMAZONS: readonly Document[] = [
  amazons('AWS-RunShellScript', 'aws:runShellScript', ['Linux', 'MacOS']),
  amazons('AWS-RunPowerShellScript', 'aws:runPowerShellScript', ['Windows', 'Linux']),
];

type Lookup = { account: string; region: string; documents: (account: string) => Document[] };

/**
 * Finds a document by name or, where it is shared with the caller, by ARN. Throws InvalidDocument or
 * InvalidDocumentVersion.
 */
export function findDocument(name: string, version: string | undefined, lookup: Lookup): Document {
  const arn = /^arn:aws:ssm:([^:]+):(\d{12}):document\/(.+)$/.exec(name);
  if (name.startsWith('arn:') && (!arn || arn[1] !== lookup.region)) throw invalidDocument(name);
  const owner = arn?.[2] ?? lookup.account;
  const versions = lookup
    .documents(owner)
    .filter((each) => each.name === (arn?.[3] ?? name))
    .filter((each) => owner === lookup.account || each.sharedWith.includes(lookup.account));
  const [first] = versions;
  if (!first) throw invalidDocument(name);
  if (version === '$LATEST') return versions.reduce((a, b) => (Number(b.version) > Number(a.version) ? b : a));
  if (version === undefined || version === '$DEFAULT') return versions.find((each) => each.isDefault) ?? first;
  const exact = versions.find((each) => each.version === version);
  if (!exact) {
    throw failure(400, 'InvalidDocumentVersion', `Document version, ${version}, does not exist for document, ${name}.`);
  }
  return exact;
}

function invalidDocument(name: string) {
  return failure(400, 'InvalidDocument', `Document with name ${name} does not exist.`);
}

/** Puts parameters into the script. Throws InvalidParameters for unknown ones and for missing required ones. */
export function renderScript(document: Document, given: Record<string, string[]>) {
  const values = new Map<string, string[]>();
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(document.parameters, name)) {
      throw failure(400, 'InvalidParameters', `Parameter "${name}" is not defined in document ${document.name}.`);
    }
  }
  for (const [name, { type, default: fallback }] of Object.entries(document.parameters)) {
    const value =
      (Object.hasOwn(given, name) ? given[name] : undefined) ??
      (fallback === undefined ? undefined : [fallback].flat().map(String));
    if (!value) throw failure(400, 'InvalidParameters', `Parameter "${name}" requires a value.`);
    if (type !== 'StringList' && value.length !== 1) {
      throw failure(400, 'InvalidParameters', `Parameter "${name}" takes one value, got ${value.length}.`);
    }
    values.set(name, value);
  }
  const commands = [document.commands].flat().flatMap((line) => interpolate(line, values));
  return { commands, timeoutSeconds: Number(interpolate(String(document.timeout), values)[0]) || 3600 };
}

/** A line that is nothing but a list parameter becomes its items; inside a line, a parameter becomes text. */
function interpolate(line: string, values: Map<string, string[]>): string[] {
  const whole = /^\{\{\s*(\w+)\s*\}\}$/.exec(line);
  const list = whole?.[1] === undefined ? undefined : values.get(whole[1]);
  if (list) return list;
  return [line.replace(/\{\{\s*(\w+)\s*\}\}/g, (text, name: string) => values.get(name)?.join(' ') ?? text)];
}
