/** CloudFormation: the outputs of stacks that are there; AWS query protocol (API version 2010-05-15). Tested by test/simulator/aws/lambda.test.ts. */
import { failure, notImplemented } from './failure.ts';
import type { Operation, Service } from './service.ts';
import { element, wrap } from './xml.ts';

/** One stack by its name; a name that there is not is a ValidationError (API reference of DescribeStacks). */
const describeStacks: Operation = ({ input, target, caller, state }) => {
  const { StackName = '', ...others } = input as Record<string, string>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw notImplemented(`the parameter ${unknown} of DescribeStacks`);
  if (StackName === '') throw notImplemented('DescribeStacks without a name');
  const stacks = new Map(Object.entries(target.stacks));
  const outputs = stacks.get(StackName);
  if (!outputs) throw failure(400, 'ValidationError', `Stack with id ${StackName} does not exist`);
  const members = Object.entries(outputs).map(([key, value]) =>
    wrap('member', element('OutputKey', key), element('OutputValue', value)),
  );
  const id = `arn:aws:cloudformation:${caller.region}:${caller.account}:stack/${StackName}/embedded`;
  const stack = wrap(
    'member',
    element('StackName', StackName),
    element('StackId', id),
    element('StackStatus', 'CREATE_COMPLETE'),
    element('CreationTime', state.startedAt.toISOString()),
    wrap('Outputs', ...members),
  );
  return wrap('Stacks', stack);
};

export const cloudformation: Service = {
  protocol: 'query',
  namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
  operations: { DescribeStacks: describeStacks },
};
