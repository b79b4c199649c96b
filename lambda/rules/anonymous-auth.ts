import { booleanSetting } from '../criteria/boolean-setting.ts';
import { withCallers } from '../criteria/callers.ts';
import type { Rule } from '../criteria/rule.ts';

export const anonymousAuth: Rule = {
  name: 'anonymous-auth',
  title: 'The kubelet refuses anonymous requests',
  failureTitle: 'The kubelet answers anonymous requests',
  why: "The kubelet's port 10250 can list pods, read logs and run commands in containers. With anonymous requests on, whoever reaches the port is let through to authorization without saying who they are; together with AlwaysAllow that is control of every pod on the node.",
  severity: 'critical',
  procedure: {
    expected: 'authentication.anonymous.enabled is false',
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
  ],
  check: withCallers(
    booleanSetting({
      setting: 'authentication.anonymous.enabled',
      flag: 'anonymous-auth',
      wanted: false,
      absent: 'fail',
    }),
  ),
};
