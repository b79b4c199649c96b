import assert from 'node:assert/strict';
import { test } from 'node:test';
import { processOf } from '../../lambda/judging/known-answers.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import { type Change, planned } from '../../lambda/kubelet/plan.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';

/** maxPods and where it comes from after the change, and what of the change has no effect. */
function after(argv: string[], change: Change): [value: unknown, where: string | undefined, notes: string[]] {
  const files = { '/case/c.yaml': `${HEAD}maxPods: 10\n`, '/case/d/10.conf': `${HEAD}maxPods: 20\n` };
  const { kubelet, notes } = planned(processOf({ argv, files }, '1.34'), change);
  const derived = derive(kubelet);
  if (derived.starts !== true) return [derived.starts === false ? derived.error : derived.problem, undefined, notes];
  const setting = derived.settings.maxPods;
  return [setting?.value, setting?.source.where, notes];
}

const config = `${HEAD}maxPods: 11\n`;
const dropIn = (name: string) => ({ name, text: `${HEAD}maxPods: 21\n` });

const CASES: Record<string, [argv: string[], Change, ReturnType<typeof after>]> = {
  'a file in place of that of --config': [['--config=c.yaml'], { config }, [11, '/case/c.yaml', []]],
  'a drop-in that comes last': [
    ['--config=c.yaml', '--config-dir', 'd'],
    { dropIns: [dropIn('20.conf')] },
    [21, '/case/d/20.conf', []],
  ],
  'a drop-in that comes before another': [
    ['--config-dir=/case/d'],
    { dropIns: [dropIn('05.conf')] },
    [20, '/case/d/10.conf', []],
  ],
  'a drop-in in place of one': [
    ['--config-dir=/case/d'],
    { dropIns: [dropIn('10.conf')] },
    [21, '/case/d/10.conf', []],
  ],
  'arguments after all others': [['--max-pods=1'], { arguments: ['--max-pods', '31'] }, [31, '--max-pods 31', []]],
  'the directory may come with the change': [
    [],
    { arguments: ['--config-dir=/new'], dropIns: [dropIn('a.conf')] },
    [21, '/new/a.conf', []],
  ],
  'a file that nobody reads': [
    [],
    { config },
    [110, undefined, ['it has no --config, so no file would be read in its place']],
  ],
  'a drop-in that nobody reads': [
    ['--config=c.yaml'],
    { dropIns: [dropIn('a.conf')] },
    [10, '/case/c.yaml', ['it has no --config-dir, so no drop-in would be read']],
  ],
  'a name that is passed over': [
    ['--config-dir=/case/d'],
    { dropIns: [dropIn('a.yaml')] },
    [20, '/case/d/10.conf', ['a.yaml would not be read: the names of drop-ins end with .conf']],
  ],
  'an argument that there is not': [
    [],
    { arguments: ['--nope'] },
    ['failed to parse kubelet flag: unknown flag: --nope', undefined, []],
  ],
};

for (const [name, [argv, change, expected]] of Object.entries(CASES)) {
  test(name, () => assert.deepEqual(after(argv, change), expected));
}
