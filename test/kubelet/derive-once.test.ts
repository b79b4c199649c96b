import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { processOf as recordedOf } from '../../lambda/judging/known-answers.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import { deriveOnce } from '../../lambda/kubelet/derive-once.ts';
import type { KubeletProcess } from '../../lambda/kubelet/evidence.ts';
import { configFile, dropIn, kubeletProcess, STARTED_AT } from '../../simulator/fleet/node-types.ts';
import { readCases } from '../../tools/agreement.ts';

const JSON_HEAD = '"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1"';
const YAML_HEAD = 'kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n';
const CONFIG = '/etc/kubernetes/kubelet/config.json';
const DROP_INS = '/etc/kubernetes/kubelet/config.json.d';

/** A node of its own: what it is called, where it stands, when it was started and since when its files are there. */
type Names = { host: string; address: string; instance: string; pid: number; later: number };
type Kind = (names: Names) => Partial<KubeletProcess>;

const namesOf = (number: number): Names => ({
  host: `ip-10-0-0-${number}.eu-central-1.compute.internal`,
  address: `10.0.0.${number}`,
  instance: `aws:///eu-central-1a/i-0${number.toString(16).padStart(16, '0')}`,
  pid: number,
  later: number % 3,
});

const inConfig = (text: string, ...argv: string[]): Partial<KubeletProcess> => ({
  argv: [`--config=${CONFIG}`, ...argv],
  files: [configFile(CONFIG, text)],
});

const kinds: Record<string, Kind> = {
  'nodeadm, with all names': ({ host, address, instance }) =>
    inConfig(
      `{${JSON_HEAD},"providerID":"${instance}","maxPods":29}`,
      `--hostname-override=${host}`,
      `--node-ip=${address}`,
    ),
  'in YAML': ({ instance }) => inConfig(`${YAML_HEAD}providerID: ${instance}\nmaxPods: 29\n`),
  'in a comment': ({ instance }) => inConfig(`${YAML_HEAD}# ${instance}\nmaxPods: 29\n`),
  'in another setting': ({ instance }) => inConfig(`{${JSON_HEAD},"clusterDomain":"${instance}"}`),
  'as a part of it': ({ instance }) => inConfig(`{${JSON_HEAD},"providerID":"x${instance}"}`),
  'before another': ({ instance }) => inConfig(`{${JSON_HEAD},"providerID":"${instance}","providerID":"x"}`),
  'by an anchor': ({ instance }) => inConfig(`${YAML_HEAD}clusterDomain: &id ${instance}\nproviderID: *id\n`),
  'as a key that nobody knows': ({ instance }) => inConfig(`{${JSON_HEAD},"providerID":"${instance}","${instance}":1}`),
  'beside the word that stands for any': ({ instance }) =>
    inConfig(`{${JSON_HEAD},"clusterDomain":"${instance}","providerID":"aws:///any/i-00000000"}`),
  'the word itself': () =>
    inConfig(
      `{${JSON_HEAD},"providerID":"aws:///any/i-00000000"}`,
      '--hostname-override=any-node.invalid',
      '--node-ip=192.0.2.1',
    ),
  'overridden by a drop-in': ({ instance }) => ({
    argv: [`--config=${CONFIG}`, `--config-dir=${DROP_INS}`],
    files: [
      configFile(CONFIG, `{${JSON_HEAD},"providerID":"${instance}"}`),
      dropIn(`${DROP_INS}/9.conf`, `{${JSON_HEAD},"providerID":"x","featureGates":{"AllBeta":false}}`),
    ],
    dropInDirectories: [{ path: DROP_INS, state: 'directory' }],
  }),
  'a host that the setting names too': ({ host }) =>
    inConfig(`{${JSON_HEAD},"clusterDomain":"${host}"}`, `--hostname-override=${host}`),
  'two names of a host': ({ host }) => ({ argv: [`--hostname-override=${host}`, '--hostname_override=x'] }),
  'a name as a word of its own': ({ host }) => ({ argv: ['--hostname-override', host] }),
  'a name as a word, and no more': ({ host }) => ({ argv: ['--hostname-override', host, '--v', '2', host] }),
  'a flag for a name': ({ host }) => ({ argv: ['--hostname-override', '--v=2', host] }),
  'a name for the value of another': ({ host }) => ({ argv: ['--root-dir', '--hostname-override', host] }),
  'a user of its own': ({ host }) => ({
    argv: ['--kubeconfig=/k'],
    kubeconfigs: [{ path: '/k', state: 'read', user: `system:node:${host}`, clientCertificate: '/c.pem' }],
  }),
  'a kubeconfig that is named so': ({ host }) => ({
    argv: [`--kubeconfig=/${host}`, `--hostname-override=${host}`],
    kubeconfigs: [{ path: `/${host}`, state: 'read', clientCertificate: `/${host}.pem` }],
  }),
  'a name behind the end of flags': ({ host }) => ({ argv: ['--', `--hostname-override=${host}`] }),
  'two addresses': ({ address }) => ({ argv: [`--node-ip=${address},${address}`] }),
  'an address that another flag takes away': ({ address }) => ({
    argv: [`--node-ip=${address}`, '--node-ip=::,fd00::1', '--cloud-provider=aws'],
  }),
  'a file that changed after the start': ({ later }) => ({
    ...inConfig(`{${JSON_HEAD},"maxPods":29}`),
    files: [{ ...configFile(CONFIG, `{${JSON_HEAD},"maxPods":29}`), modifiedAt: STARTED_AT + later - 1 }],
    startedWithin: later === 0 ? 0.5 : 0,
  }),
  'a file of which nobody knows when it was written': ({ later }) => {
    const { modifiedAt: _, ...file } = configFile(CONFIG, `{${JSON_HEAD}}`);
    return { argv: [`--config=${CONFIG}`], files: [later === 1 ? { ...file, modifiedAt: STARTED_AT + 9 } : file] };
  },
  'a file twice': ({ later }) => ({
    argv: [`--config=${CONFIG}`],
    files: [
      { ...configFile(CONFIG, `{${JSON_HEAD}}`), modifiedAt: STARTED_AT + later },
      { ...dropIn(CONFIG, `{${JSON_HEAD}}`), modifiedAt: STARTED_AT - later },
    ],
  }),
  'what is refused, in its own words': ({ instance }) =>
    inConfig(`{${JSON_HEAD.replace('KubeletConfiguration', instance)},"providerID":"${instance}"}`),
  'what is refused late, with names': ({ instance, host }) =>
    inConfig(`{${JSON_HEAD},"providerID":"${instance}","cgroupDriver":"x"}`, `--hostname-override=${host}`),
  'what no kubelet knows': ({ host }) => ({ argv: [`--hostname-override=${host}`, '--no-such-flag'] }),
  'arguments that were not read': ({ pid }) => ({ unread: `process ${pid} is gone` }),
  'other files, certificates and a unit': ({ pid }) => ({
    ...inConfig(`{${JSON_HEAD},"maxPods":29}`),
    ...{ exe: `/opt/${pid}/kubelet`, unit: `kubelet-${pid}.service` },
    clientCertificates: [{ path: '/k.pem', notAfter: pid }],
  }),
};

