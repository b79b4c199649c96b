import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ADVISORIES } from '../../cli/advisories.ts';
import { rulesCommand } from '../../cli/rules.ts';
import { benchmarks, rules } from '../../lambda/judging/index.ts';
import { capture } from './capture.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What the command prints and returns. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const to = capture();
  const code = await rulesCommand(args, to);
  return { code, out: to.stdout, err: to.stderr };
}

test('rules lists every rule on a line', async () => {
  const { code, out } = await run();
  assert.equal(code, 0);
  const [list = '', known = ''] = out.split('\n\n');
  const lines = list.split('\n');
  assert.equal(lines.length, rules.length);
  // Messages about the benchmarks of the settings send people here.
  for (const { name } of benchmarks) assert.match(known, new RegExp(`^ *${name.replaceAll('.', '\\.')} `, 'm'));
  assert.match(known, /^ *cis-kubernetes-2\.0\.1 +Kubernetes 1\.34 to 1\.35 +25 controls$/m);
  assert.match(known, /^ *cis-eks-1\.4\.0 +by name only +13 controls, 1 for people alone$/m);
  assert.match(out, /cis-kubernetes-2\.1\.0: It exists: .* Its Level 1 was not found/s);
  assert.match(list, /^anonymous-auth +critical +The kubelet refuses anonymous requests$/m);
});

test('rules explains one by its name', async () => {
  const { code, out } = await run('rotate-client-certificates');
  assert.equal(code, 0);
  assert.match(out, /^rotate-client-certificates \(high\)/);
  assert.match(out, /4\.2\.11, automated\n {6}cis-kubernetes-1\.5\.1/);
  assert.match(out, /docs\/rules\/rotate-client-certificates\.md/);
});

test('rules explains one by its control', async () => {
  assert.match((await run('cis-kubernetes-1.5.1/4.2.11')).out, /^rotate-client-certificates/);
});

test('rules explains all that a number means', async () => {
  const { code, out } = await run('4.2.11');
  assert.equal(code, 0);
  assert.match(out, /^rotate-client-certificates \(/m);
  assert.match(out, /^rotate-server-certificate \(/m);
});

test('rules says to which controls a rule of ours is related', async () => {
  assert.match((await run('client-certificate-expiry')).out, /Related to, without answering them:/);
});

test('rules --json gives data', async () => {
  const { code, out } = await run('cis-eks-1.8.0/3.1.3', '--json');
  assert.equal(code, 0);
  const [rule, ...others] = JSON.parse(out);
  assert.deepEqual(others, []);
  assert.equal(rule.name, 'kubelet-config-permissions');
  assert.deepEqual(
    rule.controls.find((each: { benchmark: string }) => each.benchmark === 'cis-eks-1.8.0'),
    { benchmark: 'cis-eks-1.8.0', control: '3.1.3', assessment: 'automated', level: 1, mode: '644' },
  );
  assert.equal(JSON.parse((await run('--json')).out).length, rules.length);
});

test('rules --help gives examples', async () => {
  assert.match((await run('--help')).out, /^ {2}cis-kubernetes-1\.5\.1\/4\.2\.11 /m);
});

test('rules explains every remark that code can give, and names rules that there are', async () => {
  const sources = globSync('lambda/{criteria,rules,judging}/**/*.ts', { cwd: ROOT });
  const given = sources.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/\bid: '([a-z-]+)'/g)].map(([, id]) => id ?? ''),
  );
  assert.deepEqual(Object.keys(ADVISORIES), [...new Set(given)].sort());
  const names = rules.map(({ name }) => name);
  for (const { rules: givers } of Object.values(ADVISORIES))
    for (const giver of givers) assert.ok(names.includes(giver));
  const { code, out } = await run('Unset-means-off');
  assert.equal(code, 0);
  assert.match(
    out,
    /^unset-means-off \(a remark beside a verdict\)\n[\s\S]*real default is\n? {0,2}false[\s\S]*rotate-client-certificates\.md/,
  );
  assert.equal(JSON.parse((await run('zero-is-five', '--json')).out).advisory, 'zero-is-five');
});

const wrong: [args: string[], message: RegExp][] = [
  [['RotateCertificate'], /^kubevigil rules: "RotateCertificate" is not a rule, nor a control: expected .*\n$/],
  [['cis-eks-9/1.1'], /^kubevigil rules: there is no benchmark cis-eks-9/],
  [['a', 'b'], /^kubevigil rules: expected one rule or control, got 2\n$/],
  [['unset-mean-off'], /; did you mean unset-means-off\?\n$/],
  [['--yaml'], /^kubevigil rules: Unknown option '--yaml'/],
];

for (const [args, message] of wrong) {
  test(`rules ${args.join(' ')} is one clear line and exit code 2`, async () => {
    const { code, out, err } = await run(...args);
    assert.equal(code, 2);
    assert.equal(out, '');
    assert.match(err, message);
  });
}
