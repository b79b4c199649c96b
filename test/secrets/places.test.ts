/**
 * Secrets in odd but valid places, one case a defect that was: none leaves the node, and what is no secret still does.
 * Long because it is one table of cases.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { unwrap } from '../../lambda/nodes/answer/envelope.ts';
import { readAnswer } from '../../lambda/nodes/answer/evidence.ts';
import { judgeLine } from '../../lambda/results/judge-line.ts';
import { collect } from '../../simulator/collector.ts';
import { configuration } from '../../simulator/fleet/images.ts';
import { type SimulatedProcess, type SimulatedRoot, writeRoot } from '../../simulator/fleet/root.ts';
import { kubelet, node } from '../nodes/collector/kubelets.ts';
import { shells } from '../nodes/collector/shells.ts';
import { CANARY, ENCODED } from './nodes.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-places-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let roots = 0;

/** Kubelets of one node that the collector reads. */
const MOST = 20;

async function textOf(root: SimulatedRoot, shell = 'sh'): Promise<{ text: string; stdout: string }> {
  roots += 1;
  const directory = join(folder, String(roots));
  writeRoot(directory, root);
  const { stdout } = await collect(directory, { simulated: true, shell });
  const unwrapped = unwrap(stdout);
  assert.ok('text' in unwrapped, JSON.stringify(unwrapped));
  return { text: unwrapped.text, stdout };
}

