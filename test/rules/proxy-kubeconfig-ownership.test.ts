import type { FileEvidence } from '../../lambda/kubelet/evidence.ts';
import { proxyKubeconfigOwnership } from '../../lambda/rules/proxy-kubeconfig-ownership.ts';
import { table } from './table.ts';

const PATH = '/var/lib/kube-proxy/kubeconfig';
const ROLE = 'proxy-kubeconfig';
const missing: FileEvidence = { path: PATH, role: ROLE, state: 'missing' };
const unreadable: FileEvidence = { path: PATH, role: ROLE, state: 'unreadable' };

function file(seen: Partial<FileEvidence>, path = PATH): FileEvidence {
  return { path, role: ROLE, state: 'file', mode: '600', ...seen };
}

table(proxyKubeconfigOwnership, {
  'root:root passes': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ uid: 0, gid: 0 })] }] },
    status: 'pass',
    audit: 'pass',
    reason: /^\/var\/lib\/kube-proxy\/kubeconfig has owner root:root\.$/,
    remediation: false,
  },
  'another user fails': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ uid: 1000, gid: 0 })] }] },
    status: 'fail',
    audit: 'fail',
    reason: /has owner 1000:root; the benchmark allows root:root only\.$/,
    remediation: /^Run `chown root:root \/var\/lib\/kube-proxy\/kubeconfig`/,
  },
  'another group fails': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [file({ uid: 0, gid: 4 })] }] },
    status: 'fail',
    audit: 'fail',
    reason: /owner root:4;/,
  },
  'an owner that was not seen is no evidence': {
    evidence: { proxies: [{ pid: 2, argv: [], cwd: '/', files: [{ path: PATH, role: ROLE, state: 'file', uid: 0 }] }] },
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
