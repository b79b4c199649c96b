/**
 * What the kubelet refuses after its configuration was accepted, of what depends on its input alone: TLS, cloud provider,
 * reservations, evictions, addresses. Certificates, runtime, cgroups, swap and CPUs need the machine and are not asked.
 * Source: kubernetes cmd/kubelet/app/server.go, InitializeTLS, run and RunKubelet; pkg/kubelet/kubelet.go, NewMainKubelet;
 * pkg/kubelet/eviction/helpers.go; pkg/kubelet/cm, ParseQOSReserved; 1.24 to 1.37.
 * Tested by test/kubelet/late.test.ts and, with recorded kubelets, test/kubelet/agreement.test.ts.
 */
import { isAddress, isIpv6 } from '../go/address.ts';
import { durationProblem, fits, parseDuration, parseFloat64, parseInteger, trimSpace } from '../go/literals.ts';
import { Exit } from '../go/outcome.ts';
import { formatQuantity, parseQuantity } from '../go/quantity.ts';
import { goQuote } from '../go/quoting.ts';
import type { FlagUse } from './arguments.ts';
import { type GateValues, isOn } from './gates.ts';
import type { Layers } from './layers.ts';
import { FIRST_WITH_ALL_GATES } from './tables.ts';
import { tlsProblem } from './tls.ts';
import type { Value } from './values.ts';
import type { Rules } from './version.ts';

export type Late = { layers: Layers; uses: readonly FlagUse[]; gates: GateValues; rules: Rules };

/** A message, and what it speaks of: settings or flags. */
type Problem = { message: string; settings?: readonly string[]; flag?: string };

/** Throws Exit for the first thing that the kubelet refuses late. */
export function refuseLate(late: Late): void {
  if (late.rules.minor < FIRST_WITH_ALL_GATES) return;
  const tls = tlsProblem(late.layers);
  if (tls !== undefined) {
    throw exit(late, { ...tls, message: `failed to construct kubelet dependencies: ${tls.message}` });
  }
  const found = runProblem(late);
  if (found !== undefined) throw exit(late, { ...found, message: `failed to run Kubelet: ${found.message}` });
}

function exit({ layers, uses }: Late, { message, settings = [], flag }: Problem): Exit {
  const use = uses.findLast(({ name }) => name === flag);
  const flags = use === undefined ? [] : [{ where: { kind: 'flag', where: use.written } as const }];
  const about = settings.map((setting) => {
    const where = layers[setting]?.source;
    return where === undefined ? { setting } : { setting, where };
  });
  return new Exit(message, { stage: 'late', about: [...about, ...flags] });
}

function runProblem(late: Late): Problem | undefined {
  const { layers, rules } = late;
  const text = (name: string) => lastText(late, name);
  if (text('exit-on-lock-contention') === 'true' && text('lock-file') === '') {
    const message = 'cannot exit on lock file contention: no lock file specified';
    return { message, flag: 'exit-on-lock-contention' };
  }
  return (
    cloudProblem(late) ??
    reservationProblem(layers, 'kubeReserved', 'kube-reserved', rules.minor) ??
    reservationProblem(layers, 'systemReserved', 'system-reserved', rules.minor) ??
    (text('experimental-allocatable-ignore-eviction') === 'true'
      ? undefined
      : thresholdsProblem(layers, 'evictionHard', rules.minor).problem) ??
    qosProblem(layers, rules.minor) ??
    addressProblem(late) ??
    mainProblem(late)
  );
}

/** A flag's last value as text; booleans as `true` and `false`. */
function lastText({ uses }: Late, flag: string): string {
  return String(uses.findLast(({ name }) => name === flag)?.value ?? '');
}

/** Providers that the kubelet itself had, by minor; what becomes of them depends on their cloud. */
const INSIDE: readonly [last: number, names: readonly string[]][] = [
  [25, ['aws', 'azure', 'gce', 'openstack', 'vsphere']],
  [26, ['aws', 'azure', 'gce', 'vsphere']],
  [29, ['azure', 'gce', 'vsphere']],
  [30, ['gce']],
];

const disabled = (name: string) =>
  `cloud provider ${goQuote(name)} was specified, but built-in cloud providers are disabled. Please set --cloud-provider=external and migrate to an external cloud provider`;

function cloudProblem(late: Late): Problem | undefined {
  const name = lastText(late, 'cloud-provider');
  const { minor } = late.rules;
  // From 1.34 on any name is taken, and means nothing.
  if (minor >= 34 || name === '' || name === 'external' || isInside(name, minor)) return undefined;
  const message = minor >= 32 ? disabled(name) : `unknown cloud provider ${goQuote(name)}`;
  return { message, flag: 'cloud-provider' };
}

