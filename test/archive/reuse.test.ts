/** What counts as the evidence of another scan: only what says when it was collected. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Manifest } from '../../lambda/archive/manifest.ts';
import { checkReuse } from '../../lambda/archive/objects.ts';
import type { Problem } from '../../lambda/archive/verification.ts';

type Object = { digest: string; size?: number };
type Night = { evaluated: number; nodes: number; evidence: Object[] };

/** The problems of two nights, each with one object of evidence for every account. */
function problemsOf(...nights: [Night, Night]): string[] {
  const manifests = nights.map(({ evaluated, nodes, evidence }, night) => ({
    counts: { evaluated, nodes },
    objects: evidence.map(({ digest, size = 900 }, account) => ({
      key: `scans/2026/11/0${night + 1}/night-${night + 1}/evidence/11112222333${account}-eu-central-1.ndjson.gz`,
      sha256: digest.repeat(64),
      size,
    })),
  })) as unknown as Manifest[];
  const expected = new Map<string, string[]>();
  for (const { key, sha256 } of manifests.flatMap(({ objects }) => objects)) {
    expected.set(sha256, [...(expected.get(sha256) ?? []), key]);
  }
  const problems: Problem[] = [];
  checkReuse(manifests, expected, problems);
  return problems.map(({ key }) => key.split('/')[4] ?? '');
}

const cases: Record<string, [Night, string[]]> = {
  'answers are found again': [{ evaluated: 2, nodes: 3, evidence: [{ digest: 'a' }] }, ['night-2']],
  'a night in which nobody answered may be as the one before': [
    { evaluated: 0, nodes: 3, evidence: [{ digest: 'a' }] },
    [],
  ],
  'so may one of several accounts': [{ evaluated: 2, nodes: 3, evidence: [{ digest: 'a' }, { digest: 'b' }] }, []],
  'an account without nodes has nothing to repeat': [
    { evaluated: 2, nodes: 2, evidence: [{ digest: 'a', size: 20 }, { digest: 'b' }] },
    ['night-2'],
  ],
};

for (const [name, [night, found]] of Object.entries(cases)) {
  test(name, () => assert.deepEqual(problemsOf(night, night), found));
}
