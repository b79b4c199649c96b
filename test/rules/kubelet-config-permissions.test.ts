import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { kubeletConfigPermissions } from '../../lambda/rules/kubelet-config-permissions.ts';
import { fileSubject, modeCases } from './file-cases.ts';
import { inFile } from './node.ts';
import { table } from './table.ts';

const PATH = '/var/lib/kubelet/config.yaml';
const subject = fileSubject(PATH, 'config');
const { file, missing } = subject;

table(kubeletConfigPermissions, {
  ...modeCases(subject),
  'of two files of --config only the one that the kubelet reads counts, also where it sets nothing that is judged': {
    configFile: '/etc/b.yaml',
    kubelet: { files: [file({ mode: '666' }), file({ mode: '600' }, '/etc/b.yaml')] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/etc\/b\.yaml has mode 600\.$/,
    remediation: false,
  },
  'OpenShift: a changed mode would make the node degraded, which is said before the command': {
    evidence: { os: { id: 'rhcos' } },
    kubelet: { files: [file({ mode: '644' })] },
    status: 'fail',
    audit: 'fail',
    reason: /has mode 644/,
    remediation: /^First make sure that no MachineConfig of the cluster holds the file, or set its mode .*`chmod 600 /,
  },
  'Talos has no shell in which a command could run': {
    evidence: { os: { id: 'talos' } },
    kubelet: { files: [file({ mode: '644' })] },
    status: 'fail',
    audit: 'fail',
    reason: /has mode 644/,
    remediation: /^Talos writes \/var\/lib\/kubelet\/config\.yaml itself/,
    never: /chmod/,
  },
  'the command only takes away: 660 does not become readable by everybody': {
    kubelet: { files: [file({ mode: '660' })] },
    status: 'fail',
    audit: 'fail',
    reason: /has mode 660; the benchmark allows at most 644\.$/,
    remediation: /`chmod g-w \/var\/lib\/kubelet\/config\.yaml`/,
    parameters: { maximumMode: '644' },
  },
  'nor does a file that its owner may not write become writable': {
    kubelet: { files: [file({ mode: '4577' })] },
    status: 'fail',
    audit: 'fail',
    reason: /has mode 4577/,
    remediation: /`chmod u-xs,g-rwx,o-rwx \/var/,
    parameters: { maximumMode: '600' },
  },
  'the name of a file is one word of the command, whatever the node calls it': {
    kubelet: {
      files: [file({ mode: '600' }), { ...file({ mode: '644' }, "/etc/k.d/a; $(reboot) 'x.conf"), role: 'drop-in' }],
    },
    status: 'fail',
    audit: 'pass',
    reason: /mode 644/,
    remediation: /`chmod 600 '\/etc\/k\.d\/a; \$\(reboot\) '\\''x\.conf'`\./,
    parameters: { maximumMode: '600' },
  },
  'of many files the first are named, the others counted, not pasted': {
    kubelet: {
      files: [
        file({ mode: '600' }),
        ...[1, 2, 3, 4, 5, 6, 7].map(
          (n): FileEvidence => ({ ...file({ mode: '644' }, `/etc/k.d/${n}.conf`), role: 'drop-in' }),
        ),
      ],
    },
    status: 'fail',
    audit: 'pass',
    reason: /5\.conf and 2 more have mode 644/,
    remediation: /5\.conf`\. Do the same for the 2 more/,
    parameters: { maximumMode: '600' },
  },
  'k0s puts a new file there at every start': {
    kubelet: {
      unit: 'k0sworker.service',
      argv: [],
      files: [file({ mode: '644' }, '/var/lib/k0s/kubelet-config.yaml')],
    },
    status: 'fail',
    audit: 'fail',
    reason: /mode 644/,
    remediation:
      /`chmod 600 \/var\/lib\/k0s\/kubelet-config\.yaml`\. Run the command again after each start of k0s, which puts a new file of mode 644/,
  },
  'kOps makes new instances as before': {
    kubelet: { argv: ['--config=/var/lib/kubelet/kubelet.conf'], files: [file({ mode: '644' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 644/,
    remediation: /spec\.hooks/,
  },
  'nodeadm writes before the scripts of the user data run, and keeps the mode': {
    kubelet: {
      argv: ['--config=/etc/kubernetes/kubelet/config.json'],
      files: [file({ mode: '644' }, '/etc/kubernetes/kubelet/config.json')],
    },
    status: 'fail',
    audit: 'fail',
    reason: /mode 644/,
    remediation: /config\.json`\. Put the command into a script of the user data too/,
    never: /every boot/,
  },
  'RKE2 writes into the file that is there, which keeps its mode': {
    kubelet: { unit: 'rke2-agent.service', argv: [], files: [file({ mode: '644' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 644/,
    remediation: /`chmod 600 \S+`\.$/,
  },
  'a kubelet in a container: the command runs on the host all the same': {
    kubelet: { contained: true, files: [file({ mode: '644' })] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 644/,
    never: /inside the kubelet's container/,
    remediation:
      /on the host: the path leads through the process of the kubelet, .*: `chmod 600 \/proc\/812\/root\/\S+`/,
  },
  'a drop-in configures the kubelet as well; the audit looks at the named file alone': {
    kubelet: {
      files: [file({ mode: '600' }), { ...file({ mode: '666' }, '/etc/kubernetes/kubelet.d/9.conf'), role: 'drop-in' }],
    },
    status: 'fail',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.d\/9\.conf has mode 666;/,
  },
  'a kubelet with drop-ins alone is configured by them': {
    legacy: true,
    kubelet: { files: [{ ...file({ mode: '666' }, '/etc/kubernetes/kubelet.d/9.conf'), role: 'drop-in' }] },
    status: 'fail',
    reason: /^\/etc\/kubernetes\/kubelet\.d\/9\.conf has mode 666;/,
  },
  // kube-bench looks at the first existing path of a list, even where the kubelet uses none of them.
  'a kubelet without --config has no config file': {
    legacy: true,
    status: 'not-applicable',
    reason: /runs without --config/,
  },
  'MicroK8s keeps its configuration in a list of arguments': {
    legacy: true,
    kubelet: {
      host: 'microk8s',
      files: [{ ...file({ mode: '660' }, '/var/snap/microk8s/current/args/kubelet'), role: 'environment' }],
    },
    status: 'fail',
    audit: 'fail',
    reason: /args\/kubelet has mode 660/,
    remediation: /chmod/,
  },
  'a candidate that does not exist is not the file in use': {
    configFile: PATH,
    kubelet: { files: [{ ...missing, path: '/config.yaml' }, file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /mode 600/,
  },
  'nor is it where the inputs start no kubelet': {
    error: 'unknown flag: --x',
    kubelet: { files: [{ ...missing, path: '/config.yaml' }, file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/var\/lib\/kubelet\/config\.yaml has mode 600/,
  },
  'of two candidates the one that settings come from is judged': {
    configFile: PATH,
    settings: { readOnlyPort: inFile(0) },
    kubelet: { files: [file({ mode: '666' }, '/etc/other.yaml'), file({ mode: '600' })] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/var\/lib\/kubelet\/config\.yaml has mode 600/,
  },
  'what is no drop-in is not judged': {
    kubelet: {
      files: [file({ mode: '600' }), { ...file({ mode: '666' }, '/etc/kubernetes/kubelet.d/README'), role: 'drop-in' }],
    },
    status: 'pass',
    audit: 'pass',
    reason: /mode 600/,
  },
  'a config file that was not read is an error': {
    kubelet: { files: [] },
    status: 'error',
    reason: /config file \/var\/lib\/kubelet\/config\.yaml was not read by the collector/,
  },
  'a kubelet whose arguments could not be read is not said to run without --config': {
    problem: 'its arguments could not be read',
    kubelet: { files: [] },
    status: 'error',
    reason: /^Not judged because of what the rule kubelet-restart tells/,
  },
});
