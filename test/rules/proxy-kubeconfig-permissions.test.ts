import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { proxyKubeconfigPermissions } from '../../lambda/rules/proxy-kubeconfig-permissions.ts';
import { table } from './table.ts';

const PATH = '/var/lib/kube-proxy/kubeconfig';
const ROLE = 'proxy-kubeconfig';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', uid: 0, gid: 0, ...seen };
}

table(proxyKubeconfigPermissions, {
  '600 passes a maximum of 600': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: '600' })] }] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/var\/lib\/kube-proxy\/kubeconfig has mode 600\.$/,
    remediation: false,
    parameters: { maximumMode: '600' },
  },
  '644 passes a maximum of 644': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: '644' })] }] },
    status: 'pass',
    audit: 'pass',
    reason: /has mode 644/,
    remediation: false,
    parameters: { maximumMode: '644' },
  },
  '644 fails a maximum of 600': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: '644' })] }] },
    status: 'fail',
    audit: 'fail',
    reason: /has mode 644; the benchmark allows at most 600\.$/,
    remediation: /^Run `chmod 600 \/var\/lib\/kube-proxy\/kubeconfig`/,
    parameters: { maximumMode: '600' },
  },
  '444 and 400 are more restrictive than 644': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: '444' })] }] },
    status: 'pass',
    audit: 'pass',
    reason: /mode 444/,
    parameters: { maximumMode: '644' },
  },
  // kube-bench once compared modes as numbers.
  'a larger number is not a looser mode: 066 fails 600': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: '66' })] }] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 66;/,
    parameters: { maximumMode: '600' },
  },
  'setuid and sticky bits are bits beyond the maximum': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: '4600' })] }] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 4600;/,
    parameters: { maximumMode: '600' },
  },
  'a mode that is no octal number is no evidence': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: 'rw-' })] }] },
    status: 'error',
    reason: /has no attributes in the evidence/,
  },
  'a file that could not be looked at is an error, never a pass': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [unreadable] }] },
    status: 'error',
    reason: /could not be looked at/,
  },
  'a missing file is an error, never a pass': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [missing] }] },
    status: 'error',
    reason: /does not exist/,
  },
  'a directory in its place is an error': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [{ ...missing, state: 'directory' }] }] },
    status: 'error',
    reason: /is a directory/,
  },
  'Bottlerocket writes the file itself: no command is advised': {
    evidence: { os: { id: 'bottlerocket' }, proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ mode: '666' })] }] },
    status: 'fail',
    audit: 'fail',
    reason: /mode 666/,
    remediation: /Bottlerocket writes/,
    never: /chmod/,
  },
  'no kube-proxy, no kubeconfig': {
    evidence: { proxies: [] },
    status: 'not-applicable',
    reason: /No kube-proxy runs on this node/,
  },
  'kube-proxy in a pod uses its service account': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [] }] },
    status: 'not-applicable',
    reason: /names no kubeconfig file on this node/,
  },
});
