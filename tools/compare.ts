/**
 * Holds kube-bench's verdicts against ours and against what the kubelet does, on small inputs:
 * `npm run compare -- --kube-bench PATH [--cfg DIR]` runs a kube-bench of your own in a mount namespace (util-linux's
 * unshare; no rights are needed where user namespaces are allowed) in which the node's files and its process list are those
 * of a case, and prints the table of docs/compare.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluate, type Finding } from '../lambda/judging/index.ts';
import { derive } from '../lambda/kubelet/derive.ts';
import type { KubeletProcess } from '../lambda/kubelet/evidence.ts';
import { isDropIn } from '../lambda/kubelet/files.ts';
import { CASES, type Case } from './compare-cases.ts';

/** The benchmark by which both judge, and its name in kube-bench's folder cfg. */
const BENCHMARK = 'cis-kubernetes-1.12';
const KUBE_BENCH_NAME = 'cis-1.12';
/** The client certificate that the kubeconfig names. */
const CURRENT = '/var/lib/kubelet/pki/kubelet-client-current.pem';
/** The kubelet of every case. */
const VERSION = 'v1.32.3';

export type Row = { name: string; control: string; theirs: string; ours: string; right: string; reason: string };

/** One kubelet as the collector would tell of it. */
export function processOf({ argv, files }: Case): KubeletProcess {
  return {
    pid: 812,
    host: 'kubelet',
    argv: ['--kubeconfig=/etc/kubernetes/kubelet.conf', '--container-runtime-endpoint=unix:///run/c.sock', ...argv],
    cwd: '/',
    version: VERSION,
    unit: 'kubelet.service',
    files: Object.entries(files).map(([path, content]) => ({
      path,
      role: isDropIn(path) ? 'drop-in' : 'config',
      state: 'file',
      mode: '600',
      uid: 0,
      gid: 0,
      content,
    })),
    dropInDirectories: argv
      .filter((argument) => argument.startsWith('--config-dir='))
      .map((argument) => ({ path: argument.slice('--config-dir='.length), state: 'directory' })),
    kubeconfigs: [
      { path: '/etc/kubernetes/kubelet.conf', state: 'read', clientCertificate: CURRENT, clientKey: CURRENT },
    ],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
  };
}

/** Our finding for the control of a case. */
export function ours(given: Case): Finding {
  const process = processOf(given);
  const evidence = {
    format: 2 as const,
    collectedAt: 0,
    os: {},
    kubelets: [process],
    proxies: [],
    notes: [],
  };
  const kubelets = [{ process, configuration: derive(process) }];
  const input = { evidence, kubelets, tags: {}, now: 0 };
  const [finding] = evaluate(input, { benchmarks: [BENCHMARK], rules: [`${BENCHMARK}/${given.control}`] });
  if (!finding) throw new Error(`no rule answers ${given.control}`);
  return finding;
}

/** What kube-bench's JSON says of a control: PASS, FAIL, WARN or INFO. */
export function theirs(json: string, control: string): string {
  type Result = { test_number: string; status: string };
  const { Controls } = JSON.parse(json) as { Controls: { tests: { results: Result[] }[] }[] };
  const results = Controls.flatMap(({ tests }) => tests.flatMap((test) => test.results));
  return results.find(({ test_number }) => test_number === control)?.status ?? 'not judged';
}

/** The table, in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(
    ({ name, control, theirs: bench, ours: own, right }) => `| ${name} | ${control} | ${bench} | ${own} | ${right} |`,
  );
  return [
    '| input | control | kube-bench | kubevigil | what the kubelet does |',
    '|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

function ask(kubeBench: string, cfg: string, given: Case): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-compare-'));
  try {
    const put = (path: string, text: string, mode = 0o600) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text, { mode });
    };
    for (const [path, text] of Object.entries(given.files)) put(`root${path}`, text);
    const line = ['/usr/bin/kubelet', ...processOf(given).argv].join(' ');
    // kube-bench asks `ps -C NAME -o cmd --no-headers` which programs run, and `ps -fC NAME` how.
    put(
      'ps',
      `#!/bin/sh\ncase "$*" in *kubelet*) printf '%s\\n' '${line.replaceAll("'", "'\\''")}' ;; *) exit 1 ;; esac\n`,
      0o755,
    );
    put('kubelet', `#!/bin/sh\necho 'Kubernetes ${VERSION}'\n`, 0o755);
    const script = [
      'set -e',
      'for d in /etc/kubernetes /var/lib/kubelet; do [ -d "$d" ] || { mount -t tmpfs tmpfs "$(dirname "$d")"; mkdir -p "$d"; }; mount -t tmpfs tmpfs "$d"; done',
      'mount -t tmpfs tmpfs /srv; mkdir -p /srv',
      'cp -a "$1/root/." /',
      'for p in /bin/ps /usr/bin/ps; do [ -e "$p" ] && mount --bind "$1/ps" "$p"; done',
      `exec "$2" run --targets node --benchmark ${KUBE_BENCH_NAME} --config-dir "$3" --json`,
    ].join('\n');
    mkdirSync(join(folder, 'root'), { recursive: true });
    const json = execFileSync(
      'unshare',
      ['--map-root-user', '--mount', 'sh', '-c', script, 'sh', folder, kubeBench, cfg],
      {
        encoding: 'utf8',
        env: { PATH: `${folder}:/usr/sbin:/usr/bin:/sbin:/bin` },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    return theirs(json, given.control);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function main(args: string[]): number {
  const { values } = parseArgs({ args, options: { 'kube-bench': { type: 'string' }, cfg: { type: 'string' } } });
  const kubeBench = values['kube-bench'];
  if (kubeBench === undefined) {
    process.stderr.write('usage: npm run compare -- --kube-bench PATH [--cfg DIR]\n');
    return 2;
  }
  const cfg = values.cfg ?? join(dirname(kubeBench), 'cfg');
  const rows = CASES.map((given): Row => {
    const { status, reason } = ours(given);
    const { name, control, right } = given;
    return { name, control, theirs: ask(kubeBench, cfg, given), ours: status, right, reason };
  });
  process.stdout.write(`${tableOf(rows)}\n`);
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));
