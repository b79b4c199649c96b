import { podPidsLimit } from '../../lambda/rules/pod-pids-limit.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(podPidsLimit, {
  'a limit passes': {
    settings: { podPidsLimit: inFile(4096) },
    status: 'pass',
    audit: 'pass',
    reason: /podPidsLimit is 4096 from \/var/,
    remediation: false,
  },
  'absent is no limit': {
    status: 'fail',
    audit: 'fail',
    reason: /-1 from the kubelet's default: a pod may start processes/,
    remediation: /4096 is an example\. Set `podPidsLimit: 4096`/,
  },
  // kube-bench passes any value that is set, -1 included.
  'minus one is no limit, though it satisfies the audit': {
    settings: { podPidsLimit: byFlag(-1, '--pod-max-pids=-1') },
    status: 'fail',
    audit: 'pass',
    reason: /-1 from flag --pod-max-pids=-1/,
  },
  'zero is no limit either': { settings: { podPidsLimit: inFile(0) }, status: 'fail', audit: 'pass', reason: /is 0/ },
  'Bottlerocket has a setting for it': {
    evidence: { os: { id: 'bottlerocket' } },
    status: 'fail',
    audit: 'fail',
    reason: /-1/,
    remediation: /pod-pids-limit = 4096/,
  },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
