/**
 * The SSM documents in a stack: those that this version sends, one for Linux and one for Windows, and those of versions before.
 *
 * A scan in flight goes on with the code and the document that it began with, and members are not updated at the same
 * moment as the scanner. So every template keeps and permits what `documents/` holds besides its own. A document's logical
 * id has the hash of its content: an update adds and removes documents and never replaces one.
 * Tested by test/infra/update.test.ts.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { type CollectDocument, collectDocument, documentOf, windowsDocument } from '../lambda/nodes/document.ts';

const FOLDER = new URL('./documents/', import.meta.url);

/** The document of version 0.1.0, whose logical id had no hash; under another one CloudFormation would create it twice. */
const FIRST = 'bfb09adf0b539616';

/** Every kind of managed node, so hybrid ones too (AWS Systems Manager API reference, CreateDocument, TargetType). */
const ALL_NODES = '/';

/** Contents of the documents of earlier versions that scans and scanners may still send. */
function earlierContents(): string[] {
  return readdirSync(FOLDER)
    .sort()
    .map((file) => readFileSync(new URL(file, FOLDER), 'utf8'));
}

/** The documents of a scanner: the current ones for Linux and for Windows first. */
export function documentsOf(
  scanner: string,
  linux: CollectDocument = collectDocument(undefined, scanner),
): CollectDocument[] {
  const windows = windowsDocument(undefined, scanner);
  const earlier = earlierContents().map((content) => documentOf(content, scanner));
  return [linux, windows, ...earlier.filter(({ name }) => name !== linux.name && name !== windows.name)];
}

/** Adds the documents below a construct; every target needs them under the same names. */
export function addDocuments(scope: Construct, documents: readonly CollectDocument[]): CfnDocument[] {
  return documents.map((document) => {
    const hash = document.hash.slice(0, 16);
    const added = new CfnDocument(scope, hash === FIRST ? 'Document' : `Document${hash}`, {
      name: document.name,
      documentType: 'Command',
      documentFormat: 'JSON',
      targetType: hash === FIRST ? '/AWS::EC2::Instance' : ALL_NODES,
      content: {},
    });
    // A string reaches SSM as it is, so its hash is known here; an object would be written anew by CloudFormation
    // (aws-cloudformation-resource-providers-ssm, aws-ssm-document). The construct only knows objects.
    added.addPropertyOverride('Content', document.content);
    return added;
  });
}

/** ARN of a document in the stack's own account and region. */
export function documentArn(stack: Stack, document: CollectDocument): string {
  return stack.formatArn({ service: 'ssm', resource: 'document', resourceName: document.name });
}
