/**
 * Which nodes trust which certificate authority, and whose bundle was changed after the kubelet had read it: public facts of
 * the evidence, added up as nodes pass by.
 */
import { isoTime } from '../criteria/certificate.ts';
import type { KubeletProcess } from '../kubelet/evidence.ts';
import { isNewerThan } from '../kubelet/files.ts';
import { oneLine } from '../platforms/wording.ts';
import type { EvidenceLine } from './evidence-line.ts';

/** One authority as the nodes of one place have it. */
export type AuthorityUse = {
  /** SHA-256 of the DER form, lower-case hexadecimal. */
  sha256: string;
  subject: string;
  /** ISO 8601; absent where it was not seen, or no calendar has it. */
  notAfter?: string;
  cluster?: string;
  group?: string;
  /** Nodes of which a kubelet believes the API server by it, and its callers. */
  server: number;
  callers: number;
  /** Of these, the nodes whose file was changed after the kubelet's start: a kubelet reads that of its kubeconfig once. */
  changed: number;
  /** Ids of the first nodes. */
  examples: string[];
};

/** Hostile nodes can each bring authorities of their own. */
const MOST = 2_000;
const MOST_EXAMPLES = 5;

/** Adds node after node; `result` has them by their digest, and how many uses had no room. */
export function authoritiesOf() {
  const uses = new Map<string, AuthorityUse>();
  let left = 0;
  return {
    add(line: EvidenceLine): void {
      const kubelets = 'evidence' in line ? line.evidence.kubelets : [];
      const { id, cluster, group } = line.node;
      const where = { ...(cluster !== undefined && { cluster }), ...(group !== undefined && { group }) };
      const told = kubelets.flatMap((kubelet) =>
        kubelet.authorities.flatMap(({ fingerprint, ...facts }) =>
          fingerprint === undefined ? [] : [{ ...facts, fingerprint, kubelet }],
        ),
      );
      for (const [sha256, same] of Map.groupBy(told, ({ fingerprint }) => fingerprint)) {
        const key = JSON.stringify([sha256, cluster, group]);
        const [{ subject = '', notAfter } = {} as Partial<(typeof same)[number]>] = same;
        const end = isoTime(notAfter);
        const use = uses.get(key) ?? {
          ...{ sha256, subject: oneLine(subject) },
          ...(end !== undefined && { notAfter: end }),
          ...where,
          ...{ server: 0, callers: 0, changed: 0, examples: [] },
        };
        if (!uses.has(key) && uses.size >= MOST) {
          left += 1;
          continue;
        }
        uses.set(key, use);
        const forServer = same.filter(({ of }) => of === 'kubeconfig');
        if (forServer.length > 0) use.server += 1;
        if (same.some(({ of }) => of === 'client-ca')) use.callers += 1;
        if (forServer.some(({ kubelet, path }) => isChanged(kubelet, path))) use.changed += 1;
        if (use.examples.length < MOST_EXAMPLES) use.examples.push(id);
      }
    },
    result(): { authorities: AuthorityUse[]; left: number } {
      const authorities = [...uses.values()].sort((a, b) =>
        a.sha256 < b.sha256 ? -1 : a.sha256 > b.sha256 ? 1 : b.server - a.server,
      );
      return { authorities, left };
    },
  };
}

/** Whether a bundle was changed after the kubelet's start. */
export function isChanged(kubelet: KubeletProcess, path: string): boolean {
  return kubelet.files.some((file) => file.path === path && isNewerThan(kubelet, file));
}
