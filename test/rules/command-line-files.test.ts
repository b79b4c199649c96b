import type { FileEvidence, FileRole } from '../../lambda/kubelet/evidence.ts';
import { commandLineFiles } from '../../lambda/rules/command-line-files.ts';
import { table } from './table.ts';

const UNIT = '/usr/lib/systemd/system/kubelet.service';
const FLAGS = '/var/lib/kubelet/kubeadm-flags.env';
const file = (role: FileRole, path: string, mode = '644', uid = 0, gid = 0): FileEvidence => ({
  path,
  role,
  state: 'file',
  mode,
  uid,
  gid,
});
const folder = (path: string, mode = '755', uid = 0, gid = 0, role: FileRole = 'folder'): FileEvidence => ({
  ...file(role, path, mode, uid, gid),
  state: 'directory',
});
const usual = [
  file('service', UNIT),
  folder('/usr/lib/systemd/system'),
  file('environment', FLAGS),
  folder('/var/lib/kubelet'),
  file('program', '/usr/bin/kubelet', '755'),
  folder('/opt/cni/bin', '755', 0, 0, 'cni'),
];
const among = (...files: FileEvidence[]) => ({ kubelet: { files: [...usual, ...files] } });

table(commandLineFiles, {
  'nothing is known of the files of a kubelet that was not read': {
    noUnit: true,
    kubelet: { files: [], unread: 'its arguments are empty or could not be read' },
    status: 'error',
    reason: /kubelet-restart/,
  },
  'what kubeadm makes': {
    ...among(),
    status: 'pass',
    reason: /^Only root may write .*: 6 files and folders were looked at\.$/,
    remediation: false,
  },
  // In no control of the benchmark, and whoever writes it is root.
  'an environment file of another user that everybody may write': {
    ...among(file('environment', '/etc/default/kubelet', '666', 1000, 1000)),
    status: 'fail',
    reason: /\/etc\/default\/kubelet belongs to user 1000: whoever may write there decides what root runs/,
    remediation: /chown root:root \/etc\/default\/kubelet && chmod go-w \/etc\/default\/kubelet/,
  },
  'a drop-in for everybody': {
    ...among(file('service', '/etc/systemd/system/kubelet.service.d/20-site.conf', '646')),
    status: 'fail',
    reason: /20-site\.conf may be written by everybody \(mode 646\)/,
  },
  'a folder on the way of a user': {
    ...among(folder('/opt/k8s', '755', 1001)),
    status: 'fail',
    reason: /\/opt\/k8s belongs to user 1001/,
  },
  'a folder on the way for a group': {
    ...among(folder('/etc/sysconfig', '775', 0, 27)),
    status: 'fail',
    reason: /\/etc\/sysconfig may be written by group 27 \(mode 775\)/,
  },
  'the group root is root': { ...among(folder('/etc/sysconfig', '775')), status: 'pass', reason: /Only root/ },
  'a sticky folder keeps files of root': {
    ...among(folder('/var/tmp', '1777')),
    status: 'pass',
    reason: /Only root/,
  },
  'but everybody may add what is missing there': {
    ...among(folder('/var/tmp', '1777'), { path: '/var/tmp/kubelet.env', role: 'environment', state: 'missing' }),
    status: 'fail',
    reason: /\/var\/tmp may be written by everybody \(mode 1777\)/,
  },
  // systemd reads every drop-in, and a unit in /etc before that of the package (systemd.unit(5)).
  'nor does a sticky folder of drop-ins keep anything': {
    ...among(folder('/etc/systemd/system/kubelet.service.d', '1777')),
    status: 'fail',
    reason: /kubelet\.service\.d may be written by everybody \(mode 1777\)/,
  },
  'nor one of units': {
    ...among(folder('/etc/systemd/system', '1775', 0, 50)),
    status: 'fail',
    reason: /\/etc\/systemd\/system may be written by group 50 \(mode 1775\)/,
  },
  'a group that was not seen': {
    ...among({ path: '/etc/default/kubelet', role: 'environment', state: 'file', mode: '664', uid: 0 }),
    status: 'error',
    reason: /Who may write \/etc\/default\/kubelet is not in the evidence/,
  },
  'and a static pod more is one that runs': {
    ...among(folder('/etc/kubernetes/manifests', '1777', 0, 0, 'static-pods')),
    status: 'fail',
    reason: /manifests may be written by everybody/,
  },
  'a sticky folder of a user is the user’s': {
    ...among(folder('/home/kube', '1777', 1000)),
    status: 'fail',
    reason: /belongs to user 1000/,
  },
  'the program of another user': {
    ...among(file('program', '/home/ubuntu/bin/kubelet', '755', 1000)),
    status: 'fail',
    reason: /\/home\/ubuntu\/bin\/kubelet belongs to user 1000/,
  },
  'static pods, plugins, credential providers and CNI': {
    ...among(
      folder('/etc/kubernetes/manifests', '777', 0, 0, 'static-pods'),
      folder('/opt/plugins', '777', 0, 0, 'volume-plugins'),
      folder('/etc/eks/image-credential-provider', '777', 0, 0, 'credential-provider'),
      folder('/etc/cni/net.d', '777', 0, 0, 'cni'),
    ),
    status: 'fail',
    reason:
      /manifests may .*, \/opt\/plugins may .*, \/etc\/eks\/image-credential-provider may .*, \/etc\/cni\/net\.d may/,
  },
  'what is missing cannot be written; its folder is looked at': {
    ...among({ path: '/etc/default/kubelet', role: 'environment', state: 'missing' }),
    status: 'pass',
    reason: /6 files/,
  },
  'the configuration has controls of its own': {
    ...among(file('config', '/var/lib/kubelet/config.yaml', '666', 1000)),
    status: 'pass',
    reason: /6 files/,
  },
  'more than a command takes': {
    ...among(...[1, 2, 3, 4, 5, 6, 7].map((each) => folder(`/opt/${each}`, '777'))),
    status: 'fail',
    reason: /2 more: whoever/,
    remediation: /Do the same for the 2 more/,
  },
  'a path is one word to the shell': {
    ...among(file('environment', "/etc/a'; rm -rf /", '666')),
    status: 'fail',
    reason: /may be written by everybody/,
    remediation: /chmod go-w '\/etc\/a'\\''; rm -rf \/'/,
  },
  'Bottlerocket has no chmod': {
    ...among(file('environment', '/etc/kubernetes/kubelet/env', '666')),
    evidence: { os: { id: 'bottlerocket' } },
    status: 'fail',
    reason: /everybody/,
    never: /chmod go-w/,
  },
  'a file whose mode was not seen': {
    ...among({ path: '/etc/default/kubelet', role: 'environment', state: 'unreadable' }),
    status: 'error',
    reason: /Who may write \/etc\/default\/kubelet is not in the evidence/,
    remediation: /stat -L/,
  },
  'nor one whose path no command can hold': {
    ...among({ path: '/etc/a\nb', role: 'environment', state: 'unreadable' }),
    status: 'error',
    reason: /is not in the evidence/,
    remediation: /^Look at their modes and owners on the node\.$/,
  },
  'a kubelet in a container of its own, whose program is not known': {
    noUnit: true,
    kubelet: { files: [] },
    status: 'not-applicable',
    reason: /no systemd unit/,
  },
  'inputs that start no kubelet change nothing': {
    ...among(),
    error: 'unknown flag: --x',
    status: 'pass',
    reason: /Only root/,
  },
});