function isInside(name: string, minor: number): boolean {
  return INSIDE.find(([last]) => minor <= last)?.[1].includes(name) ?? false;
}

const RESERVABLE = new Set(['cpu', 'memory', 'ephemeral-storage', 'pid']);

function reservationProblem(layers: Layers, path: string, flag: string, minor: number): Problem | undefined {
  for (const [name, value] of entries(layers, path)) {
    const message = amountProblem(name, value, minor);
    if (message === undefined) continue;
    return { message: minor >= 27 ? `--${flag} value failed to parse: ${message}` : message, settings: [path] };
  }
  return undefined;
}

function amountProblem(name: string, value: string, minor: number): string | undefined {
  if (!RESERVABLE.has(name)) return `cannot reserve ${goQuote(name)} resource`;
  const quantity = parseQuantity(value);
  if (typeof quantity === 'string') {
    return minor >= 27
      ? `failed to parse quantity ${goQuote(value)} for ${goQuote(name)} resource: ${quantity}`
      : quantity;
  }
  return quantity.nano < 0n ? `resource quantity for ${goQuote(name)} cannot be negative: ${value}` : undefined;
}

function qosProblem(layers: Layers, minor: number): Problem | undefined {
  for (const [name, value] of entries(layers, 'qosReserved')) {
    const message = name === 'memory' ? shareProblem(value, minor) : `cannot reserve ${goQuote(name)} resource`;
    if (message === undefined) continue;
    return {
      message: minor >= 27 ? `--qos-reserved value failed to parse: ${message}` : message,
      settings: ['qosReserved'],
    };
  }
  return undefined;
}

function shareProblem(value: string, minor: number): string | undefined {
  const number = parseInteger(value.replace(/%+$/, ''), 10);
  const message = !value.endsWith('%')
    ? `percentage expected, got '${value}'`
    : number === undefined || !fits(number, 64)
      ? `invalid number in percentage '${value}'`
      : number < 0n || number > 100n
        ? 'percentage must be between 0 and 100'
        : undefined;
  return message === undefined || minor < 27
    ? message
    : `failed to parse percentage ${goQuote(value)} for "memory" resource: ${message}`;
}

function entries(layers: Layers, path: string): [string, string][] {
  const value: Value = layers[path]?.value ?? null;
  return value instanceof Map ? [...(value as ReadonlyMap<string, string>)] : [];
}

const SIGNALS = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'allocatableMemory.available',
  'pid.available',
];

function signalProblem(signal: string, minor: number): string | undefined {
  if (SIGNALS.includes(signal) || (minor >= 29 && /^containerfs\.(?:available|inodesFree)$/.test(signal))) {
    return undefined;
  }
  return `unsupported eviction signal ${signal}`;
}

/** The signals of thresholds that count: 0% and 100% are left out. */
function thresholdsProblem(layers: Layers, path: string, minor: number): { signals: string[]; problem?: Problem } {
  const signals: string[] = [];
  for (const [signal, value] of entries(layers, path)) {
    const message = signalProblem(signal, minor) ?? thresholdProblem(signal, value);
    if (message !== undefined) return { signals, problem: { message, settings: [path] } };
    if (value !== '0%' && value !== '100%') signals.push(signal);
  }
  return { signals };
}

function thresholdProblem(signal: string, value: string): string | undefined {
  if (value.endsWith('%')) {
    const share = percentage(value);
    if (typeof share === 'string') return share;
    if (share < 0) return `eviction percentage threshold ${signal} must be >= 0%: ${value}`;
    return share > 1 ? `eviction percentage threshold ${signal} must be <= 100%: ${value}` : undefined;
  }
  const quantity = parseQuantity(value);
  if (typeof quantity === 'string') return quantity;
  if (quantity.nano > 0n) return undefined;
  return `eviction threshold ${signal} must be positive: ${formatQuantity(quantity)}`;
}

/** A float32, as a part of one. */
function percentage(value: string): number | string {
  const text = value.replace(/%+$/, '');
  const number = parseFloat64(text);
  if (number === undefined) return `strconv.ParseFloat: parsing ${goQuote(text)}: invalid syntax`;
  return Math.fround(Math.fround(number) / 100);
}

function graceProblem(layers: Layers, minor: number): Problem | undefined {
  for (const [signal, value] of entries(layers, 'evictionSoftGracePeriod')) {
    const period = parseDuration(value);
    const message =
      signalProblem(signal, minor) ??
      (period === undefined
        ? durationProblem(value)
        : period < 0n
          ? `invalid eviction grace period specified: ${value}, must be a positive value`
          : undefined);
    if (message !== undefined) return { message, settings: ['evictionSoftGracePeriod'] };
  }
  return undefined;
}

