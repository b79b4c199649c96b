/** The SSM document in a stack. Tested by test/infra/permissions.test.ts. */
import type { Stack } from 'aws-cdk-lib';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { CollectDocument } from '../lambda/nodes/document.ts';

/** Adds the document to a stack; every target needs it under the same name. */
export function addDocument(stack: Stack, document: CollectDocument): CfnDocument {
  const added = new CfnDocument(stack, 'Document', {
    name: document.name,
    documentType: 'Command',
    documentFormat: 'JSON',
    targetType: '/AWS::EC2::Instance',
    content: {},
  });
  // A string reaches SSM as it is, so its hash is known here; an object would be written anew by CloudFormation
  // (aws-cloudformation-resource-providers-ssm, aws-ssm-document). The construct only knows objects.
  added.addPropertyOverride('Content', document.content);
  return added;
}

/** ARN of the document in the stack's own account and region. */
export function documentArn(stack: Stack, document: CollectDocument): string {
  return stack.formatArn({ service: 'ssm', resource: 'document', resourceName: document.name });
}