const processOf = (kind: Kind, number: number, version = 'v1.31.6'): KubeletProcess => {
  const names = namesOf(number);
  return kubeletProcess({ version, pid: names.pid, ...kind(names) });
};

describe('the next that is alike has what it would have alone', () => {
  for (const [name, kind] of Object.entries(kinds)) {
    test(name, () => {
      for (const minor of [26, 29, 31, 36]) {
        for (const number of [1, 2, 1, 3]) {
          const process = processOf(kind, number, `v1.${minor}.6`);
          for (const host of [{}, { cgroup: 1 as const }, { as: minor + 1 }])
            assert.deepEqual(deriveOnce(process, host), derive(process, host));
        }
      }
    });
  }
});

test('names are what nodes of a kind may differ in: the second is not derived', () => {
  const kind = kinds['nodeadm, with all names'] ?? assert.fail();
  const [first, second] = [1, 2].map((number) => deriveOnce(processOf(kind, number)));
  assert.ok(first?.starts === true && second?.starts === true);
  assert.equal(second.settings.readOnlyPort, first.settings.readOnlyPort, 'the very same');
  assert.equal(second.settings.providerID?.value, namesOf(2).instance);
  assert.equal(second.flags['hostname-override'].value, namesOf(2).host);
});

test('a fleet of any mixture has in any order what each has alone', () => {
  const node = fc.record({
    kind: fc.constantFrom(...Object.values(kinds)),
    number: fc.integer({ min: 1, max: 6 }),
    minor: fc.integer({ min: 24, max: 37 }),
    more: fc.subarray(['--read-only-port=0', '--feature-gates=AllAlpha=true', '--cluster-dns=10.0.0.3', '--x=1']),
  });
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 60 }), (nodes) => {
      for (const { kind, number, minor, more } of nodes) {
        const process = processOf(kind, number, `v1.${minor}.0`);
        process.argv.push(...more);
        assert.deepEqual(deriveOnce(process), derive(process));
      }
    }),
    { numRuns: 30 },
  );
});

test('what recorded kubelets were given is derived alike, with a name of its own each time', () => {
  let asked = 0;
  for (const name of ['named', 'random']) {
    for (const given of readCases(fileURLToPath(new URL(`vectors/${name}.jsonl.gz`, import.meta.url)))) {
      for (const host of ['a.example', 'b.example']) {
        const { argv, ...process } = recordedOf(given, 'to' in given ? given.to : given.kubelet);
        const own = { ...process, argv: [...argv, `--hostname-override=${host}`] };
        assert.deepEqual(deriveOnce(own), derive(own), given.id);
        asked += 1;
      }
    }
  }
  assert.ok(asked > 1_000, `${asked}`);
});
