import { ipAddressDeny } from '../../lambda/rules/ip-address-deny.ts';
import { table } from './table.ts';

table(ipAddressDeny, {
  // kube-bench searches for a flag --IPAddressDeny, which no kubelet has.
  'a person must look at the unit': {
    status: 'manual',
    reason: /unit kubelet\.service denies/,
    remediation: /`systemctl show kubelet\.service -p IPAddressDeny -p IPAddressAllow`/,
  },
  'the unit is the one that runs this kubelet': {
    kubelet: { unit: 'snap.kubelet-eks.daemon.service' },
    status: 'manual',
    reason: /snap\.kubelet-eks\.daemon\.service/,
    remediation: /systemctl restart snap\.kubelet-eks\.daemon/,
  },
  'outside of EC2 there are no security groups': {
    evidence: { os: { id: 'bottlerocket', version: '1.50.0', variant: 'vmware-k8s-1.33' } },
    status: 'manual',
    reason: /must look/,
    remediation: /Check the firewall in front of port 10250: Bottlerocket has no setting/,
    never: /security group/,
  },
  'of a kubelet that was not read its unit is not known': {
    noUnit: true,
    kubelet: { unread: 'its arguments are empty or could not be read' },
    status: 'error',
    reason: /kubelet-restart/,
  },
  'without a unit it cannot apply': { noUnit: true, status: 'manual', reason: /not run as a systemd unit/ },
  'a hostile unit name reaches no command line': {
    kubelet: { unit: 'x; rm -rf /' },
    status: 'manual',
    reason: /not run as a systemd unit/,
    never: /rm -rf/,
  },
  'manual whatever the kubelet makes of its inputs': {
    error: 'unknown flag: --x',
    status: 'manual',
    reason: /must look/,
  },
});
