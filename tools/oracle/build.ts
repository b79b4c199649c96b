/**
 * Builds the oracle of one release: the real kubelet's command from its own Go modules, ended where it would begin to work.
 * Tested by test/tools/oracle.test.ts.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('go', import.meta.url));

/** The line of NewKubeletCommand before which everything is decided by the input alone. */
const SEAM = '// use kubeletServer to construct the default KubeletDeps';

/** Packages of which the command needs a few functions and that would bring half of the kubelet along. */
const TRIMMED: Readonly<Record<string, string>> = {
  eviction: 'ParseThresholdConfig,DefaultEvictionHard,init',
  cm: 'ParseQOSReserved',
  server: 'ComponentKubelet,TLSOptions',
  cadvisor: 'init',
};
const ROOTS = 'NewKubeletCommand,InitializeTLS,parseResourceList,init';

/** On the PATH, like the compiler of anything else. */
const GO = 'go';

const ENVIRONMENT = { CGO_ENABLED: '0', GOWORK: 'off', GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod -buildvcs=false' };

/** Compiling takes minutes, and its processes shall not fill the machine. */
const LONGEST_BUILD_MS = 30 * 60_000;

/** Go is on the PATH. */
export function hasGo(): boolean {
  return spawnSync(GO, ['version']).status === 0;
}

/**
 * Builds the oracle of a release such as `1.37.2` in a folder, unless it is there, and returns its path.
 * Throws an Error with Go's own words.
 */
export function buildOracle(release: string, folder: string): string {
  const program = join(folder, 'oracle');
  if (existsSync(program)) return program;
  const [, minor = '', patch = ''] = /^1\.(\d+)\.(\d+)$/.exec(release) ?? [];
  if (minor === '') throw new Error(`expected a release such as 1.37.2, found ${release}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'go.mod'), 'module oracle\n');
  const source = folderOf(`k8s.io/kubernetes@v${release}`, folder);
  if (source === undefined) throw new Error(`k8s.io/kubernetes has no release v${release}`);
  writeModule(source, release, `v0.${minor}.${patch}`, folder);
  const server = readFileSync(join(source, 'cmd/kubelet/app/server.go'), 'utf8');
  trim(source, server, folder);
  const kubelet = readFileSync(join(source, 'pkg/kubelet/kubelet.go'), 'utf8');
  const parts = partsOf(server, kubelet, providersOf(source));
  for (const [from, to] of [
    ['seam.go.tmpl', 'app/oracle_seam.go'],
    ['main.go.tmpl', 'main.go'],
  ] as const) {
    const text = readFileSync(join(HERE, from), 'utf8').replace(/@@(\w+)@@/g, (_, name: string) => parts[name] ?? '');
    writeFileSync(join(folder, to), text);
  }
  // After the packages whose flags it changes.
  const after = 'package cadvisor\n\nimport _ "k8s.io/kubernetes/cmd/kubelet/app/options"\n';
  writeFileSync(join(folder, 'cadvisor/after.go'), after);
  const version = 'k8s.io/component-base/version';
  const flags = `-s -w -X ${version}.gitVersion=v${release} -X ${version}.gitMajor=1 -X ${version}.gitMinor=${minor} -X ${version}.gitTreeState=clean`;
  go(['build', '-ldflags', flags, '-o', 'oracle', '.'], folder);
  return program;
}

function go(args: readonly string[], cwd: string): string {
  const options = {
    cwd,
    env: { ...process.env, ...ENVIRONMENT },
    encoding: 'utf8',
    timeout: LONGEST_BUILD_MS,
  } as const;
  const { status, stdout, stderr, error } = spawnSync(GO, args, options);
  if (status === 0) return stdout;
  throw new Error(`go ${args[0]}: ${error?.message ?? stderr.split('\n').slice(-20).join('\n')}`);
}

/** Where Go keeps a module; undefined where there is no such version. */
function folderOf(module: string, cwd: string): string | undefined {
  try {
    return (JSON.parse(go(['mod', 'download', '-json', module], cwd)) as { Dir: string }).Dir;
  } catch {
    return undefined;
  }
}

/** The release's own go.mod and go.sum, with its staging modules in the versions that belong to it. */
function writeModule(source: string, release: string, staging: string, folder: string): void {
  const own = readFileSync(join(source, 'go.mod'), 'utf8').replace(/^module .*$/m, 'module oracle');
  const text = own.replace(/(k8s\.io\/\S+) => \.\/staging\/src\/\S+/g, (_, module: string) => {
    const version = versionOf(module, staging, folder);
    if (version !== undefined) return `${module} => ${module} ${version}`;
    // No kubelet imports what is not served for every release.
    const empty = join(folder, 'none', module.slice('k8s.io/'.length));
    mkdirSync(empty, { recursive: true });
    writeFileSync(join(empty, 'go.mod'), `module ${module}\n`);
    return `${module} => ./none/${module.slice('k8s.io/'.length)}`;
  });
  writeFileSync(join(folder, 'go.mod'), `${text}\nrequire k8s.io/kubernetes v${release}\n`);
  copyFileSync(join(source, 'go.sum'), join(folder, 'go.sum'));
  chmodSync(join(folder, 'go.sum'), 0o644);
}

/** How many patch releases back a staging module may be. */
const MOST_BACK = 20;

function versionOf(module: string, version: string, cwd: string): string | undefined {
  if (module.startsWith('k8s.io/sample-')) return undefined;
  const [, minor = '', patch = ''] = /^(v0\.\d+)\.(\d+)$/.exec(version) ?? [];
  for (let back = 0; back <= Math.min(MOST_BACK, Number(patch)); back += 1) {
    const candidate = `${minor}.${Number(patch) - back}`;
    try {
      go(['list', '-m', `${module}@${candidate}`], cwd);
      return candidate;
    } catch {
      // Some staging modules were not tagged for some patch releases.
    }
  }
  return undefined;
}

function trim(source: string, server: string, folder: string): void {
  const begin = server.indexOf(SEAM);
  const end = server.indexOf('\n\t\t},\n\t}\n', begin);
  if (begin === -1 || end === -1) throw new Error('the command of this release has no place where it could be ended');
  // What is only used in the part that goes would be refused as unused.
  const used = /\bskippedDropinFiles\b/.test(server.slice(0, begin)) ? '_ = skippedDropinFiles\n\t\t\t' : '';
  const edited = `${server.slice(0, begin)}${used}return stop(kubeletServer)${server.slice(end)}`;
  const renamed = Object.keys(TRIMMED).map((name) => `k8s.io/kubernetes/pkg/kubelet/${name}=oracle/${name}`);
  for (const [name, roots] of Object.entries({ app: ROOTS, ...TRIMMED })) {
    const out = join(folder, name);
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out);
    if (name === 'app') writeFileSync(join(out, 'server.go.edited'), edited);
    const origin = join(source, name === 'app' ? 'cmd/kubelet/app' : `pkg/kubelet/${name}`);
    go(['run', join(HERE, 'trim.go'), origin, out, roots, ...renamed], folder);
  }
}

/** Cloud providers that this kubelet has inside: what becomes of them depends on their cloud. */
function providersOf(source: string): string[] {
  const folder = join(source, 'pkg/cloudprovider/providers');
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => !name.endsWith('_test.go')) : [];
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  return [...new Set([...texts.matchAll(/"k8s\.io\/legacy-cloud-providers\/(\w+)"/g)].map(([, name = '']) => name))];
}

/** What differs between minors, taken from their own source. */
function partsOf(server: string, kubelet: string, providers: readonly string[]): Record<string, string> {
  const ofTls = server.includes('InitializeTLS(ctx');
  const ofCommand = server.includes('func NewKubeletCommand(ctx');
  return {
    TLS_IMPORT: ofTls ? '"context"' : '',
    TLS_CONTEXT: ofTls ? 'context.Background(), ' : '',
    COMMAND_IMPORT: ofCommand ? '"context"' : '',
    COMMAND_CONTEXT: ofCommand ? 'context.Background()' : '',
    SAYS_FLAG: String(server.includes('--kube-reserved value failed to parse')),
    ...thresholdParts(server),
    ...cloudParts(server, kubelet, providers),
    ...addressParts(server),
  };
}

/** The statement of run() that begins like this, whole: gofmt ends it at the indentation where it began. */
function statement(text: string, start: string): string {
  const at = text.indexOf(`\t${start}`);
  if (at === -1) return '';
  const indent = /\t*$/.exec(text.slice(0, at + 1))?.[0] ?? '';
  return text.slice(at + 1, text.indexOf(`\n${indent}}`, at) + indent.length + 2);
}

/** From 1.26 on the loading of a file adds the default thresholds (loadConfigFile). */
function thresholdParts(server: string): Record<string, string> {
  const own = statement(server, 'if kc.EvictionHard == nil {').replaceAll('kc.', 'loaded.');
  return own === '' ? {} : { THRESHOLDS: own, THRESHOLDS_IMPORT: '"oracle/eviction"' };
}

function cloudParts(server: string, kubelet: string, providers: readonly string[]): Record<string, string> {
  if (!server.includes('cloudprovider "k8s.io/cloud-provider"')) return {};
  const own = statement(server, 'if kubeDeps.Cloud == nil {')
    .replace('kubeDeps.Cloud == nil', 'true')
    .replace('kubeDeps.Cloud = cloud', '_ = cloud');
  const inside = providers.map((name) => `"${name}"`).join(', ');
  const format = /"(cloud provider %q was specified[^"]*)"/.exec(kubelet)?.[1];
  const later = `if utilfeature.DefaultFeatureGate.Enabled(features.DisableCloudProviders) && cloudprovider.IsDeprecatedInternal(s.CloudProvider) {
		return fmt.Errorf("failed to create kubelet: ${format}", s.CloudProvider)
	}`;
  return {
    CLOUD_IMPORT: 'cloudprovider "k8s.io/cloud-provider"',
    CLOUD: inside === '' ? own : `switch s.CloudProvider {\n\tcase ${inside}:\n\tdefault:\n${own}\n\t}`,
    CLOUD_LATER: format !== undefined && kubelet.includes('features.DisableCloudProviders') ? later : '',
  };
}

function addressParts(server: string): Record<string, string> {
  const call = /nodeIPs, (invalidNodeIps, )?err := (nodeutil\.ParseNodeIPArgument\(.*\))\n/.exec(server);
  if (call !== null) {
    const target = call[1] === undefined ? '_, err' : '_, _, err';
    return {
      ADDRESS: `${target} = ${(call[2] ?? '').replaceAll('kubeServer.', 's.')}`,
      ADDRESS_IMPORT: 'nodeutil "k8s.io/component-helpers/node/util"',
    };
  }
  const [own = ''] = /^\tvar nodeIPs \[\]net\.IP\n.*?^\t\} else if .*?^\t\}\n/ms.exec(server) ?? [];
  return {
    ADDRESS: own.replaceAll('kubeServer.', 's.'),
    ADDRESS_IMPORT: '"net"\n\t"strings"\n\tnetutils "k8s.io/utils/net"',
  };
}
