/**
 * Answers what a role may do by walking the policies of synthesised templates, as IAM does: denied unless allowed, and
 * never where anything denies (IAM user guide, "Policy evaluation logic"). It knows only what our policies use and
 * throws at anything else, so that a policy it does not understand is never taken for harmless.
 */
import assert from 'node:assert/strict';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Resource = { Type: string; Properties?: Record<string, Json> };
export type Template = {
  Resources: Record<string, Resource>;
  Outputs?: Record<string, Json>;
  Mappings?: Record<string, Record<string, Record<string, string>>>;
};

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

const PSEUDO: Record<string, string> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The ARN that a resource of the template would get, with its logical id for a name. */
function arnOf(template: Template, id: string): string {
  const type = template.Resources[id]?.Type;
  const local = `${REGION}:${ACCOUNT}`;
  switch (type) {
    case 'AWS::S3::Bucket':
      return `arn:aws:s3:::${id.toLowerCase()}`;
    case 'AWS::KMS::Key':
      return `arn:aws:kms:${local}:key/${id}`;
    case 'AWS::CloudWatch::Alarm':
      return `arn:aws:cloudwatch:${local}:alarm:${id}`;
    case 'AWS::SNS::Topic':
      return `arn:aws:sns:${local}:${id}`;
    case 'AWS::SQS::Queue':
      return `arn:aws:sqs:${local}:${id}`;
    case 'AWS::Logs::LogGroup':
      return `arn:aws:logs:${local}:log-group:${id}:*`;
    case 'AWS::Lambda::Function':
      return `arn:aws:lambda:${local}:function:${id}`;
    case 'AWS::Lambda::Alias':
      return `arn:aws:lambda:${local}:function:${id}:live`;
    case 'AWS::Lambda::Version':
      return `arn:aws:lambda:${local}:function:${id}:7`;
    case 'AWS::IAM::Role':
      return `arn:aws:iam::${ACCOUNT}:role/${id}`;
    default:
      throw new Error(`no ARN is known for ${id} of type ${type}`);
  }
}

/** Types whose Ref is their ARN. */
const REF_IS_ARN = new Set(['AWS::SNS::Topic', 'AWS::Lambda::Alias', 'AWS::Lambda::Version']);

/** A value of a template with Ref, GetAtt and Join carried out; other functions stay as they are. */
export function resolve(template: Template, value: Json): Json {
  if (Array.isArray(value)) return value.map((each) => resolve(template, each));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', null], ...more] = Object.entries(value);
  if (more.length === 0 && name === 'Ref') {
    const id = String(argument);
    const pseudo = PSEUDO[id];
    if (pseudo !== undefined) return pseudo;
    return REF_IS_ARN.has(template.Resources[id]?.Type ?? '') ? arnOf(template, id) : id.toLowerCase();
  }
  if (more.length === 0 && name === 'Fn::GetAtt') {
    const [id, attribute] = [argument].flat().map(String);
    return attribute === 'Arn' ? arnOf(template, id ?? '') : `${id}.${attribute}`;
  }
  if (more.length === 0 && name === 'Fn::Join') {
    assert.ok(Array.isArray(argument) && Array.isArray(argument[1]));
    return argument[1].map((each) => resolve(template, each)).join(String(argument[0]));
  }
  if (more.length === 0 && name === 'Fn::FindInMap') {
    const [map, top, second] = (resolve(template, argument) as Json[]).map(String);
    return template.Mappings?.[map ?? '']?.[top ?? '']?.[second ?? ''] ?? assert.fail(`${map} has no ${top} ${second}`);
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(template, each)]));
}

export type Statement = {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource: string[];
  Principal?: Json;
  Condition: Record<string, Record<string, string | string[]>>;
};

const KNOWN = new Set(['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition']);

function statements(template: Template, document: Json | undefined): Statement[] {
  const resolved = resolve(template, document ?? null) as { Statement: Record<string, Json>[] };
  return resolved.Statement.map((statement) => {
    // NotAction, NotResource and NotPrincipal turn a policy upside down.
    for (const key of Object.keys(statement)) assert.ok(KNOWN.has(key), `${key} is not known here`);
    const many = (value: Json | undefined) =>
      [value ?? []]
        .flat()
        .map((each) => (typeof each === 'string' ? each : assert.fail(`${JSON.stringify(each)} is not known here`)));
    return {
      ...statement,
      Action: many(statement.Action),
      Resource: many(statement.Resource),
      Condition: statement.Condition ?? {},
    } as Statement;
  });
}

/** All statements of the policies of a role: in the role, attached to it, and managed ones (of which there are none). */
export function statementsOf(template: Template, roleId: string): Statement[] {
  const role = template.Resources[roleId];
  assert.equal(role?.Type, 'AWS::IAM::Role');
  assert.equal(role.Properties?.ManagedPolicyArns, undefined, `${roleId} has a managed policy`);
  assert.equal(role.Properties?.Policies, undefined, `${roleId} has an inline policy`);
  const found: Statement[] = [];
  for (const { Type, Properties } of Object.values(template.Resources)) {
    assert.notEqual(Type, 'AWS::IAM::ManagedPolicy');
    if (Type !== 'AWS::IAM::Policy' || !Properties) continue;
    const roles = Properties.Roles as { Ref: string }[];
    if (roles.some((each) => each.Ref === roleId)) found.push(...statements(template, Properties.PolicyDocument));
  }
  return found;
}

/** The statements of the policy of a bucket, topic or queue. */
export function resourceStatements(template: Template, type: string, key: string, id: string): Statement[] {
  const policy = Object.values(template.Resources).find(
    ({ Type, Properties }) => Type === type && JSON.stringify(Properties?.[key]).includes(`"${id}"`),
  );
  return statements(template, policy?.Properties?.PolicyDocument);
}

/** `*` and `?` of IAM; matching is on the whole text. */
function matches(pattern: string, text: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 's').test(text);
}

/** Keys of the request by their names as policies write them; a key that is absent is absent from the request. */
export type Context = Record<string, string | readonly string[]>;

function holds(condition: Statement['Condition'], context: Context): boolean {
  return Object.entries(condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) => {
      const values = [expected].flat().map(String);
      const given = context[key];
      if (operator === 'ForAllValues:StringEquals') return [given ?? []].flat().every((each) => values.includes(each));
      // Of a key of many values the other operators may match or not: they are held to fail.
      const actual = typeof given === 'string' ? given : undefined;
      switch (operator) {
        case 'Null':
          return values.includes(String(given === undefined));
        case 'StringEquals':
        case 'Bool':
          return actual !== undefined && values.includes(actual);
        case 'ArnEquals':
        case 'StringLike':
          return actual !== undefined && values.some((value) => matches(value, actual));
        case 'NumericLessThan':
          return actual !== undefined && values.some((value) => Number(actual) < Number(value));
        default:
          throw new Error(`the condition operator ${operator} is not known here`);
      }
    }),
  );
}

/** One request: IAM action, ARN of what it is about, and its context. */
export type Request = { action: string; resource: string; context?: Context };

/** Whether `allowing` let the request through and nothing in `denying` stops it. */
export function allowed(allowing: Statement[], { action, resource, context = {} }: Request, denying: Statement[] = []) {
  const applies = (statement: Statement) =>
    statement.Action.some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase())) &&
    statement.Resource.some((pattern) => matches(pattern, resource)) &&
    holds(statement.Condition, context);
  const every = [...allowing, ...denying];
  if (every.some((statement) => statement.Effect === 'Deny' && applies(statement))) return false;
  return allowing.some((statement) => statement.Effect === 'Allow' && applies(statement));
}
