/**
 * Which unit files and drop-ins the collector takes for those that start the kubelet. The witness is systemd itself: its
 * offline loader says for layouts made at random which files it loads.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KubeletProcess } from '../../../lambda/kubelet/evidence.ts';
import { kubelet, node } from './kubelets.ts';
import { evidenceOf, rootOf, runs } from './runs.ts';

const UNIT = '[Service]\nExecStart=/bin/true\n';

const services = (process: KubeletProcess | undefined) =>
  (process?.files ?? []).filter(({ role }) => role === 'service').map(({ path }) => path);

/** What systemd loads of units below `root`: `-> Unit NAME:` with its fragment and drop-ins, in its own words. */
function loaded(root: string, units: readonly string[]): Map<string, string[]> {
  const { stdout } = spawnSync(
    'sh',
    ['-c', 'exec systemd-analyze security --offline=true --no-pager "$@"', 'sh', `--root=${root}`, ...units],
    { encoding: 'utf8', env: { ...process.env, SYSTEMD_LOG_LEVEL: 'debug', SYSTEMD_LOG_TARGET: 'console' } },
  );
  const found = new Map<string, string[]>();
  for (const part of (stdout ?? '').split(/^\s*-> Unit /m).slice(1)) {
    const paths = [...part.matchAll(/^\s*(?:Fragment|DropIn) Path: (.*)$/gm)].map(([, path = '']) => path);
    const name = part.slice(0, part.indexOf(':\n'));
    // A link to /dev/null, or to nowhere, is no file of anybody's.
    const real = paths.filter((path) => existsSync(path) && realpathSync(path) !== '/dev/null');
    if (!found.has(name)) found.set(name, real.map((path) => path.slice(root.length)).sort());
  }
  if (found.size > 0 || units.length === 1) return found;
  // One that cannot be loaded ends it for all.
  return new Map(units.flatMap((unit) => [...loaded(root, [unit])]));
}

/** Those of the search path that the offline loader does not put elsewhere, the most important first. */
const DIRECTORIES = [
  'etc/systemd/system.control',
  'run/systemd/system.control',
  'etc/systemd/system',
  'etc/systemd/system.attached',
  'run/systemd/system',
  'run/systemd/system.attached',
  'usr/local/lib/systemd/system',
  'usr/lib/systemd/system',
].map((directory) => `/${directory}`);

const directory = fc.constantFrom(...DIRECTORIES);
/** Units whose names have no prefix, one, several, and an instance. */
const NAMES = ['kubelet', 'node-kubelet', 'a-b-kubelet', 'kubelet@blue', 'a-kubelet@1'];
const file = fc.constantFrom('10-a.conf', '20-b.conf', 'a b.conf', 'q*.conf', '.hidden.conf', 'y.CONF', 'readme.txt');
const kind = fc.constantFrom('text', 'text', 'text', 'text', 'null', 'empty', 'link', 'dangling', 'loop', 'folder');

type Entry = { path: string; kind: string };
const layout = (name: string): fc.Arbitrary<Entry[]> => {
  const [stem = '', instance] = name.split('@');
  const at = instance === undefined ? '' : `@${instance}`;
  const own = instance === undefined ? [`${name}.service`] : [`${name}.service`, `${stem}@.service`];
  const folders = [
    ...own,
    ...own,
    ...stem
      .split('-')
      .slice(0, -1)
      .flatMap((_, index, all) => {
        const prefix = all.slice(0, index + 1).join('-');
        return [`${prefix}-${at}.service`, ...(at ? [`${prefix}-@.service`] : [])];
      }),
    'service',
    `alias-of-${stem}${at}.service`,
  ];
  const fragment = fc
    .tuple(directory, fc.constantFrom(...own), fc.constantFrom('text', 'text', 'text', 'link', 'folder'))
    .map(([where, unit, how]) => ({ path: `${where}/${unit}`, kind: how }));
  const dropIn = fc
    .tuple(directory, fc.constantFrom(...folders), file, kind)
    .map(([where, folder, each, how]) => ({ path: `${where}/${folder}.d/${each}`, kind: how }));
  const alias = directory.map((where) => ({ path: `${where}/alias-of-${stem}${at}.service`, kind: `alias ${name}` }));
  return fc
    .tuple(
      fc.array(fragment, { minLength: 1, maxLength: 2 }),
      fc.array(dropIn, { maxLength: 7 }),
      fc.array(alias, { maxLength: 1 }),
    )
    .map((parts) => parts.flat());
};

