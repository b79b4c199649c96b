import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../lambda/kubelet/evidence.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { kubeadm } from '../../simulator/fleet/node-types.ts';

const node = { id: 'i-1', cluster: 'blue' };
const evidence: Evidence = { format: 2, collectedAt: 0, os: {}, kubelets: [], proxies: [], notes: [] };

test('a node that did not answer is unreachable, never a pass', () => {
  assert.deepEqual(judgeLine({ node, tags: {}, reason: 'gone', detail: 'It was stopped.' }, { now: 0 }), {
    node,
    coverage: 'unreachable',
    reason: 'gone',
    detail: 'It was stopped.',
    findings: [],
  });
});

test('a node without a kubelet is unreachable, never a pass', () => {
  const { coverage, reason, findings } = judgeLine({ node, tags: {}, evidence }, { now: 0 });
  assert.deepEqual({ coverage, reason, findings }, { coverage: 'unreachable', reason: 'no-kubelet', findings: [] });
});

test('a node with a kubelet is evaluated; its tags select waivers, and do not leave the scan', () => {
  const waiver = {
    rule: 'rotate-client-certificates',
    nodes: { tag: { team: ['data-*'] } },
    reason: 'known',
    owner: 'ops',
    until: '2099-12-31',
    line: 1,
  };
  const line = { node, tags: { team: 'data-lake' }, evidence: { ...evidence, kubelets: [failing()] } };
  const judged = judgeLine(line, { now: 0, waivers: [waiver] });
  assert.equal(judged.coverage, 'evaluated');
  assert.deepEqual(judged.node, node);
  const finding = judged.findings.find(({ rule }) => rule === waiver.rule);
  assert.deepEqual(finding?.waiver, { reason: 'known', owner: 'ops', until: '2099-12-31' });
  assert.doesNotMatch(JSON.stringify(judged), /data-lake/);
});

function failing() {
  return { ...kubeadm, argv: [...kubeadm.argv, '--rotate-certificates=false'] };
}

test('evidence that judging trips over spoils the row of its node, and says so', () => {
  const line = { node, tags: {}, evidence: { ...evidence, kubelets: [{ argv: 'not a list' } as never] } };
  const { coverage, reason, detail, findings } = judgeLine(line, { now: 0 });
  assert.deepEqual({ coverage, reason, findings }, { coverage: 'unreachable', reason: 'bad-answer', findings: [] });
  assert.match(detail ?? '', /^Its answer was read and could not be judged, which is a defect of kubevigil \(/);
  assert.throws(() => judgeLine({ ...line, evidence: { ...evidence, format: 1 } as never }, { now: 0 }), /format 1/);
});