/** An argument → how it is sent. */
const ARGUMENTS: [string, string][] = [
  [`--manifest-url=https://[fd00::1]/x?t=${CANARY}`, '--manifest-url=https://[fd00::1]/x?REDACTED'],
  [`--manifest-url=https://h/x?a[token]=${CANARY}`, '--manifest-url=https://h/x?REDACTED'],
  [`--manifest-url=https://h/x?auth={${CANARY}}${CANARY}`, '--manifest-url=https://h/x?REDACTED'],
  [`--manifest-url=https://h/x?a='${CANARY}'`, '--manifest-url=https://h/x?REDACTED'],
  [`--manifest-url=https://h/x?a=b ${CANARY}`, '--manifest-url=https://h/x?REDACTED'],
  [`--manifest-url=https://h/{a}#${CANARY}?x`, '--manifest-url=https://h/{a}#REDACTED'],
  [`--TOKEN=${CANARY}`, '--TOKEN=REDACTED:REDACTED'],
  [`--tokens=${CANARY}`, '--tokens=REDACTED:REDACTED'],
  [`--API_KEY=${CANARY}`, '--API_KEY=REDACTED:REDACTED'],
  [`--dbPwd=${CANARY}`, '--dbPwd=REDACTED:REDACTED'],
  [`--api-token ${CANARY}`, '--api-token=REDACTED:REDACTED'],
  ['--tls-private-key-file=/etc/k.pem', '--tls-private-key-file=/etc/k.pem'],
];

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const JSON_HEAD = '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration",';
/** A configuration → what must be sent of it. */
const CONFIGURATIONS: Record<string, [string, RegExp]> = {
  'an IPv6 address with a query': [
    configuration(`staticPodURL: https://[fd00::1]:8443/pods?token=${CANARY}`, 'maxPods: 7'),
    /^\|staticPodURL: https:\/\/\[fd00::1\]:8443\/pods\?REDACTED\n\|maxPods: 7$/m,
  ],
  'an IPv6 address with a query in JSON': [
    `${JSON_HEAD}"staticPodURL":"https://[fd00::1]/p?token=${CANARY}","maxPods":7}`,
    /"staticPodURL":"https:\/\/\[fd00::1\]\/p\?REDACTED","maxPods":7\}$/m,
  ],
  'a query with braces': [configuration(`staticPodURL: "https://h/x?a={${CANARY}}${CANARY}"`), /x\?REDACTED"$/m],
  'a header written over two lines': [`${HEAD}? "static\\\n  PodURLHeader"\n: X: [${CANARY}]\n`, /^withheld/m],
  'an address in escapes': [configuration(`staticPodURL: "https:\\u002f\\u002fu:${CANARY}@h/x"`), /^withheld/m],
  'an address over two lines': [configuration(`staticPodURL: "https://u:${CANARY}\\`, '  x@h"'), /^withheld/m],
  'a private key in parts': [configuration(`x: "-----BEGIN EC PRIVATE\\`, `  \\ KEY-----${CANARY}"`), /^withheld/m],
  'an alias with a dash': [`${JSON_HEAD}"x": &-h ["${CANARY}"],"staticPodURLHeader":{"X": *-h}}`, /^withheld/m],
  'a secret in a map': [`${JSON_HEAD}"cloudSecret":{"a":"${CANARY}"}}`, /^withheld/m],
  'secrets in a list': [`${JSON_HEAD}"tokens":["${CANARY}"]}`, /^withheld/m],
  'an API key': [configuration(`apiKey: ${CANARY}`), /^withheld/m],
  'a secret beside what is none': [configuration(`credentials: {ttl: 5, value: ${CANARY}}`), /^withheld/m],
  'a secret beside what is none in JSON': [`${JSON_HEAD}"cloudSecret":{"a":true,"b":"${CANARY}"}}`, /^withheld/m],
  'a number': [configuration('password: 1234567890'), /^withheld/m],
  'several keys': [`${JSON_HEAD}"apiKeys":["${CANARY}"]}`, /^withheld/m],
  'a key of several words': [configuration(`token of api: ${CANARY}`), /^withheld/m],
  'a key of several words in quotes': [`${JSON_HEAD}"the secret (old) of b":"${CANARY}"}`, /^withheld/m],
  'a key named key behind a space': [configuration(`api key: ${CANARY}`), /^withheld/m],
  'a pass': [configuration(`pass: ${CANARY}`), /^withheld/m],
  'an abbreviated password': [configuration(`dbPwd: ${CANARY}`), /^withheld/m],
  'a private key in base64': [
    configuration(`x: ${Buffer.from('-----BEGIN EC PRIV').toString('base64')}${CANARY}`),
    /^withheld it holds a private key$/m,
  ],
  'plugins and their environment': [
    `apiVersion: kubelet.config.k8s.io/v1\nkind: CredentialProviderConfig\nproviders:\n- env:\n  - value: ${CANARY}\n`,
    /^withheld it is a CredentialProviderConfig$/m,
  ],
  'a passphrase': [configuration(`passphrase: ${CANARY}`), /^withheld/m],
  'a key that ends its line': [`${JSON_HEAD}"token"\n:"${CANARY}"}`, /^withheld/m],
  'an alias behind a colon': [`${JSON_HEAD}"x":&h ["${CANARY}"],"staticPodURLHeader":{"X":*h}}`, /^withheld/m],
  'a quote in a plain text': [configuration('staticPodURLHeader:', '  X: [a"b, "]', `foo: ${CANARY}"]`), /^withheld/m],
  'a quote in a plain text in JSON': [`${JSON_HEAD}"staticPodURLHeader":{A: [a"b, "]}${CANARY}"]}}`, /^withheld/m],
  'a name in base64': [configuration('!!binary c3RhdGljUG9kVVJMSGVhZGVy:', `  X: [${CANARY}]`), /^withheld/m],
  'a private key behind an escape': [configuration(`x: "PRIVATE\\ KEY-----${CANARY}"`), /^withheld/m],
  'a quoted key before an address': [configuration(`"staticPodURL": https://h/x?a[t]=${CANARY}`), /x\?REDACTED$/m],
  'a word behind a value': [configuration('maxPods: 5 # token: see the wiki'), /^\|maxPods: 5 #$/m],
  'a header that is named like a token': [
    configuration('staticPodURLHeader:', '  X-Token:', `  - ${CANARY}`, 'maxPods: 7'),
    /^\|staticPodURLHeader: \{\}\n\|maxPods: 7$/m,
  ],
  'an empty header': [
    configuration('staticPodURLHeader: {}', 'maxPods: 7'),
    /^\|staticPodURLHeader: \{\}\n\|maxPods: 7$/m,
  ],
  'a taint': [configuration('registerWithTaints:', '- key: a', '  effect: NoSchedule'), /^\|- key: a$/m],
};

const INDENTED = HEAD.replaceAll(/^/gm, '    ');
/** Files of root's that mention a kubelet's configuration, which a process of anybody's may name. */
const OTHERS: Record<string, string> = {
  'user data': `MIME-Version: 1.0\n\n#!/bin/bash\nDB=${CANARY}\ncat > /etc/k <<EOF\n${HEAD}EOF\n`,
  'a history': `mysql -p${CANARY}\ncat > /etc/k <<EOF\n${HEAD}EOF\n`,
  'a cloud-config': `#cloud-config\nruncmd:\n- mysql -p${CANARY}\nwrite_files:\n- content: |\n${INDENTED}\n`,
  'several documents': `${HEAD}---\napiVersion: v1\nkind: Secret\ndata:\n  x: ${CANARY}\n`,
  'a manifest': `apiVersion: v1\nkind: ConfigMap\ndata:\n  x: ${CANARY}\n  kubelet: |\n${INDENTED}\n`,
  'a list': `{"kind":"List","items":[{"kind":"Secret","data":{"x":"${CANARY}"}},${JSON_HEAD}"maxPods":7}]}`,
  'a log': `{"kind":"Event","data":{"x":"${CANARY}"}}\n${JSON_HEAD}"maxPods":7}\n`,
};

const USERS = 'current-context: c\ncontexts:\n- name: c\n  context:\n    user: u\nusers:\n- name: u\n  user:\n';
const JSON_USERS = (user: object) =>
  JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { user: 'u' } }],
    users: [{ name: 'u', user }],
  });
