import { kubeletConfigOwnership } from '../../lambda/rules/kubelet-config-ownership.ts';
import { fileSubject, ownerCases } from './file-cases.ts';
import { inFile } from './node.ts';
import { table } from './table.ts';

const PATH = '/var/lib/kubelet/config.yaml';
const subject = fileSubject(PATH, 'config');
const { file, missing } = subject;

table(kubeletConfigOwnership, {
  ...ownerCases(subject),
  'a drop-in configures the kubelet as well; the audit looks at the named file alone': {
    kubelet: {
      files: [
        file({ uid: 0, gid: 0 }),
        { ...file({ uid: 1000, gid: 0 }, '/etc/kubernetes/kubelet.d/9.conf'), role: 'drop-in' },
      ],
    },
    status: 'fail',
    audit: 'pass',
    reason: /^\/etc\/kubernetes\/kubelet\.d\/9\.conf has owner 1000:root;/,
  },
  // kube-bench looks at the first existing path of a list, even where the kubelet uses none of them.
  'a kubelet without --config has no config file': {
    legacy: true,
    status: 'not-applicable',
    reason: /runs without --config/,
  },
  'a candidate that does not exist is not the file in use': {
    configFile: PATH,
    kubelet: { files: [{ ...missing, path: '/config.yaml' }, file({ uid: 0, gid: 0 })] },
    status: 'pass',
    audit: 'pass',
    reason: /owner root:root/,
  },
  'a config file that was not read is an error': {
    settings: { readOnlyPort: inFile(0) },
    kubelet: { files: [] },
    status: 'error',
    reason: /config file \/var\/lib\/kubelet\/config\.yaml was not read by the collector/,
  },
});