function write(root: string, entries: readonly Entry[]): void {
  for (const [index, { path, kind: how }] of entries.entries()) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    const text = path.endsWith('.service') ? UNIT : '[Service]\nRestart=always\n';
    try {
      if (how === 'text') writeFileSync(target, text, { flag: 'wx' });
      else if (how === 'empty') writeFileSync(target, '', { flag: 'wx' });
      else if (how === 'folder') mkdirSync(target);
      else if (how === 'dangling') symlinkSync('/nowhere/x', target);
      else if (how === 'loop') symlinkSync(target, target);
      else if (how === 'null') symlinkSync('/dev/null', target);
      else if (how.startsWith('alias')) {
        const of = entries.find((entry) => entry.path.endsWith(`/${how.slice(6)}.service`));
        if (of) symlinkSync(`${'../'.repeat(path.split('/').length - 2)}${of.path.slice(1)}`, target);
      } else {
        // Somewhere else, under the same name: systemd calls it a linked unit.
        const elsewhere = join(root, `opt/${index}`, path.slice(path.lastIndexOf('/') + 1));
        mkdirSync(dirname(elsewhere), { recursive: true });
        writeFileSync(elsewhere, text);
        symlinkSync(`${'../'.repeat(path.split('/').length - 2)}${elsewhere.slice(root.length + 1)}`, target);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const LAYOUTS = process.env.KUBEVIGIL_SOAK ? 60 : 8;

test('as systemd does, for layouts made at random', async (t) => {
  const units = NAMES.map((name) => `${name}.service`);
  const seed = process.env.KUBEVIGIL_SOAK ? Date.now() : 13;
  const layouts = fc.sample(fc.tuple(...NAMES.map(layout)), { numRuns: LAYOUTS, seed });
  for (const [index, parts] of layouts.entries()) {
    const entries = parts.flat();
    const processes = units.map((unit, at) => kubelet(['--v=1'], { pid: 40 + at, unit }));
    const root = rootOf(node(processes), (made) => write(made, entries));
    const told = loaded(root, units);
    if (told.size === 0) {
      t.skip('systemd-analyze is not installed on this machine, or has no offline loader');
      return;
    }
    const { kubelets } = await evidenceOf(
      root,
      runs[index % runs.length]?.options.skip ? {} : runs[index % runs.length]?.run,
    );
    for (const [at, unit] of units.entries()) {
      const wanted = told.get(unit);
      // A unit that systemd knows under another name is started under that name.
      if (wanted)
        assert.deepEqual(
          services(kubelets[at]).sort(),
          wanted,
          `${unit}, seed ${seed}, layout ${index}: ${JSON.stringify(parts[at])}, ${JSON.stringify(entries.filter(({ path }) => path.includes('/service.d/')))}`,
        );
    }
  }
});

test('folders in which a file more would count are looked at, empty ones too', async () => {
  const made = [
    '/etc/systemd/system/kubelet.service.d',
    '/run/systemd/system/service.d',
    // Of another unit.
    '/etc/systemd/system/ssh.service.d',
  ];
  const root = rootOf(node([kubelet(['--v=1'])], { '/usr/lib/systemd/system/kubelet.service': UNIT }), (directory) => {
    for (const each of made) mkdirSync(join(directory, each), { recursive: true });
  });
  const { kubelets } = await evidenceOf(root);
  const files = kubelets[0]?.files.filter(({ role, path }) => role === 'folder' && /^\/(etc|run)\/./.test(path)) ?? [];
  assert.deepEqual(
    files.map(({ path, state, mode }) => [path, state, mode]),
    ['/etc/systemd/system', made[0], made[1]].map((path) => [path, 'directory', '755']),
  );
});

test('folders that the offline loader puts elsewhere, in the order of systemd.unit(5)', async () => {
  const order = [
    '/etc/systemd/system.control',
    '/run/systemd/system.control',
    '/run/systemd/transient',
    '/run/systemd/generator.early',
    '/etc/systemd/system',
    '/run/systemd/system',
    '/run/systemd/generator',
    '/usr/local/lib/systemd/system',
    '/usr/lib/systemd/system',
    '/run/systemd/generator.late',
  ];
  const processes = order.map((_, at) => kubelet(['--v=1'], { pid: 40 + at, unit: `u${at}.service` }));
  // Unit n is in all folders from n on: the first of them counts.
  const files = Object.fromEntries(
    order.flatMap((_, at) => order.slice(at).map((folder) => [`${folder}/u${at}.service`, UNIT])),
  );
  const { kubelets } = await evidenceOf(rootOf(node(processes, files)));
  assert.deepEqual(
    kubelets.map(services),
    order.map((folder, at) => [`${folder}/u${at}.service`]),
  );
});
