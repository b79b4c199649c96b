/**
 * A word of its own stands in each place of a node that the collector comes near. Which of them leave is written on the page
 * that a reviewer reads, docs/security.md, and these are all.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { clientCertificate, servingCertificate } from '../../simulator/fleet/certificate.ts';
import type { SimulatedRoot } from '../../simulator/fleet/root.ts';
import { collected, rootOf } from '../nodes/collector/runs.ts';

const PAGE = new URL('../../docs/security.md', import.meta.url);
const [BEGIN, END] = ['<!-- places that leave: test/secrets/places.test.ts -->\n', '<!-- end of places that leave -->'];

/** Place → its word: small letters alone, which every form of the page takes that takes texts at all. */
const words = new Map<string, string>();
function word(place: string): string {
  const letters = words.size.toString(26).padStart(3, '0');
  const plain = [...letters].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 26))).join('');
  words.set(place, `qz${plain}zq`);
  return `qz${plain}zq`;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const pem = (place: string) => {
  const { certificate, key } = clientCertificate(
    word(`common name of ${place}`),
    1_760_000_000,
    1_790_000_000,
    word(`issuer of ${place}`),
  );
  return `${word(`text before ${place}`)}\n${certificate}${word(`text between certificate and key of ${place}`)}\n${key}`;
};
const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const folder = `/etc/${word('a folder on the way to a file that is named')}`;
const unit = `kubelet-${word('the name of the unit')}.service`;
const exe = `/opt/${word("the path of the kubelet's program")}/kubelet`;

const kubeconfig = `# ${word('comment of a kubeconfig')}
apiVersion: v1
kind: Config
current-context: ${word('name of the current context')}
${word('unknown name in a kubeconfig')}: ${word('value of an unknown name in a kubeconfig')}
preferences: {extensions: [{name: a, extension: ${word('extension of a kubeconfig')}}]}
clusters:
- name: ${word('name of a cluster')}
  cluster:
    server: https://${word('server of a cluster')}:6443
    certificate-authority-data: ${base64(pem('an authority in a kubeconfig'))}
contexts:
- name: ${words.get('name of the current context')}
  context:
    cluster: ${words.get('name of a cluster')}
    user: ${word('name of a user')}
    namespace: ${word('namespace of a context')}
users:
- name: ${words.get('name of a user')}
  user:
    token: ${word('token')}
    tokenFile: /run/${word('path of a token file')}
    client-key-data: ${base64(word('embedded key'))}
    as: ${word('impersonated user')}
    exec:
      command: /bin/${word('command of an exec plugin')}
      args: ["${word('argument of an exec plugin')}"]
      env:
      - name: ${word('name of an environment variable of an exec plugin')}
        value: ${word('value of an environment variable of an exec plugin')}
      installHint: ${word('hint of an exec plugin')}
`;

const config = `# ${word('comment of a configuration')}
${HEAD}${word('unknown name in a configuration')}: ${word('value of an unknown name in a configuration')}
clusterDomain: ${word('text of a listed name in a configuration')}
evictionHard:
  ${word('name in a listed map of a configuration')}: ${word('text in a listed map of a configuration')}
featureGates:
  ${word('name of a feature gate')}: true
staticPodURLHeader:
  ${word('name of a header')}:
  - ${word('value of a header')}
staticPodURL: https://${word('user of an address')}:${word('password of an address')}@${word('host of an address')}/${word('path of an address')}?${word('query of an address')}
authentication:
  x509:
    clientCAFile: ${folder}/${word('name of a file that is named')}
maxPods: ${word('text where a number belongs')}
readOnlyPort: 0 # ${word('comment behind a value')}
---
clusterDomain: ${word('second document of a configuration')}
`;

