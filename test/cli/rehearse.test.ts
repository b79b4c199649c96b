import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { rehearseCommand } from '../../cli/rehearse.ts';
import { startEndpoints } from '../../simulator/aws/endpoints.ts';
import type { Node } from '../../simulator/aws/options.ts';
import { collect } from '../../simulator/collector.ts';
import { kubeadm } from '../../simulator/fleet/images.ts';
import { writeRoot } from '../../simulator/fleet/root.ts';
import { saying, scanned } from './scanned.ts';

const { folder, out } = scanned();
const run = saying(rehearseCommand);

/** What scans of this process have left among temporary files, and where a scan keeps its report unless told. */
function left(): string[] {
  const own = readdirSync(tmpdir()).filter((name) => /^kubevigil-(fleet|rehearse)-/.test(name));
  const isKept = existsSync('out') ? readdirSync('out', { recursive: true, encoding: 'utf8' }) : [];
  return [...own.filter((name) => name.includes(`-${process.pid}-`)), ...isKept];
}

function file(name: string, text: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${text}`);
  return path;
}

test('an archive, as a page: who would start, who cannot be asked, and what changes', async () => {
  const { code, out: page } = await run(out);
  assert.equal(code, 1);
  assert.match(page, /^16 nodes and an upgrade to 1\.37: 1 would not start, 9 would, 6 cannot be asked\.\n/);
  assert.match(
    page.replaceAll(/\n {16}/g, ' '),
    /WOULD NOT START {2}1 node \(group shop-workers, .* 1\.32\): i-\w+\n {2}from 1\.33 .*unrecognized feature gate: DisableKubeletCloudCredentialProviders\n {2}where +line 9 of \S+40-nodeadm\.conf /,
  );
  assert.match(
    page,
    /CANNOT BE ASKED {2}1 node \(group payments-workers, cluster payments\): i-\w+\n {2}why +no kubelet was found on it\n/,
  );
  assert.match(
    page,
    /WOULD START {2}6 nodes \(group payments-workers, cluster payments, kubeadm 1\.31\): i-\w+ and 5 more\n/,
  );
  assert.match(
    page,
    /\n {2}with 1\.35 +imagePullCredentialsVerificationPolicy is NeverVerifyPreloadedImages by the kubelet's default/,
  );
});

test('a planned argument that a version refuses exits 1, with its words and what to do', async () => {
  const { code, out: page } = await run('--to', '1.35', '--args', '--pod-infra-container-image="a b"', out);
  assert.equal(code, 1);
  assert.match(page, /the planned change, up to 1\.35: \d+ would not start/);
  assert.match(
    page,
    /from 1\.35 +failed to parse kubelet flag: unknown flag: --pod-infra-container-image\n {2}where +argument/,
  );
  assert.match(page, /\n {2}do +Remove argument --pod-infra-container-image=a b before the upgrade to 1\.35/);
});

test('a planned file, as JSON, asks each version that runs', async () => {
  const { code, out: text } = await run('--config', file('c.yaml', 'maxPods: none\n'), '--json', out);
  const { to, groups } = JSON.parse(text);
  assert.equal(code, 1);
  assert.equal(to, 'its own version');
  const stops = groups.filter(({ outcome }: { outcome: string }) => outcome === 'stops');
  assert.ok(stops.length >= 2);
  for (const { stops: said } of stops) {
    assert.match(said.words, /cannot unmarshal string into Go struct field KubeletConfiguration\.maxPods/);
    // Nothing of the change is on the nodes yet: none of them is to be mended, restarted or replaced.
    assert.deepEqual(said.do, [
      {
        text: 'Correct the planned change before it is rolled out: the version that runs now would not start with it.',
      },
    ]);
  }
});

test('an upgrade to an earlier version says of nobody that it runs that one', async () => {
  const { code, out: page } = await run('--to', '1.20', out);
  assert.equal(code, 0);
  assert.match(page, /^16 nodes and an upgrade to 1\.20: 0 would not start, .*, \d+ run it or a later one already\.\n/);
  assert.match(page, /\nRUNS IT OR LATER {2}\d+ nodes/);
});

test('a planned drop-in that nobody reads is told', async () => {
  const { code, out: page } = await run('--drop-in', file('10.conf', 'maxPods: 5\n'), out);
  assert.equal(code, 0);
  assert.match(page, /\n {2}note +it has no --config-dir, so no drop-in would be read\n/);
  assert.match(page, /maxPods is 5 by drop-in \/etc\/kubernetes\/kubelet\/config\.json\.d\/10\.conf, and was/);
});

test('without a source the simulated fleet is asked, and nothing of it is kept', async () => {
  const before = left();
  const { code, out: page } = await run('--to', '1.33', '--tag', 'kubevigil=scan');
  assert.equal(code, 1);
  assert.match(page, /nodes and an upgrade to 1\.33/);
  assert.deepEqual(left(), before);
});

test('the account of the credentials is asked, and nothing of it is kept', async (t) => {
  const now = Math.floor(Date.now() / 1000);
  const root = join(folder, 'node');
  const image = { host: 'ip-10-0-0-5.internal', version: 'v1.31.6', startedAt: now - 86_400 };
  writeRoot(root, kubeadm(image, { extraArguments: ['--register-schedulable=true'] }));
  let asked = 0;
  const node: Node = {
    instanceId: 'i-0123456789abcdef0',
    tags: { team: 'platform' },
    answer: async () => {
      asked += 1;
      const { stdout, exitCode } = await collect(root, { simulated: true });
      return { stdout, exitCode };
    },
  };
  const account = await startEndpoints({
    accounts: { '444455556666': { regions: { 'us-east-1': { nodes: [node] } } } },
    s3Root: join(folder, 'account'),
  });
  const environment = { ...process.env };
  t.after(async () => {
    process.env = environment;
    await account.close();
  });
  Object.assign(process.env, account.environment);
  const aws = ['--aws', '--tag', 'team=platform', '--region', 'us-east-1'];

  const before = left();
  const unasked = await run(...aws);
  assert.deepEqual([unasked.code, unasked.out, asked], [2, '', 0]);
  assert.match(unasked.err, /to 1 node with the tag team=platform in account 444455556666, us-east-1/);

  const { code, out: page, err } = await run(...aws, '--yes', '--to', '1.34');
  assert.deepEqual([code, asked], [1, 1], err);
  assert.match(page, /^1 node and an upgrade to 1\.34: 1 would not start, 0 would\.\n/);
  assert.match(page, /\n {2}from 1\.34 +failed to parse kubelet flag: unknown flag: --register-schedulable\n/);
  assert.match(page, /\n {2}where +.*\/var\/lib\/kubelet\/kubeadm-flags\.env/);
  assert.equal(account.calls['s3.PutObject'], undefined);
  assert.deepEqual(left(), before);
});

for (const [name, args, message] of [
  ['a version that nobody knows', ['--to', '1.99'], /--to 1\.99: 1\.37 is the newest version/],
  ['no version', ['--to', 'next'], /--to expects a version such as 1\.37, got "next"/],
  ['two sources', ['--root', '/', 'DIR'], /an archive, --root and --aws are three sources: name one/],
  [
    'a file that is not there',
    ['--config', '/nonexistent/c'],
    /--config \/nonexistent\/c: there is no such file .*ENOENT/,
  ],
  ['a quote that does not end', ['--args', '"a'], /a quote in .* does not end/],
  ['a root that is none', ['--root', '/nonexistent'], /--root \/nonexistent is not a directory/],
  ['a wrong option', ['--too', '1.37'], /Unknown option '--too'.*did you mean --to/],
] as [string, string[], RegExp][]) {
  test(`${name} is one clear line and exit code 2`, async () => {
    const { code, out: page, err } = await run(...args);
    assert.deepEqual([code, page], [2, '']);
    assert.match(err, message);
    assert.equal(err.split('\n').length, 2);
  });
}