function reclaimProblem(layers: Layers, minor: number): Problem | undefined {
  for (const [signal, value] of entries(layers, 'evictionMinimumReclaim')) {
    const message = signalProblem(signal, minor) ?? reclaimedProblem(signal, value);
    if (message !== undefined) return { message, settings: ['evictionMinimumReclaim'] };
  }
  return undefined;
}

function reclaimedProblem(signal: string, value: string): string | undefined {
  if (value.endsWith('%')) {
    const share = percentage(value);
    if (typeof share === 'string') return share;
    return share > 0 ? undefined : `eviction percentage minimum reclaim ${signal} must be positive: ${value}`;
  }
  const quantity = parseQuantity(value);
  if (typeof quantity === 'string') return quantity;
  return quantity.nano < 0n ? `negative eviction minimum reclaim specified for ${signal}` : undefined;
}

/** --node-ip: what is no address is left out (k8s.io/component-helpers/node/util/ips.go, and RunKubelet up to 1.26). */
function addressProblem(late: Late): Problem | undefined {
  const text = lastText(late, 'node-ip');
  const { minor } = late.rules;
  const addresses = text.split(',').map(trimSpace).filter(isAddress);
  const [first = '', second = ''] = addresses;
  const cloud = lastText(late, 'cloud-provider');
  const allowsExternal = minor >= 30 || (minor >= 27 && isOn('CloudDualStackNodeIPs', late.gates, late.rules));
  const allowsTwo = cloud === '' || (cloud === 'external' && allowsExternal);
  const problem =
    addresses.length > 2 || (addresses.length === 2 && isIpv6(first) === isIpv6(second))
      ? 'pair'
      : addresses.length === 2 && !allowsTwo
        ? 'dual'
        : addresses.length === 2 && addresses.some(isUnspecified)
          ? 'unspecified'
          : undefined;
  if (problem === undefined) return undefined;
  return { message: (minor >= 27 ? ADDRESS_WORDS : OLD_ADDRESS_WORDS)[problem](goQuote(text)), flag: 'node-ip' };
}

const ADDRESS_WORDS = {
  pair: (text: string) => `bad --node-ip ${text}: must contain either a single IP or a dual-stack pair of IPs`,
  dual: (text: string) => `bad --node-ip ${text}: dual-stack not supported in this configuration`,
  unspecified: (text: string) => `bad --node-ip ${text}: dual-stack node IP cannot include '0.0.0.0' or '::'`,
};

const OLD_ADDRESS_WORDS = {
  pair: (text: string) => `bad --node-ip ${text}; must contain either a single IP or a dual-stack pair of IPs`,
  dual: (text: string) => `dual-stack --node-ip ${text} not supported when using a cloud provider`,
  unspecified: (text: string) => `dual-stack --node-ip ${text} cannot include '0.0.0.0' or '::'`,
};

function isUnspecified(address: string): boolean {
  return /^[0:.]+$/.test(address);
}

/** NewMainKubelet. */
function mainProblem(late: Late): Problem | undefined {
  const { layers, rules, gates } = late;
  const { minor } = rules;
  const created = (problem: Problem): Problem => ({
    ...problem,
    message: `failed to create kubelet: ${problem.message}`,
  });
  const frequency = parseDuration(String(layers.syncFrequency?.value ?? '')) ?? 1n;
  if (frequency <= 0n) {
    return created({ message: `invalid sync frequency ${frequency}`, settings: ['syncFrequency'] });
  }
  const provider = lastText(late, 'cloud-provider');
  if (isInside(provider, minor) && isOn('DisableCloudProviders', gates, rules)) {
    return created({ message: disabled(provider), flag: 'cloud-provider' });
  }
  const hard = thresholdsProblem(layers, 'evictionHard', minor);
  if (hard.problem) return created(hard.problem);
  const soft = thresholdsProblem(layers, 'evictionSoft', minor);
  const problem = soft.problem ?? graceProblem(layers, minor) ?? reclaimProblem(layers, minor);
  if (problem) return created(problem);
  const periods = new Set(entries(layers, 'evictionSoftGracePeriod').map(([signal]) => signal));
  const lacking = soft.signals.find((signal) => !periods.has(signal));
  if (lacking === undefined) return undefined;
  return created({
    message: `grace period must be specified for the soft eviction threshold ${lacking}`,
    settings: ['evictionSoft', 'evictionSoftGracePeriod'],
  });
}