const READ = /^\|.*client-certificate"?: ?"\/c\.pem"/m;
const OTHER = /^\|style: other$/m;
/** A kubeconfig → what must be sent of it. */
const KUBECONFIGS: Record<string, [string, RegExp]> = {
  'a quoted text that goes on further out': [`${USERS}    password: "abc\nname: ${CANARY}\n"\n`, OTHER],
  'brackets that go on further out': [`${USERS}    as: [x,\nuser: ${CANARY}]\n`, OTHER],
  'brackets in a quoted argument': [`${USERS}    exec:\n      args: ["a]\nuser: ${CANARY}\n"]\n`, OTHER],
  'brackets in brackets': [`${USERS}    as: [x, [y]\n,\nuser: ${CANARY}\n]\n`, OTHER],
  'a text in a list of lists': [`${USERS}    as:\n    -   - "abc\nname: ${CANARY}\n"\n`, OTHER],
  'a text below a number': [`${USERS}    1: "abc\nname: ${CANARY}\n"\n`, OTHER],
  'a text behind a tab': [`${USERS}    a:\t"abc\nname: ${CANARY}\n"\n`, OTHER],
  'a text behind a tag and an anchor': [`${USERS}    password: !!str &a "abc\nname: ${CANARY}\n"\n`, OTHER],
  'a text behind a key and a space': [`${USERS}    "x" : "abc\nname: ${CANARY}\n"\n`, OTHER],
  'JSON that is none': [`{"current-context":"c","users":[{"token":true"name":"${CANARY}"}]}`, OTHER],
  'arguments in brackets': [
    `${USERS}    client-certificate: /c.pem\n    exec:\n      args: [a, "b c", 'd']\n      env: [{name: A, value: B}]\n`,
    READ,
  ],
  'a name that is an address': [
    USERS.replaceAll('name: c', `name: https://u:${CANARY}@h`),
    /^\|- name: "https:\/\/REDACTED@h"$/m,
  ],
  'a name that is an address in JSON': [`{"current-context":"https://u:${CANARY}@h"}`, /"https:\/\/REDACTED@h"/],
  'a text behind the mark of a document': [`--- |\nname: ${CANARY}\n`, OTHER],
  'a text behind the mark of a later line': [`\n--- >\nname: ${CANARY}\n`, OTHER],
  'a key of its own line': [`${USERS}    client-certificate: /c.pem\n?\nname: ${CANARY}\n`, OTHER],
  'a second document': [`${USERS}    client-certificate: /c.pem\n---\nname: ${CANARY}\n`, READ],
  'a plugin in JSON': [
    JSON_USERS({ 'client-certificate': '/c.pem', 'auth-provider': { config: { user: CANARY } } }),
    READ,
  ],
  'extensions in JSON': [JSON_USERS({ 'client-certificate': '/c.pem', extensions: [{ x: { user: CANARY } }] }), READ],
  'a number in JSON': [JSON_USERS({ 'client-certificate': '/c.pem', x: 7 }), READ],
  'single quotes': [`${USERS.replaceAll(/([a-z-]+):/g, "'$1':")}    'token': ${CANARY}\n`, /^\| {4}token: REDACTED$/m],
  'an empty token': [`${USERS}    token: ""\n    client-certificate: /c.pem\n`, /^\| {4}token: ""\n\| {4}client-c/m],
  'an empty text in JSON': [JSON_USERS({ token: '', 'client-certificate': '/c.pem' }), /"token": ?""/],
  'a comment behind a key': [`${USERS.replace('- context:', '- context: # x')}    client-certificate: /c.pem\n`, READ],
  'the certificates of two users': [
    `${USERS}    client-certificate-data: ${ENCODED}\n- name: v\n  user:\n    client-certificate-data: ${ENCODED}\n`,
    /^problem more than one user has a certificate in it$/m,
  ],
  'a line that would take a shell very long': [`${USERS}    x: "${':'.repeat(60_000)}"\n`, OTHER],
  'more than any kubeconfig has': [`${USERS}    token: ${'x'.repeat(70_000)}\n`, /^withheld larger than 65536 bytes$/m],
  'a comment with a certificate': [
    `${USERS}    # client-certificate-data: ${ENCODED}\n    client-certificate: /c.pem\n`,
    READ,
  ],
};

