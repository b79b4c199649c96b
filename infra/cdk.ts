/** What `kubevigil/cdk` exports: the constructs for other CDK apps. Tested by test/infra/kubevigil.test.ts. */
export { Kubevigil } from './kubevigil.ts';
export { KubevigilMember, type KubevigilMemberProps } from './member.ts';
export { KubevigilOrganization, type KubevigilOrganizationProps } from './organization.ts';
export type {
  KubevigilAccounts,
  KubevigilExisting,
  KubevigilNetwork,
  KubevigilProps,
  KubevigilRetention,
  KubevigilRoute,
  KubevigilTarget,
} from './props.ts';
