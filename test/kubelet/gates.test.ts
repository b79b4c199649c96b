/** What is planted is found: every flag and gate that a minor no longer has, has locked, or ties to another. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EffectiveConfiguration } from '../../lambda/kubelet/configuration.ts';
import { derive } from '../../lambda/kubelet/derive.ts';
import { flagsOf, gatesOf, NEWEST_MINOR } from '../../lambda/kubelet/tables.ts';
import {
  bottlerocket,
  configFile,
  eksAl2,
  eksAl2023,
  hyperkube,
  k3s,
  kops,
  kubeadm,
  kubeletProcess,
  microk8s,
} from '../../simulator/fleet/node-types.ts';

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const RUNTIME = '--container-runtime-endpoint=unix:///run/cri.sock';
const FIRST = 24;
const MINORS = Array.from({ length: NEWEST_MINOR - FIRST + 1 }, (_, at) => FIRST + at);

const withArguments = (minor: number, ...argv: string[]) =>
  derive(kubeletProcess({ version: `v1.${minor}.0`, argv: [RUNTIME, ...argv] }));

const withFile = (minor: number, text: string) =>
  derive(
    kubeletProcess({
      version: `v1.${minor}.0`,
      argv: [RUNTIME, '--config=/c'],
      files: [configFile('/c', HEAD + text)],
    }),
  );

function refusal(derived: EffectiveConfiguration) {
  assert.equal(derived.starts, false, JSON.stringify(derived));
  return derived.starts === false ? derived.refusal : undefined;
}

describe('planted', () => {
  for (const minor of MINORS.slice(1)) {
    test(`every flag and gate that 1.${minor} no longer has`, () => {
      for (const name of flagsOf(minor - 1).keys()) {
        if (flagsOf(minor).has(name)) continue;
        const found = refusal(withArguments(minor, `--${name}=1`));
        assert.equal(found?.error, `failed to parse kubelet flag: unknown flag: --${name}`);
        assert.equal(found?.stage, 'flags');
      }
      for (const [name, gate] of gatesOf(minor - 1)) {
        if (gatesOf(minor).has(name)) continue;
        const flag = refusal(withArguments(minor, `--feature-gates=${name}=${gate.default}`));
        assert.equal(flag?.stage, 'gates');
        assert.match(flag?.error ?? '', new RegExp(`unrecognized feature gate: ${name}$`));
        const file = refusal(withFile(minor, `featureGates: {${name}: ${gate.default}}\n`));
        assert.equal(file?.stage, minor >= 32 ? 'panic' : 'gates');
      }
    });
  }

  for (const minor of MINORS) {
    test(`every gate that 1.${minor} has locked`, () => {
      for (const [name, gate] of gatesOf(minor)) {
        if (!gate.locked) continue;
        const argument = `--feature-gates=${name}=${!gate.default}`;
        const flag = refusal(withArguments(minor, argument));
        const words = `cannot set feature gate ${name} to ${!gate.default}, feature is locked to ${gate.default}`;
        assert.ok(flag?.error.endsWith(words), flag?.error);
        assert.deepEqual(flag?.messages, minor >= 31 ? [words] : []);
        assert.deepEqual(flag?.about, [
          { setting: 'featureGates', gate: name, where: { kind: 'flag', where: argument } },
        ]);
        const file = refusal(withFile(minor, `featureGates: {${name}: ${!gate.default}}\n`));
        assert.ok(file?.error.endsWith(words), file?.error);
        assert.deepEqual(file?.about[0]?.where, { kind: 'file', where: '/c' });
      }
    });
  }

  for (const minor of MINORS.filter((each) => each >= 35)) {
    test(`every gate that 1.${minor} leaves without one that it needs`, () => {
      let planted = 0;
      for (const [name, gate] of gatesOf(minor)) {
        for (const need of gate.needs ?? []) {
          if (gate.locked || gatesOf(minor).get(need)?.locked) continue;
          planted += 1;
          const found = refusal(withArguments(minor, `--feature-gates=${name}=true,${need}=false`));
          assert.equal(found?.stage, 'gates');
          const words = new RegExp(
            `^${name} is enabled, but depends on features that are disabled: \\[.*\\b${need}\\b`,
          );
          assert.ok(
            found?.messages.some((message) => words.test(message)),
            `${name} needs ${need}: ${found?.error}`,
          );
        }
      }
      assert.ok(planted > 10, 'there are such gates');
    });
  }
});

describe('nodes as they are made', () => {
  for (const [name, kubelet] of Object.entries({
    eksAl2023,
    eksAl2,
    kubeadm,
    kops,
    bottlerocket,
    microk8s,
    k3s,
    hyperkube,
  })) {
    test(`${name} is not refused on its own version`, () => {
      const derived = derive(kubelet);
      assert.equal(derived.starts, true, JSON.stringify(derived));
    });
  }
});

describe('another minor is asked with the same input', () => {
  test('of a node that runs', () => {
    const kubelet = kubeletProcess({ version: 'v1.34.2-eks-1', argv: ['--pod-infra-container-image=x'] });
    assert.equal(derive(kubelet).starts, true);
    const asked = derive(kubelet, { as: 35 });
    assert.deepEqual(asked.version, { text: 'v1.35.0-eks-1', minor: 35, known: true });
    assert.match(refusal(asked)?.error ?? '', /unknown flag: --pod-infra-container-image/);
  });

  test('by its group, a gate is set only where it is of that stage', () => {
    const off = withArguments(30, '--feature-gates=AllBeta=false', '--rotate-server-certificates');
    assert.match(refusal(off)?.error ?? '', /requires feature gate RotateKubeletServerCertificate/);
    const kept = withArguments(30, '--feature-gates=AllBeta=false,RotateKubeletServerCertificate=true');
    assert.equal(kept.starts === true && kept.gates.RotateKubeletServerCertificate?.value, true);
  });
});
