/** SNS: Publish to a standard topic and GetTopicAttributes, in the AWS query protocol (API version 2010-03-31). */
import { type Failure, failure, notImplemented } from './failure.ts';
import type { Operation, Service } from './service.ts';
import type { Message, TargetState } from './state.ts';
import { element, wrap } from './xml.ts';

/** Bytes of message and attributes together (reference of Publish; topics can be raised to 1 MiB, ours are not). */
const LARGEST = 262_144;

/** Characters of a subject: "less than 100" (reference of Publish). */
const SUBJECT_LIMIT = 100;

const PROTOCOLS = [
  'default',
  'email',
  'email-json',
  'http',
  'https',
  'lambda',
  'sqs',
  'sms',
  'firehose',
  'application',
];

type Attributes = Message['attributes'];

/** Keeps the message. Errors: InvalidParameter, NotFound, AuthorizationError. */
const publish: Operation = ({ input, target, state }) => {
  const { attributes, ...fields } = readRequest(input as Record<string, string>);
  const { TopicArn, Message: message = '', Subject, MessageStructure } = fields;
  const arn = readArn(TopicArn, target.region);
  if (message === '') throw invalid('Empty message');
  if (Subject !== undefined && !isSubject(Subject)) throw invalid('Subject');
  if (MessageStructure !== undefined && MessageStructure !== 'json') throw invalid('MessageStructure');
  if (Buffer.byteLength(message) + size(attributes) > LARGEST) throw invalid('Message too long');
  const bodies = MessageStructure === 'json' ? readBodies(message) : { default: message };
  checkTopic(arn, target, 'Publish');
  const { account, region } = target;
  const messageId = state.uuid();
  state.messages.push({
    messageId,
    account,
    region,
    topicArn: arn,
    ...(Subject !== undefined && { subject: Subject }),
    message,
    bodies,
    attributes,
    publishedAt: state.now(),
  });
  return element('MessageId', messageId);
};

/** What is known of a topic without a policy or a subscription of its own. Errors: InvalidParameter, NotFound, AuthorizationError. */
const getTopicAttributes: Operation = ({ input, target }) => {
  const { TopicArn, ...others } = input as Record<string, string>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw notImplemented(`the parameter ${unknown} of GetTopicAttributes`);
  const arn = readArn(TopicArn, target.region);
  checkTopic(arn, target, 'GetTopicAttributes');
  const attributes = { TopicArn: arn, Owner: target.account };
  const entries = Object.entries(attributes).map(([key, value]) =>
    wrap('entry', element('key', key), element('value', value)),
  );
  return wrap('Attributes', ...entries);
};

function readArn(arn: string | undefined, region: string): string {
  if (arn === undefined) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
  const parts = /^arn:aws:sns:([^:]+):\d{12}:[A-Za-z0-9_-]{1,256}$/.exec(arn);
  if (parts?.[1] !== region) throw invalid('TopicArn');
  return arn;
}

function checkTopic(arn: string, { account, topics }: TargetState, operation: string): void {
  if (arn.split(':')[4] !== account) {
    const who = `arn:aws:iam::${account}:root`;
    const text = `User: ${who} is not authorized to perform: SNS:${operation} on resource: ${arn}`;
    throw failure(403, 'AuthorizationError', text);
  }
  if (!topics.has(arn)) throw failure(404, 'NotFound', 'Topic does not exist');
}

function invalid(what: string): Failure {
  return failure(400, 'InvalidParameter', `Invalid parameter: ${what}`);
}

const FIELDS = ['TopicArn', 'Message', 'Subject', 'MessageStructure'] as const;

function readRequest(input: Record<string, string>) {
  const entries: Record<string, { name?: string; type?: string; value?: string }> = {};
  const fields: Partial<Record<(typeof FIELDS)[number], string>> = {};
  for (const [name, value] of Object.entries(input)) {
    const attribute = /^MessageAttributes\.entry\.(\d+)\.(Name|Value\.DataType|Value\.StringValue)$/.exec(name);
    const field = FIELDS.find((each) => each === name);
    if (field) fields[field] = value;
    else if (attribute) {
      const entry = entries[attribute[1] ?? ''] ?? {};
      entries[attribute[1] ?? ''] = entry;
      if (attribute[2] === 'Name') entry.name = value;
      else if (attribute[2] === 'Value.DataType') entry.type = value;
      else entry.value = value;
    } else throw notImplemented(`the parameter ${name} of Publish`);
  }
  const attributes: [string, Attributes[string]][] = [];
  for (const { name = '', type = '', value = '' } of Object.values(entries)) {
    if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name)) throw badAttribute(`the name ${JSON.stringify(name)} is not allowed`);
    if (!/^(String|Number|String\.Array)(\..+)?$/.test(type)) throw badAttribute(`${name} has no supported type`);
    if (value === '') throw badAttribute(`'${name}' must contain non-empty message attribute value for its type`);
    attributes.push([name, { type, value }]);
  }
  return { ...fields, attributes: Object.fromEntries(attributes) };
}

function badAttribute(what: string): Failure {
  return failure(400, 'ParameterValueInvalid', `The message attribute is invalid: ${what}.`);
}

/** ASCII that begins with a letter, number or punctuation mark, without control characters, under 100 characters. */
function isSubject(subject: string): boolean {
  return subject.length < SUBJECT_LIMIT && /^[\x21-\x7e][\x20-\x7e]*$/.test(subject);
}

function size(attributes: Attributes): number {
  const texts = Object.entries(attributes).flatMap(([name, { type, value }]) => [name, type, value]);
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** By protocol. Values that are not strings, and keys that are no protocol, are ignored (reference of Publish). */
function readBodies(message: string): Record<string, string> {
  let json: unknown;
  try {
    json = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const bodies = Object.entries(json).filter(([key, value]) => typeof value === 'string' && PROTOCOLS.includes(key));
  if (!bodies.some(([key]) => key === 'default')) {
    throw invalid('Message Structure - No default entry in JSON message body');
  }
  return Object.fromEntries(bodies);
}

export const sns: Service = {
  protocol: 'query',
  namespace: 'http://sns.amazonaws.com/doc/2010-03-31/',
  operations: { Publish: publish, GetTopicAttributes: getTopicAttributes },
};
