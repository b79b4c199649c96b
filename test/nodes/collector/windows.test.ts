/**
 * The collector for Windows, run by a PowerShell of this machine, where there is one: what it reads of a node, what it leaves
 * out, and that the recorded answers of simulated nodes are what it prints. What the filter makes of texts is in filter.test.ts.
 * Long because one table of nodes shares one run.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import type { Evidence } from '../../../lambda/kubelet/evidence.ts';
import { windowsCollector } from '../../../lambda/nodes/script.ts';
import {
  administratorCertificate,
  authorityCertificate,
  clientCertificate,
  servingCertificate,
} from '../../../simulator/fleet/certificate.ts';
import { recordedOnWindows, WINDOWS_NODES } from '../../../simulator/fleet/windows.ts';
import { powershell, type WindowsNode } from '../../../simulator/windows-collector.ts';
import { CANARY, ENCODED } from '../../secrets/nodes.ts';
import { kubelet, node } from './kubelets.ts';
import { evidenceOf, rootOf } from './runs.ts';
import { collectedOnWindows, needsPowershell, windowsNode } from './windows-runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubevigil-windows-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const source = readFileSync(new URL('../../../lambda/nodes/collector/collect.ps1', import.meta.url), 'utf8');

/** As a program of Go splits the command line that Windows gives it (go src/os/exec_windows.go). */
function split(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length; ) {
    if (/[ \t]/.test(line[at] ?? '')) {
      at += 1;
      continue;
    }
    let [word, quoted] = ['', false];
    for (; at < line.length; ) {
      const [part = '', slashes = '', quote = ''] = /^(\\*)("?)/.exec(line.slice(at)) ?? [];
      at += part.length;
      if (quote !== '') {
        word += '\\'.repeat(slashes.length >> 1);
        if (slashes.length % 2 === 1) word += '"';
        else {
          if (quoted && line[at] === '"') {
            word += '"';
            at += 1;
          }
          quoted = !quoted;
        }
        continue;
      }
      word += slashes;
      const next = line[at] ?? '';
      at += 1;
      if (!quoted && /^[ \t]?$/.test(next)) break;
      word += next;
    }
    words.push(word);
  }
  return words;
}

const SPLIT: [line: string, words: string[]][] = [
  ['', []],
  ['a  b\tc', ['a', 'b', 'c']],
  ['"C:\\Program Files\\k.exe" --a="b c"', ['C:\\Program Files\\k.exe', '--a=b c']],
  ['k --resolv-conf="" ""', ['k', '--resolv-conf=', '']],
  ['k "C:\\a\\" b', ['k', 'C:\\a" b']],
  ['k "C:\\a\\\\" b', ['k', 'C:\\a\\', 'b']],
  ['k a\\b\\\\c \\\\\\"d', ['k', 'a\\b\\\\c', '\\"d']],
  ['k "a""b" c', ['k', 'a"b c']],
  ['k "a b', ['k', 'a b']],
];

test('a command line is split as Go splits it', () => {
  for (const [line, words] of SPLIT) assert.deepEqual(split(line), words, line);
});

test('the script splits command lines so', needsPowershell, () => {
  const any = fc.array(fc.constantFrom(' ', '\t', '"', '\\', 'a', '--b=', 'C:\\'), { maxLength: 14 });
  const lines = [
    ...SPLIT.map(([line]) => line),
    ...fc.sample(any, { numRuns: 400, seed: 3 }).map((parts) => parts.join('')),
  ];
  const [definition = ''] = /^function Split-Line[\s\S]*?\n\}\n/m.exec(source) ?? [];
  const given = join(folder, 'lines.json');
  writeFileSync(given, JSON.stringify(lines));
  const script = join(folder, 'split.ps1');
  writeFileSync(
    script,
    `${definition}\nforeach ($line in (Get-Content -Raw '${given}' | ConvertFrom-Json)) { $words = Split-Line $line; ConvertTo-Json -Compress -InputObject @($words.ToArray()) }\n`,
  );
  const printed = execFileSync(powershell ?? '', ['-NoProfile', '-File', script], { encoding: 'utf8' })
    .trim()
    .split('\n');
  assert.deepEqual(
    printed.map((line) => JSON.parse(line)),
    lines.map(split),
  );
});

