import { knownVulnerabilities } from '../../lambda/rules/known-vulnerabilities.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

const at = (text: string) => ({ version: { text, minor: Number(text.split('.')[1]), known: true } });
const open = { readOnlyPort: byFlag(10255, '--read-only-port=10255') };

// The versions and conditions are those of the announcements: kubernetes/kubernetes 130016, 128885, 104980, 95622, 93032, 92315.
table(knownVulnerabilities, {
  'CVE-2025-0426 needs the read-only port, which is closed': {
    ...at('v1.32.1'),
    status: 'pass',
    reason: /^Not affected by CVE-2025-0426, because readOnlyPort is 0 .*issues\/130016\)\.$/,
    remediation: false,
  },
  'CVE-2025-0426 with the port open': {
    ...at('v1.32.1'),
    settings: open,
    status: 'fail',
    reason:
      /affected by CVE-2025-0426: anyone who reaches the read-only port .*readOnlyPort is 10255.*issues\/130016\)\.$/,
    remediation: /^Upgrade the kubelet to 1\.32\.2 or later\. Until then close the read-only port/,
  },
  'the last affected patches of 1.30 and 1.31': {
    ...at('v1.31.5'),
    settings: open,
    status: 'fail',
    reason: /CVE-2025-0426/,
    remediation: /1\.31\.6/,
  },
  'the first fixed one': {
    ...at('v1.31.6'),
    settings: open,
    status: 'pass',
    reason: /^None of the 8 vulnerabilities .* 1\.31\.6\.$/,
  },
  'the gate is off, by its name or by its group': {
    ...at('v1.30.9'),
    settings: { ...open, featureGates: inFile({ ContainerCheckpoint: false }) },
    status: 'pass',
    reason: /CVE-2025-0426, because the feature gate ContainerCheckpoint is off/,
  },
  'the group is off, but not this gate': {
    ...at('v1.30.9'),
    settings: { ...open, featureGates: inFile({ AllBeta: false, ContainerCheckpoint: true }) },
    status: 'fail',
    reason: /CVE-2025-0426/,
  },
  'CVE-2024-10220 asks for no configuration': {
    ...at('v1.30.2'),
    status: 'fail',
    reason: /CVE-2024-10220: who may create a pod .*kubelet 1\.30\.2 is not a fixed version/,
    remediation: /1\.30\.3 or later\.$/,
  },
  'both at once': {
    ...at('v1.30.0'),
    settings: open,
    status: 'fail',
    reason: /CVE-2025-0426: .*; and by CVE-2024-10220: /,
    remediation: /1\.30\.10/,
  },
  'a minor that was never mended': {
    ...at('v1.27.16'),
    status: 'fail',
    reason: /CVE-2024-10220/,
    remediation: /1\.28\.12/,
  },
  'CVE-2021-25741 without its gate': {
    ...at('v1.22.1'),
    settings: { featureGates: inFile({ VolumeSubpath: false }) },
    status: 'fail',
    reason: /^This kubelet is affected by CVE-2024-10220: /,
  },
  'CVE-2021-25741 with it': {
    ...at('v1.22.1'),
    status: 'fail',
    reason: /; and by CVE-2021-25741: .*VolumeSubpath is on/,
  },
  'CVE-2020-8564 needs a talkative kubelet': {
    ...at('v1.19.2'),
    kubelet: { argv: ['--config=/c', '--v=4'] },
    status: 'fail',
    reason: /CVE-2020-8564: .*it logs at level 4/,
  },
  'the last patch of CVE-2020-8557, which needs no configuration': {
    ...at('v1.18.5'),
    status: 'fail',
    reason: /CVE-2020-8557: a container .*1\.18\.5 is not a fixed version; .*issues\/93032/,
  },
  'the first without it': { ...at('v1.18.6'), status: 'fail', reason: /^(?!.*CVE-2020-855)/ },
  // AWS backports fixes without a new number (EKS User Guide, Kubernetes version lifecycle).
  'a build of EKS may be mended': {
    ...at('v1.30.2-eks-1552ad0'),
    kubelet: { version: 'v1.30.2-eks-1552ad0' },
    status: 'manual',
    reason: /By its number .* CVE-2024-10220.* AWS mends kubelets without changing that number/,
    remediation: /^Replace the node/,
  },
  "so may one of OpenShift's": { ...at('v1.29.5+29c95f3'), status: 'manual', reason: /Red Hat mends/ },
  'a version that nobody knows': {
    version: { minor: 36, known: false },
    status: 'manual',
    reason: /version is not in the evidence/,
  },
  'a new one': { ...at('v1.36.0'), settings: open, status: 'pass', reason: /^None of/ },
  'inputs that start no kubelet are an error': {
    error: 'unknown flag: --x',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
