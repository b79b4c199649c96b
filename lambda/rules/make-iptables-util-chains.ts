import { booleanSetting } from '../criteria/boolean-setting.ts';
import type { Rule } from '../criteria/rule.ts';

export const makeIptablesUtilChains: Rule = {
  name: 'make-iptables-util-chains',
  title: 'The kubelet manages its iptables utility chains',
  failureTitle: 'The kubelet leaves its iptables utility chains alone',
  why: "Services and pod networking rely on the KUBE-MARK and firewall chains. A kubelet that leaves them alone lets the node's packet rules drift from what the cluster's networking was configured for.",
  severity: 'low',
  procedure: {
    expected: 'makeIPTablesUtilChains is true, or not set',
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  linuxOnly: 'a kubelet of Windows makes no chains of iptables',
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
  ],
  check: booleanSetting({
    setting: 'makeIPTablesUtilChains',
    flag: 'make-iptables-util-chains',
    wanted: true,
    absent: 'pass',
  }),
};