const ROOT: SimulatedRoot = {
  os: {
    id: word('ID of os-release'),
    version: word('VERSION_ID of os-release'),
    variant: word('VARIANT_ID of os-release'),
  },
  version: 'v1.32.1',
  processes: [
    {
      pid: 40,
      name: 'kubelet',
      exe,
      cwd: `/srv/${word("the kubelet's working directory")}`,
      unit: `${word('a control group above the unit')}.slice/${unit}`,
      startedAt: 1_763_000_000,
      argv: [
        exe,
        '--config=/c.yaml',
        '--config-dir=/d',
        '--kubeconfig=/k.conf',
        `--node-labels=${word('name of a node label')}=${word('value of a node label')}`,
        `--${word('unknown flag')}=${word('value of an unknown flag')}`,
        `--${word('unknown flag with a value behind it')}`,
        word('value behind an unknown flag'),
        `--manifest-url-header=${word('header of --manifest-url-header')}:${word('value of --manifest-url-header')}`,
        `--storage-driver-user=${word('user of a storage driver')}`,
        `--v=${word('text where a flag wants a number')}`,
        `-${word('flag with one dash')}`,
        word('word that is no flag'),
      ],
      environment: { [word("name of a variable of the kubelet's")]: word("value of a variable of the kubelet's") },
    },
    {
      pid: 50,
      name: 'kube-proxy',
      unit: 'kube-proxy.service',
      startedAt: 1_763_000_000,
      argv: ['/usr/bin/kube-proxy', '--config=/p.yaml', `--hostname-override=${word('listed argument of kube-proxy')}`],
    },
    // Another user's, and one that is no kubelet.
    {
      pid: 60,
      name: `kubelet-${word('name of a stranger')}`.slice(0, 15),
      uid: 1000,
      startedAt: 1_763_000_000,
      argv: [word('argument of a stranger'), '--kubeconfig=/x'],
    },
    {
      pid: 70,
      name: word('name of another process'),
      startedAt: 1_763_000_000,
      argv: [word('argument of another process')],
    },
  ],
  files: {
    '/c.yaml': config,
    [`/d/${word('name of a drop-in')}.conf`]: `${HEAD}`,
    [`/d/${word('name of another file beside drop-ins')}.yaml`]: word('text of another file beside drop-ins'),
    '/d/anchor.conf': `${HEAD}clusterDomain: &${word('anchor in a file that is withheld')} ${word('text in a file that is withheld')}\n`,
    '/k.conf': kubeconfig,
    '/p.yaml': `kind: KubeProxyConfiguration\nmode: ${word('listed text of kube-proxy')}\nclusterCIDR: ${word('text of a name of kube-proxy that is not listed')}\nclientConnection: {kubeconfig: /${word('path of a kubeconfig of kube-proxy')}}\n`,
    [`/${words.get('path of a kubeconfig of kube-proxy')}`]: word('text of a kubeconfig of kube-proxy'),
    [`/run/${words.get('path of a token file')}`]: word('text of a token file'),
    [`${folder}/${words.get('name of a file that is named')}`]: pem('a client CA file'),
    '/var/lib/kubelet/pki/kubelet-client-1.pem': pem("the kubelet's own certificate"),
    '/var/lib/kubelet/pki/kubelet-server-current.pem': servingCertificate('n', 1_760_000_000, 1_790_000_000, [
      word('host name in a serving certificate'),
    ]).certificate,
    [`/etc/systemd/system/${unit}`]: `# ${word('comment of a unit')}\n[Unit]\nDescription=${word('description of a unit')}\n[Service]\nEnvironment=A=${word('variable in a unit')}\nEnvironmentFile=/etc/${word('name of an environment file')}\nExecStart=/usr/bin/kubelet --node-labels=${word('value of a flag in a unit')} --${word('unknown flag in a unit')}\n${word('unknown name in a unit')}=1\n`,
    [`/etc/systemd/system/${unit}.d/${word('name of a drop-in of a unit')}.conf`]: '[Service]\nRestart=always\n',
    [`/etc/${words.get('name of an environment file')}`]: `${word('name of a variable in an environment file')}="--v=${word('value of a flag in an environment file')}"\nB=${word('value in an environment file')}\n`,
    [`/etc/kubernetes/manifests/${word('name of a static pod')}.yaml`]: word('text of a static pod'),
    '/etc/passwd': `root:x:0:0:${word('user in /etc/passwd')}:/:/bin/sh\n`,
    '/etc/machine-id': `${word('machine id')}\n`,
    '/proc/sys/kernel/hostname': `${word('host name')}\n`,
    '/proc/cmdline': `${word('command line of the kernel')}\n`,
  },
  links: {
    '/var/lib/kubelet/pki/kubelet-client-current.pem': 'kubelet-client-1.pem',
    '/d/link.conf': `/${word('target of a link')}`,
  },
};

/** Lines of at most 120 characters. */
const wrapped = (text: string) => text.replace(/(.{1,119}\S)(?:\s+|$)/g, '$1\n').trimEnd();

test('the words that leave a node are those that docs/security.md lists, and no others', async () => {
  const directory = rootOf(ROOT);
  const { text } = await collected(directory);
  const leave = [...words].filter(([, each]) => text.includes(each)).map(([place]) => place);
  const page = readFileSync(PAGE, 'utf8');
  assert.ok(page.includes(BEGIN) && page.includes(END));
  if (process.env.UPDATE_DOCS) {
    const [before, after] = [page.slice(0, page.indexOf(BEGIN) + BEGIN.length), page.slice(page.indexOf(END))];
    writeFileSync(PAGE, `${before}${wrapped(`${leave.join('; ')}.`)}\n${after}`);
    return;
  }
  const listed = page
    .slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END))
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  assert.equal(`${leave.join('; ')}.`, listed);
});