test('the script holds what people need not, and nothing that SSM would replace', () => {
  const script = windowsCollector();
  assert.doesNotMatch(script, /\{\{|^\s*#|^\s|\P{ASCII}/mu);
  assert.doesNotMatch(script, /^(k3s|bottlerocket) /m, 'no node of Windows has these');
  // What scanners of scripts take for malware: code that is made of data.
  assert.doesNotMatch(script, /Invoke-Expression|\biex\b|Add-Type|DownloadString|Decompress|EncodedCommand/i);
  // Words of newer PowerShells: conditional and null-coalescing operators, chains.
  assert.doesNotMatch(source.replaceAll(/'[^'\n]*'/g, "''"), /\?\?|\?\.|&&|\|\||\s\?\s[^{]*\s:\s/);
});

test('the script changes nothing on the node', () => {
  const verbs = [
    ...source.matchAll(/\b(Set|New|Remove|Start|Stop|Restart|Clear|Copy|Move|Rename|Out|Export|Register)-[A-Z]\w+/g),
  ];
  assert.deepEqual([...new Set(verbs.map(([name]) => name))].sort(), ['New-Map', 'New-Object']);
  assert.doesNotMatch(source, /File\]::(Write|Append|Delete|Move|Copy|Create)|>\s*\$|>>/);
});

const NOTHING = `${ENCODED} ${CANARY}`;
const SYSTEM = 'O:SYG:SYD:PAI(A;;FA;;;SY)';
const config = (text: string) => `apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n${text}`;
const [client, serving] = [
  clientCertificate('win-1', 1_789_000_000, 1_820_000_000),
  servingCertificate('win-1', 1_789_000_000, 1_820_000_000, ['10.0.0.1', 'fd00::1']),
];
const [authority, administrator] = [
  authorityCertificate(1_700_000_000, 2_000_000_000),
  administratorCertificate(1_789_000_000, 1_820_000_000),
];
const PEMS = {
  'client-certificate': client.key + client.certificate,
  'serving-certificate': serving.certificate + serving.key,
  'client-ca': `${authority.certificate}x\n${administrator.certificate}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n`,
};

const stranger = (more: object): WindowsNode => {
  const own = windowsNode('kubelet --rotate-certificates=false');
  return { ...own, processes: own.processes.map((each) => ({ ...each, ...more })) };
};

type Expected = (evidence: Evidence, text: string) => void;
const kubeletOf = ({ kubelets: [first] }: Evidence) => first ?? assert.fail('no kubelet');

const NODES: Record<string, [node: WindowsNode, expected: Expected]> = {
  'secrets stay: of arguments, of files, of what is beside a certificate': [
    windowsNode(
      `kubelet --bearer-token=${CANARY} --manifest-url-header X-A:${CANARY} --${CANARY}=1 ${CANARY} --node-labels=token=${CANARY} --manifest-url=https://u:${CANARY}@h/p?t=${CANARY} --config=C:\\c --kubeconfig=C:\\kc --cert-dir=C:\\pki --v=2`,
      {
        'C:\\c': config(
          `clusterDomain: a\n# ${NOTHING}\npassword: ${CANARY}\nstaticPodURLHeader:\n  A: ["Bearer ${CANARY}"]\n`,
        ),
        'C:\\kc': `users:\n- name: a\n  user: {token: ${CANARY}, password: ${CANARY}}\n`,
        'C:\\pki\\kubelet-client-current.pem': `-----BEGIN EC PRIVATE KEY-----\n${ENCODED}\n-----END EC PRIVATE KEY-----\n`,
        'C:\\pki\\kubelet.key': CANARY,
      },
    ),
    (evidence) => {
      const { argv, files, clientCertificates } = kubeletOf(evidence);
      assert.deepEqual(argv.slice(0, 6), [
        '--bearer-token=REDACTED',
        '--manifest-url-header',
        'REDACTED:REDACTED',
        '--REDACTED=REDACTED',
        'REDACTED',
        '--node-labels=REDACTED',
      ]);
      assert.ok(argv.includes('--manifest-url=https://h/p') && argv.includes('--v=2'));
      assert.match(
        files.find(({ role }) => role === 'config')?.content ?? '',
        /password: null\nstaticPodURLHeader: \{\}/,
      );
      assert.equal(clientCertificates[0]?.problem, 'no certificate in it');
    },
  ],
  'a kubelet without a command line is there, and unread': [
    windowsNode(null),
    (evidence) => assert.match(kubeletOf(evidence).unread ?? '', /empty or could not be read/),
  ],
  'what a container runs is left out: another session': [
    stranger({ session: 3 }),
    ({ kubelets, notes }) =>
      assert.ok(kubelets.length === 0 && /not of SYSTEM in session 0: processes 7/.test(notes.join())),
  ],
  'what a user runs is left out: another account': [
    stranger({ owner: 'S-1-5-21-1-2-3-500' }),
    ({ kubelets, notes }) => assert.ok(kubelets.length === 0 && notes.length === 1),
  ],
  'no share and no device is asked for': [
    windowsNode(
      'kubelet --config=\\\\evil\\share\\c --kubeconfig=//evil/share/k --client-ca-file=C:\\a:stream --tls-cert-file=relative.crt --cert-dir=\\pki',
    ),
    (evidence) => {
      const { files, argv } = kubeletOf(evidence);
      assert.deepEqual(
        files.map(({ path }) => path),
        ['C:\\k\\kubelet.exe', 'C:\\pki\\kubelet-client-current.pem'],
      );
      assert.equal(evidence.notes.filter((note) => note.includes('was not read')).length, 4);
      assert.ok(argv.includes('--config=\\\\evil\\share\\c'));
    },
  ],
  'paths are meant as Windows means them': [
    windowsNode('kubelet --config=/var/lib/kubelet/c.yaml', {
      'C:\\var\\lib\\kubelet\\c.yaml': {
        text: config('authentication:\n  x509:\n    clientCAFile: /etc/ca.crt\n'),
        sddl: SYSTEM,
      },
      'C:\\var\\lib\\kubelet\\etc\\ca.crt': authority.certificate,
    }),
    (evidence) => {
      const { files, authorities } = kubeletOf(evidence);
      assert.deepEqual(files.find(({ role }) => role === 'config')?.access, {
        owner: 'S-1-5-18',
        writers: ['S-1-5-18'],
      });
      assert.equal(authorities[0]?.path, 'C:\\var\\lib\\kubelet\\etc\\ca.crt');
    },
  ],
  'access control lists: who may write, and nobody who may only read': [
    windowsNode('kubelet --config=C:\\1 --config=C:\\2 --config=C:\\3 --config=C:\\4 --config=C:\\5', {
      'C:\\1': {
        text: '',
        sddl: 'O:S-1-5-21-1-2-3-1001G:DUD:(A;;0x1301bf;;;BU)(A;;FR;;;WD)(D;;FA;;;AN)(A;OICIIO;GA;;;CO)',
      },
      'C:\\2': {
        text: '',
        sddl: 'O:BAG:SYD:AI(A;;CCDCLCRP;;;AU)(A;;WD;;;S-1-5-19)(A;;0x1200a9;;;IU)S:AI(AU;SA;FA;;;WD)',
      },
      'C:\\3': { text: '', sddl: 'O:BAG:SY' },
      'C:\\4': { text: '', sddl: 'O:BAG:SYD:P' },
      'C:\\5': { text: '', sddl: 'nonsense' },
    }),
    (evidence) => {
      const of = (path: string) => kubeletOf(evidence).files.find((each) => each.path === path)?.access;
      assert.deepEqual(of('C:\\1'), { owner: 'S-1-5-21-1-2-3-1001', writers: ['S-1-5-32-545'] });
      assert.deepEqual(of('C:\\2'), { owner: 'S-1-5-32-544', writers: ['S-1-5-11', 'S-1-5-19'] });
      assert.deepEqual(of('C:\\3'), { owner: 'S-1-5-32-544', writers: ['S-1-1-0'] });
      assert.deepEqual(of('C:\\4'), { owner: 'S-1-5-32-544', writers: [] });
      assert.equal(of('C:\\5'), undefined);
    },
  ],
  'hostile names and texts stay what they are': [
    windowsNode(`kubelet --hostname-override=a\nversion=v9 "--node-ip=1\nprocess kubelet 9" --config=C:\\c`, {
      'C:\\c': config('clusterDomain: |\n  process kubelet 9\n'),
    }),
    (evidence) => {
      assert.equal(evidence.kubelets.length, 1);
      assert.deepEqual(kubeletOf(evidence).argv.slice(0, 2), ['--hostname-override=REDACTED', '--node-ip=REDACTED']);
      assert.match(
        kubeletOf(evidence).files.find(({ role }) => role === 'config')?.withheld ?? '',
        /block of text \(line 3\)/,
      );
    },
  ],
  'files that are too large, in another encoding, or folders': [
    windowsNode(
      'kubelet --config=C:\\large --config=C:\\utf16 --config=C:\\latin --kubeconfig=C:\\k --pod-manifest-path=C:\\gone',
      {
        'C:\\large': 'a'.repeat(65_537),
        'C:\\utf16': Buffer.from('\ufeffmaxPods: 3\n', 'utf16le'),
        'C:\\latin': Buffer.from('# \xe9\n', 'latin1'),
      },
    ),
    (evidence) => {
      const { files, kubeconfigs } = kubeletOf(evidence);
      const withheld = (path: string) => files.find((each) => each.path === path)?.withheld;
      assert.match(withheld('C:\\large') ?? '', /larger than 65536/);
      assert.match(withheld('C:\\utf16') ?? '', /UTF-8|control characters/);
      assert.match(withheld('C:\\latin') ?? '', /UTF-8/);
      assert.deepEqual(
        kubeconfigs.map(({ state }) => state),
        ['refused'],
      );
      assert.equal(files.find(({ role }) => role === 'static-pods')?.state, 'missing');
    },
  ],
  'certificates say what the other collector reads of them': [
    windowsNode('kubelet --cert-dir=C:\\pki --client-ca-file=C:\\ca --kubeconfig=C:\\kc', {
      'C:\\pki\\kubelet-client-current.pem': PEMS['client-certificate'],
      'C:\\pki\\kubelet-server-current.pem': PEMS['serving-certificate'],
      'C:\\ca': PEMS['client-ca'],
      'C:\\kc': `clusters:\n- name: a\n  cluster:\n    certificate-authority-data: ${Buffer.from(authority.certificate).toString('base64')}\n`,
    }),
    () => {},
  ],
};

describe('nodes', needsPowershell, async () => {
  const names = Object.keys(NODES);
  const recorded = Object.keys(WINDOWS_NODES);
  const all = powershell
    ? await collectedOnWindows([...Object.values(NODES).map(([each]) => each), ...Object.values(WINDOWS_NODES)])
    : [];

  for (const [index, name] of names.entries()) {
    test(name, () => {
      const { evidence, text } = all[index] ?? assert.fail();
      for (const secret of [CANARY, ENCODED]) assert.ok(!text.includes(secret), text);
      NODES[name]?.[1](evidence, text);
    });
  }

  test('the facts of certificates are those of the collector for Linux', async () => {
    const { evidence } = all[names.indexOf('certificates say what the other collector reads of them')] ?? assert.fail();
    const linux = await evidenceOf(
      rootOf(
        node([kubelet(['--cert-dir=/pki', '--client-ca-file=/ca', '--kubeconfig=/kc'])], {
          '/pki/kubelet-client-current.pem': PEMS['client-certificate'],
          '/pki/kubelet-server-current.pem': PEMS['serving-certificate'],
          '/ca': PEMS['client-ca'],
          '/kc': `clusters:\n- name: a\n  cluster:\n    certificate-authority-data: ${Buffer.from(authority.certificate).toString('base64')}\n`,
        }),
      ),
    );
    const facts = (from: Evidence) => {
      const { clientCertificates, servingCertificates, authorities } = kubeletOf(from);
      const plain = (each: object) => ({ ...each, path: '' });
      return [clientCertificates, servingCertificates, authorities].map((list) =>
        list.map(plain).sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
      );
    };
    assert.deepEqual(facts(evidence), facts(linux));
    assert.ok(facts(evidence).every((list) => list.length > 0));
  });

  test('the recorded answers are what it prints: node tools/windows-answers.ts', () => {
    // Keys are made anew each time, and with them what a certificate's number is.
    const still = (text: string) =>
      text.replace(/^(time|serial) .*$/gm, '$1').replace(/^(file \S+ file - - -) \d+/gm, '$1');
    for (const [index, name] of recorded.entries()) {
      assert.equal(still(all[names.length + index]?.text ?? ''), still(recordedOnWindows(name)), name);
    }
  });
});

test('a file that takes too long is withheld, and the rest is told', needsPowershell, async () => {
  const files = { 'C:\\c': config('maxPods: 3\n'), 'C:\\j': '{"kind":"KubeletConfiguration"}' };
  const hurried = windowsCollector().replace('-gt 30000', '-ge 0');
  const [made] = await collectedOnWindows([windowsNode('kubelet --config=C:\\c --config=C:\\j', files)], hurried);
  const withheld = kubeletOf(made?.evidence ?? assert.fail()).files.flatMap((each) => each.withheld ?? []);
  assert.deepEqual(withheld, [
    'reading took longer than 30 seconds (line 0)',
    'reading took longer than 30 seconds (line 0)',
  ]);
  assert.equal(kubeletOf(made?.evidence ?? assert.fail()).version, 'v1.33.5');
});
