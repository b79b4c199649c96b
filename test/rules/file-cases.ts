/** What every rule on the mode, or on the owner, of a file must say, whichever file it is. */
import type { FileEvidence, FileRole } from '../../lambda/kubelet/evidence.ts';
import type { Case } from './node.ts';
import type { Row } from './table.ts';

export type FileSubject = {
  /** A file of this rule as the collector saw it: mode 600 and root's, but for what is given. */
  file(seen: Partial<FileEvidence>, path?: string): FileEvidence;
  missing: FileEvidence;
  /** A node on which the rule finds these files. */
  on(...files: FileEvidence[]): Case;
};

/** The file of a rule. `on` puts files where the rule looks for them; by default among those of the kubelet. */
export function fileSubject(
  path: string,
  role: FileRole,
  on: FileSubject['on'] = (...files) => ({ kubelet: { files } }),
): FileSubject {
  return {
    file: (seen, at = path) => ({ path: at, role, state: 'file', mode: '600', uid: 0, gid: 0, ...seen }),
    missing: { path, role, state: 'missing' },
    on,
  };
}

function unseen({ missing, on }: FileSubject): Record<string, Row> {
  return {
    'a file that could not be looked at is an error, never a pass': {
      ...on({ ...missing, state: 'unreadable' }),
      status: 'error',
      reason: /could not be looked at/,
    },
    'a missing file is an error, never a pass': { ...on(missing), status: 'error', reason: /does not exist/ },
    'a directory in its place is an error': {
      ...on({ ...missing, state: 'directory' }),
      status: 'error',
      reason: /is a directory/,
    },
  };
}

/** `pattern` with the path for PATH. */
function about({ missing }: FileSubject, pattern: string): RegExp {
  return new RegExp(pattern.replace('PATH', missing.path.replaceAll('.', '\\.')));
}

export function modeCases(subject: FileSubject): Record<string, Row> {
  const { file, on } = subject;
  const writable = on(file({ mode: '666' }));
  return {
    '600 passes a maximum of 600': {
      ...on(file({ mode: '600' })),
      status: 'pass',
      audit: 'pass',
      reason: about(subject, '^PATH has mode 600\\.$'),
      remediation: false,
      parameters: { maximumMode: '600' },
    },
    '644 passes a maximum of 644': {
      ...on(file({ mode: '644' })),
      status: 'pass',
      audit: 'pass',
      reason: /has mode 644/,
      remediation: false,
      parameters: { maximumMode: '644' },
    },
    '644 fails a maximum of 600': {
      ...on(file({ mode: '644' })),
      status: 'fail',
      audit: 'fail',
      reason: /has mode 644; the benchmark allows at most 600\.$/,
      remediation: about(subject, '`chmod 600 PATH`'),
      parameters: { maximumMode: '600' },
    },
    '444 is more restrictive than 644': {
      ...on(file({ mode: '444' })),
      status: 'pass',
      audit: 'pass',
      reason: /mode 444/,
      parameters: { maximumMode: '644' },
    },
    // kube-bench once compared modes as numbers.
    'a larger number is not a looser mode: 066 fails 600': {
      ...on(file({ mode: '66' })),
      status: 'fail',
      audit: 'fail',
      reason: /mode 66;/,
      parameters: { maximumMode: '600' },
    },
    'setuid and sticky bits are bits beyond the maximum': {
      ...on(file({ mode: '4600' })),
      status: 'fail',
      audit: 'fail',
      reason: /mode 4600;/,
      parameters: { maximumMode: '600' },
    },
    'a mode that is no octal number is no evidence': {
      ...on(file({ mode: 'rw-' })),
      status: 'error',
      reason: /has no attributes in the evidence/,
    },
    'Bottlerocket writes the file itself: no command is advised': {
      ...writable,
      evidence: { ...writable.evidence, os: { id: 'bottlerocket' } },
      status: 'fail',
      audit: 'fail',
      reason: /mode 666/,
      remediation: /Bottlerocket writes/,
      never: /chmod/,
    },
    ...unseen(subject),
  };
}

export function ownerCases(subject: FileSubject): Record<string, Row> {
  const { file, missing, on } = subject;
  return {
    'root:root passes': {
      ...on(file({})),
      status: 'pass',
      audit: 'pass',
      reason: about(subject, '^PATH has owner root:root\\.$'),
      remediation: false,
    },
    'another user fails': {
      ...on(file({ uid: 1000 })),
      status: 'fail',
      audit: 'fail',
      reason: /has owner 1000:root; the benchmark allows root:root only\.$/,
      remediation: about(subject, '`chown root:root PATH`'),
    },
    'another group fails': { ...on(file({ gid: 4 })), status: 'fail', audit: 'fail', reason: /owner root:4;/ },
    'an owner that was not seen is no evidence': {
      ...on({ ...missing, state: 'file', uid: 0 }),
      status: 'error',
      reason: /has no attributes in the evidence/,
    },
    ...unseen(subject),
  };
}
