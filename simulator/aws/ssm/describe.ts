/**
 * GetDocument and DescribeDocument: what a sender needs to pin a document's version and hash.
 * Tested by test/simulator/aws/ssm-send.test.ts.
 */
import * as v from 'valibot';
import { readInput, text } from '../input.ts';
import type { Operation, Request } from '../service.ts';
import { targetOf } from '../state.ts';
import { type Document, findDocument } from './document.ts';

const INPUT = v.strictObject({
  Name: text(1, 1024, /^[a-zA-Z0-9_\-.:/]{3,128}$/),
  DocumentVersion: v.optional(text(1, 20, /^([$]LATEST|[$]DEFAULT|[1-9][0-9]*)$/)),
});

export const getDocument: Operation = (request) => {
  const document = find(request, v.strictObject({ ...INPUT.entries, DocumentFormat: v.optional(v.literal('JSON')) }));
  return { ...summary(document), Content: document.content };
};

export const describeDocument: Operation = (request) => {
  const document = find(request, INPUT);
  const versions = request.target.documents.filter(({ name }) => name === document.name);
  const byNumber = versions.map(({ version }) => version).sort((a, b) => Number(b) - Number(a));
  return {
    Document: {
      ...summary(document),
      Hash: document.hash,
      HashType: 'Sha256',
      Owner: document.owner ?? request.target.account,
      PlatformTypes: document.platforms,
      SchemaVersion: '2.2',
      TargetType: '/',
      DefaultVersion: (versions.find(({ isDefault }) => isDefault) ?? versions[0] ?? document).version,
      LatestVersion: byNumber[0] ?? document.version,
    },
  };
};

function find({ input, target, state }: Request, schema: typeof INPUT | v.GenericSchema): Document {
  const { Name, DocumentVersion } = readInput(schema as typeof INPUT, input, 'GetDocument');
  return findDocument(Name, DocumentVersion, {
    account: target.account,
    region: target.region,
    documents: (account) => targetOf(state, account, target.region).documents,
  });
}

function summary({ name, version }: Document): object {
  return { Name: name, DocumentVersion: version, Status: 'Active', DocumentType: 'Command', DocumentFormat: 'JSON' };
}