for (const { shell, missing } of shells) {
  const options = missing ? { skip: missing } : {};

  test(`arguments under ${shell}`, options, async () => {
    const root = node([kubelet(ARGUMENTS.map(([argument]) => argument))]);
    const { text } = await textOf(root, shell);
    const sent = [...text.matchAll(/^arg (.*)$/gm)].map(([, argument]) => argument);
    assert.deepEqual(
      sent,
      ARGUMENTS.map(([, expected]) => expected),
    );
  });

  for (const [kind, flag, cases] of [
    ['configurations', 'config', CONFIGURATIONS],
    ['kubeconfigs', 'kubeconfig', KUBECONFIGS],
  ] as const) {
    test(`${kind} under ${shell}`, options, async (t) => {
      const entries = Object.entries(cases);
      for (let start = 0; start < entries.length; start += MOST) {
        const some = entries.slice(start, start + MOST);
        const root = node(
          some.map((_, index) => kubelet([`--${flag}=/f${index}`], { pid: 40 + index })),
          Object.fromEntries(some.map(([, [text]], index) => [`/f${index}`, text])),
        );
        const sections = (await textOf(root, shell)).text.split(/^process /m).slice(1);
        for (const [index, [name, [, expected]]] of some.entries()) {
          await t.test(name, () => {
            assert.ok(!sections[index]?.includes(CANARY), sections[index]);
            assert.match(sections[index] ?? '', expected);
          });
        }
      }
    });
  }

  test(`arguments of MicroK8s under ${shell}`, options, async () => {
    const kubelite = kubelet([], { name: 'kubelite', exe: '/snap/microk8s/1/kubelite' });
    const lines = [
      `--manifest-url-header A:${CANARY}`,
      `--x=1 --api-token=${CANARY}`,
      `--manifest-url-header="Authorization: Bearer ${CANARY}"`,
      `--manifest-url-header=Authorization:Bearer ${CANARY} --v=3`,
      `--api-token\t${CANARY}`,
      '  --anonymous-auth=true --read-only-port=10255',
      "--config '/c.yaml'",
      `# ${CANARY}`,
    ];
    const files = {
      '/var/snap/microk8s/current/args/kubelet': `${lines.join('\n')}\n`,
      '/c.yaml': configuration('maxPods: 7'),
    };
    const { text } = await textOf(node([kubelite], files), shell);
    assert.ok(!text.includes(CANARY), text);
    assert.match(text, /^arg --anonymous-auth=true\narg --read-only-port=10255\narg --config\narg \/c\.yaml$/m);
    assert.match(text, /^\|maxPods: 7$/m);
  });

  test(`files that somebody’s process names under ${shell}`, options, async (t) => {
    for (const [name, text] of Object.entries(OTHERS)) {
      await t.test(name, async () => {
        const root = node([kubelet(['--config=/f', '--config-dir=/d'], { uid: 1000 })], {
          '/f': text,
          '/d/1.conf': text,
        });
        const { text: sent } = await textOf(root, shell);
        assert.ok(!sent.includes(CANARY), sent);
        assert.equal(sent.match(/^withheld /gm)?.length, 2, sent);
      });
    }
    for (const text of [
      `---\n# x\n${configuration("registerWithTaints:\n- key: a\n  value: 'b'", 'maxPods: 7')}`,
      `${JSON_HEAD}"maxPods":7}`,
      JSON.stringify(JSON.parse(`${JSON_HEAD}"maxPods": 7}`), null, 2),
    ]) {
      const { text: sent } = await textOf(node([kubelet(['--config=/f'], { uid: 1000 })], { '/f': text }), shell);
      assert.match(sent, /^\|.*maxPods"?: ?7/m);
    }
    const proxy = kubelet([], { name: 'kube-proxy', argv: ['/usr/bin/kube-proxy', '--config=/f'], uid: 1000 });
    const manifest = `apiVersion: v1\nkind: Secret\ndata:\n  kubeconfig: ${CANARY}\n`;
    const { text: sent } = await textOf(node([proxy], { '/f': manifest }), shell);
    assert.ok(!sent.includes(CANARY), sent);
    assert.match(sent, /^withheld it does not mention kubeproxy\.config\.k8s\.io$/m);
  });

  test(`arguments of k3s under ${shell}`, options, async () => {
    const k3s = kubelet([], { name: 'k3s-agent', exe: '/usr/local/bin/k3s' });
    const lines = [
      `token: ${CANARY}`,
      'kubelet-arg:',
      `- "v=3" # ${CANARY}`,
      `# ${CANARY}`,
      '- "anonymous-auth=true"',
      `- max-pods=50 # ${CANARY}`,
      '- protect-kernel-defaults',
    ];
    k3s.argv.push('--kubelet-arg', `--kubelet-arg=manifest-url-header=A:${CANARY}`);
    const { text } = await textOf(node([k3s], { '/etc/rancher/k3s/config.yaml': `${lines.join('\n')}\n` }), shell);
    assert.ok(!text.includes(CANARY), text);
    assert.match(text, /^arg --v=3\narg --anonymous-auth=true\narg --max-pods=50\narg --protect-kernel-defaults$/m);
  });
}

test('of several configurations of a kube-proxy the last one counts, and not all are read', async () => {
  const kind = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
  const names = [...Array.from({ length: 60 }, (_, index) => `/good${index}`), '/bad'];
  const argv = ['/usr/bin/kube-proxy', ...names.map((name) => `--config=${name}`)];
  const files = Object.fromEntries(names.map((name) => [name, kind]));
  files['/bad'] = `${kind}metricsBindAddress: 0.0.0.0:10249\n`;
  const proxy: SimulatedProcess = { pid: 50, name: 'kube-proxy', argv, startedAt: 1 };
  const { stdout, text } = await textOf(node([proxy, kubelet([])], files));
  assert.equal(text.match(/^file proxy-config /gm)?.length, 10);
  assert.match(text, /^note process 50 names 61 files; the last 10 are read$/m);
  assert.equal(metricsVerdict(stdout)?.status, 'fail');
});

/** What the rule on kube-proxy's metrics says of an answer. */
function metricsVerdict(stdout: string) {
  const answer = readAnswer(stdout);
  assert.ok('evidence' in answer, JSON.stringify(answer));
  const options = { now: 1_764_000_000, rules: ['kube-proxy-metrics-bind-address'] };
  return judgeLine({ node: { id: 'i-1' }, tags: {}, evidence: answer.evidence }, options).findings[0];
}

test('a metrics address of kube-proxy that is not in a line of its own is not taken for none', async (t) => {
  const proxy: SimulatedProcess = {
    pid: 50,
    name: 'kube-proxy',
    argv: ['/usr/bin/kube-proxy', '--config=/p.yaml'],
    startedAt: 1,
  };
  const kind = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';
  const cases: [string, string, string][] = [
    ['compact JSON', '{"kind":"KubeProxyConfiguration","metricsBindAddress":"0.0.0.0:10249"}', 'manual'],
    ['the next line', `${kind}metricsBindAddress:\n  0.0.0.0:10249\n`, 'manual'],
    ['an escape', `${kind}"metrics\\x42indAddress": 0.0.0.0:10249\n`, 'manual'],
    ['single quotes', `${kind}'metricsBindAddress': '0.0.0.0:10249'\n`, 'fail'],
    ['a line', `${kind}metricsBindAddress: 0.0.0.0:10249\n`, 'fail'],
    ['nothing', kind, 'pass'],
    ['a comment', `${kind}# metricsBindAddress: 0.0.0.0:10249\n`, 'pass'],
    ['a secret beside it', `{"kind":"K","clientConnection":{"kubeconfig":"/k","token":"${CANARY}"}}`, 'pass'],
  ];
  for (const [name, text, expected] of cases) {
    await t.test(name, async () => {
      const files = { '/p.yaml': text, '/c.yaml': configuration() };
      const { stdout, text: sent } = await textOf(node([proxy, kubelet(['--config=/c.yaml'])], files));
      assert.ok(!sent.includes(CANARY), sent);
      const verdict = metricsVerdict(stdout);
      assert.equal(verdict?.status, expected, verdict?.reason);
    });
  }
});
