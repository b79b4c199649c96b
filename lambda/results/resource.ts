/**
 * What a node is to AWS: an instance of EC2, or a managed node of Systems Manager outside of it (a hybrid node). Sources:
 * Service Authorization Reference, "Resource types defined by" Amazon EC2 and AWS Systems Manager; AWS Config Developer Guide,
 * "Supported resource types".
 * Tested by test/results/resource.test.ts.
 */
import { isHybrid } from '../platforms/signs.ts';
import type { NodeIdentity } from './node-line.ts';

export type Resource = {
  /** As AWS Config names its type. */
  type: 'AWS::EC2::Instance' | 'AWS::SSM::ManagedInstanceInventory';
  arn: string;
};

/** The resource that a node is in this partition (`aws`, `aws-us-gov`, …). */
export function resourceOf({ id, account = '', region = '' }: NodeIdentity, partition: string): Resource {
  return isHybrid(id)
    ? {
        type: 'AWS::SSM::ManagedInstanceInventory',
        arn: `arn:${partition}:ssm:${region}:${account}:managed-instance/${id}`,
      }
    : { type: 'AWS::EC2::Instance', arn: `arn:${partition}:ec2:${region}:${account}:instance/${id}` };
}
