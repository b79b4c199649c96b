import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeConfigFile } from '../../lambda/kubelet/config-file.ts';
import { decode } from '../../lambda/kubelet/decode.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import { readDocument } from '../../lambda/kubelet/document.ts';
import { schemaOf } from '../../lambda/kubelet/schema.ts';
import { configFile, dropIn, kubeletProcess } from '../../simulator/fleet/node-types.ts';

const MINOR = 31;
const HEAD = '"kind":"KubeletConfiguration","apiVersion":"kubelet.config.k8s.io/v1beta1"';
const idOf = (number: number) => `aws:///eu-central-1a/i-0${number.toString(16).padStart(16, '0')}`;

/** What is said of a text without anything that was kept. */
function afresh(text: string): unknown {
  const { found, unknown } = decode(readDocument(text, 'file'), 'exact', schemaOf(MINOR));
  return [[...found], unknown];
}

function told(decoding: () => unknown): unknown {
  try {
    return decoding();
  } catch (error) {
    return (error as Error).message;
  }
}

function keptAs(text: string): unknown {
  const { found, unknown } = decodeConfigFile(text, MINOR);
  return [[...found], unknown];
}

describe('the next node of an image has what it would have alone', () => {
  const yaml = `kind: KubeletConfiguration\napiVersion: kubelet.config.k8s.io/v1beta1\n`;
  const cases: Record<string, (id: string) => string> = {
    'its provider id': (id) => `{${HEAD},"providerID":"${id}","maxPods":29}`,
    'in YAML, as Bottlerocket has it': (id) => `${yaml}providerID: ${id}\nmaxPods: 29\n`,
    'in a comment': (id) => `${yaml}# ${id}\nmaxPods: 29\n`,
    'in another setting': (id) => `{${HEAD},"clusterDomain":"${id}"}`,
    'as a part of it': (id) => `{${HEAD},"providerID":"x${id}"}`,
    'before another': (id) => `{${HEAD},"providerID":"${id}","providerID":"aws:///b/i-00000000"}`,
    'by an anchor': (id) => `${yaml}clusterDomain: &id ${id}\nproviderID: *id\n`,
    'a key that nobody knows': (id) => `{${HEAD},"providerID":"${id}","${id}":1}`,
    'beside the word that stands for any': (id) => `{${HEAD},"clusterDomain":"${id}","providerID":"aws:///any/i-0"}`,
    'what is refused, in its own words': (id) => `{${HEAD.replace('KubeletConfiguration', id)},"providerID":"${id}"}`,
    'what is no configuration': (id) => `{"providerID":"${id}"`,
  };
  for (const [name, text] of Object.entries(cases)) {
    test(name, () => {
      for (const number of [1, 2, 1, 3]) {
        const own = text(idOf(number));
        assert.deepEqual(
          told(() => keptAs(own)),
          told(() => afresh(own)),
        );
      }
    });
  }
});

test('a fleet of any mixture has in any order what each node has alone', () => {
  const setting = fc.oneof(
    fc.integer({ min: 0, max: 300 }).map((value) => `"maxPods":${value}`),
    fc.boolean().map((value) => `"rotateCertificates":${value}`),
    fc.nat(5).map((number) => `"providerID":"${idOf(number)}"`),
    fc.nat(5).map((number) => `"staticPodPath":"${idOf(number)}"`),
    fc.constantFrom(
      '"evictionHard":{"memory.available":"5%"}',
      '"nobody":1',
      '"maxPods":"x"',
      '"clusterDNS":["10.0.0.1"]',
    ),
  );
  const text = fc.array(setting, { maxLength: 4 }).map((settings) => `{${[HEAD, ...settings].join()}}`);
  fc.assert(
    fc.property(fc.array(text, { minLength: 2, maxLength: 100 }), (texts) => {
      for (const one of texts) {
        assert.deepEqual(
          told(() => keptAs(one)),
          told(() => afresh(one)),
        );
      }
    }),
    { numRuns: 30 },
  );
});

test('whoever gets what is kept changes nothing in it', () => {
  const text = `{${HEAD},"featureGates":{"AllAlpha":false},"evictionHard":{"memory.available":"5%"},"mergeDefaultEvictionSettings":true,"clusterDNS":["10.0.0.1"],"tlsCipherSuites":["a"]}`;
  const above = `{${HEAD},"featureGates":{"AllBeta":false},"evictionHard":null,"clusterDNS":["10.0.0.2"]}`;
  const path = '/etc/kubernetes/kubelet/config.json';
  const before = afresh(text);
  for (const minor of [28, 30, 31, 34]) {
    const files = [configFile(path, text), dropIn('/etc/k.d/9.conf', above)];
    const process = kubeletProcess({
      ...{
        version: `v1.${minor}.0`,
        files,
        dropInEnvironment: true,
        dropInDirectories: [{ path: '/etc/k.d', state: 'directory' }],
      },
      argv: [`--config=${path}`, '--config-dir=/etc/k.d', '--feature-gates=AllAlpha=true', '--cluster-dns=10.0.0.3'],
    });
    const [first, second] = [derive(process), derive(process)];
    assert.deepEqual(first, second);
  }
  assert.deepEqual(keptAs(text), before);
});
