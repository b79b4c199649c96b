/**
 * Systems Manager as a fleet scanner uses it. Limits and texts are those of the API reference and of the service model
 * (botocore data/ssm/2014-11-06); the protocol is AWS JSON 1.1, which the SDK's client speaks.
 * Tested by test/simulator/aws/ssm-answers.test.ts.
 */
import type { Service } from './service.ts';
import { describeDocument, getDocument } from './ssm/describe.ts';
import { getCommandInvocation, listCommandInvocations } from './ssm/invocations.ts';
import { listCommands } from './ssm/list.ts';
import { describeInstanceInformation, listTagsForResource } from './ssm/managed.ts';
import { sendCommand } from './ssm/send.ts';

export const ssm: Service = {
  protocol: 'json',
  target: 'AmazonSSM',
  operations: {
    SendCommand: sendCommand,
    ListCommands: listCommands,
    ListCommandInvocations: listCommandInvocations,
    GetCommandInvocation: getCommandInvocation,
    DescribeInstanceInformation: describeInstanceInformation,
    ListTagsForResource: listTagsForResource,
    GetDocument: getDocument,
    DescribeDocument: describeDocument,
  },
};
