/**
 * `oscal.json`: OSCAL 1.2 assessment results. A finding per rule, an observation per rule and status with the nodes as
 * its subjects, one for the nodes that could not be evaluated, and one for those that had nothing to answer. `import-ap` is mandatory, so a stub of an assessment
 * plan travels in the back matter.
 *
 * Source: usnistgov/OSCAL, assessment results and assessment common models. UUIDs are derived from names (RFC 9562,
 * version 5), so that the same node and rule have the same one in every scan.
 * Long because the document is written in one pass, part by part.
 */

import { createHash } from 'node:crypto';
import type { Finding } from '../criteria/rule.ts';
import { aboutRule, titleOf } from '../results/catalog.ts';
import { coverageOf, isIdle } from '../results/coverage.ts';
import type { Entry } from '../results/entry.ts';
import type { NodeIdentity } from '../results/node-line.ts';
import { notAssessedOf } from '../results/summary.ts';
import type { Format, Head } from './format.ts';
import { printable } from './text.ts';

export const OSCAL_VERSION = '1.2.2';
const NAMESPACE = 'https://github.com/kubevigil/ns/oscal';

/** Nodes of one rule with one status; remarks only where somebody must look. */
type Group = {
  rule: string;
  status: Finding['status'];
  isWaived: boolean;
  controls: Set<string>;
  subjects: { node: string; remarks?: string }[];
};

/** Nodes without an answer: those that had to give one, and those that had not (results/coverage.ts). */
type Silence = Record<'missed' | 'idle', Group['subjects']>;

/** For governance tools; unreachable nodes are observations, never silently missing. */
export const oscal: Format = {
  file: 'oscal.json',
  contentType: 'application/json',
  gzip: false,
  open: (head) => {
    const groups = new Map<string, Group>();
    const silence: Silence = { missed: [], idle: [] };
    const inventory: string[] = [];
    return {
      begin: () => '',
      entry: (entry) => {
        collect(entry, groups, silence, inventory);
        return '';
      },
      end: () => documentOf(head, groups, silence, inventory),
    };
  },
};

function collect({ line }: Entry, groups: Map<string, Group>, silence: Silence, inventory: string[]): void {
  if (!line) return;
  const node = uuidOf('node', line.node.account ?? '', line.node.region ?? '', line.node.id);
  inventory.push(JSON.stringify(inventoryItem(node, line.node, line.kubelet?.version)));
  if (line.coverage === 'unreachable') {
    silence[isIdle(line.reason) ? 'idle' : 'missed'].push({
      node,
      remarks: `${line.reason}: ${line.detail ?? ''}`.trim(),
    });
  }
  for (const finding of line.findings) {
    const key = JSON.stringify([finding.rule, finding.status, finding.waiver !== undefined]);
    const group: Group = groups.get(key) ?? {
      rule: finding.rule,
      status: finding.status,
      isWaived: finding.waiver !== undefined,
      controls: new Set(),
      subjects: [],
    };
    groups.set(key, group);
    for (const { benchmark, control } of finding.controls) group.controls.add(`${benchmark}/${control}`);
    const isPlain = finding.status === 'pass' || finding.status === 'not-applicable';
    const waiver = finding.waiver && ` Accepted by ${finding.waiver.owner} until ${finding.waiver.until}.`;
    group.subjects.push(isPlain ? { node } : { node, remarks: `${finding.reason}${waiver ?? ''}` });
  }
}

function* documentOf(
  head: Head,
  groups: ReadonlyMap<string, Group>,
  { missed, idle }: Silence,
  inventory: readonly string[],
): Generator<string> {
  const { summary } = head;
  const { scanId, startedAt, finishedAt } = summary;
  const tool = uuidOf('tool');
  const plan = uuidOf('plan');
  const origins = [{ actors: [{ type: 'tool', 'actor-uuid': tool }] }];
  const controls = [...new Set([...groups.values()].flatMap((group) => [...group.controls]))].sort();
  const top = {
    uuid: uuidOf('results', scanId),
    metadata: {
      title: 'Kubelet configuration of Kubernetes nodes on EC2',
      'last-modified': finishedAt,
      version: scanId,
      'oscal-version': OSCAL_VERSION,
    },
    'import-ap': { href: `#${plan}` },
  };
  yield `{"assessment-results":${JSON.stringify(top).slice(0, -1)},"results":[${JSON.stringify({
    uuid: uuidOf('result', scanId),
    title: `Scan ${scanId}`,
    description: `${summary.totals.evaluated} of ${coverageOf(summary.totals).due} nodes were evaluated.`,
    start: startedAt,
    end: finishedAt,
    'reviewed-controls': {
      'control-selections': [
        controls.length === 0
          ? { 'include-all': {} }
          : { 'include-controls': controls.map((control) => ({ 'control-id': tokenOf(control) })) },
      ],
    },
  }).slice(0, -1)}`;
  yield ',"local-definitions":{';
  yield* list('inventory-items', inventory);
  yield `"assessment-assets":${JSON.stringify({
    components: [
      {
        uuid: tool,
        type: 'software',
        title: 'kubevigil',
        description: 'Computes what every kubelet really runs with and judges it.',
        props: [{ name: 'version', value: summary.tool.version }],
        status: { state: 'operational' },
      },
    ],
    'assessment-platforms': [{ uuid: uuidOf('platform'), title: 'kubevigil' }],
  })}}`;

  const silence = uuidOf('observation', scanId, 'coverage');
  const observations = groupsOf(scanId, groups).map(({ uuid, group }) => ({
    about: {
      uuid,
      title: `${titleOf(head.catalog, group.rule, group.status)}: ${group.status}${group.isWaived ? ', accepted' : ''}`,
      description: `${group.subjects.length} nodes: ${group.status}${group.isWaived ? ' (accepted by a waiver)' : ''}.`,
      props: [
        property('rule', group.rule),
        property('status', group.status),
        property('waived', String(group.isWaived)),
      ],
    },
    subjects: group.subjects,
  }));
  if (missed.length > 0) {
    const description = `${missed.length} nodes gave no answer; nothing is known of their compliance.`;
    const about = { uuid: silence, title: 'Nodes that could not be evaluated', description, props: [] };
    observations.push({ about, subjects: missed });
  }
  if (idle.length > 0) {
    const description = `${idle.length} nodes did not run, or joined after the scan had begun.`;
    const uuid = uuidOf('observation', scanId, 'idle');
    const about = { uuid, title: 'Nodes that had nothing to answer', description, props: [] };
    observations.push({ about, subjects: idle });
  }
  if (observations.length > 0) yield ',"observations":[';
  for (const [index, { about, subjects }] of observations.entries()) {
    const { props, ...named } = about;
    const parts = { ...named, ...(props.length > 0 && { props }), methods: ['EXAMINE'], origins, collected: startedAt };
    yield `${index === 0 ? '' : ','}${JSON.stringify(parts).slice(0, -1)},"subjects":[`;
    for (const [position, { node, remarks }] of subjects.entries()) {
      const subject = { 'subject-uuid': node, type: 'inventory-item', ...(remarks !== undefined && { remarks }) };
      yield `${position === 0 ? '' : ','}${JSON.stringify(subject)}`;
    }
    yield ']}';
  }
  yield observations.length > 0 ? '],' : ',';
  yield* list('findings', findingsOf(head, groups, missed.length > 0 ? silence : undefined, origins));
  yield `"remarks":${JSON.stringify(`Written by kubevigil ${summary.tool.version}.`)}}]`;
  yield `,"back-matter":${JSON.stringify({
    resources: [
      {
        uuid: plan,
        title: 'Assessment plan (stub)',
        description: 'Nodes are selected by the settings of the scan; each rule is examined on each node.',
        base64: { filename: 'plan.json', 'media-type': 'application/json', value: planOf(head, controls) },
      },
    ],
  })}}}\n`;
}

function groupsOf(scanId: string, groups: ReadonlyMap<string, Group>): { uuid: string; group: Group }[] {
  return [...groups].map(([key, group]) => ({ uuid: uuidOf('observation', scanId, key), group }));
}

function findingsOf(
  { catalog, summary }: Head,
  groups: ReadonlyMap<string, Group>,
  silence: string | undefined,
  origins: object[],
): string[] {
  const notAssessed = notAssessedOf(summary);
  const byRule = Map.groupBy(groupsOf(summary.scanId, groups), ({ group }) => group.rule);
  return [...byRule].map(([rule, parts]) => {
    const number = (status: Finding['status'], isWaived: boolean) =>
      parts
        .filter(({ group }) => group.status === status && group.isWaived === isWaived)
        .reduce((total, { group }) => total + group.subjects.length, 0);
    const open = number('fail', false);
    const unclear = number('manual', false) + number('error', false) + number('fail', true);
    // Satisfied is what was shown on every node; an open question is not.
    const isSatisfied = open === 0 && unclear === 0 && silence === undefined && notAssessed.length === 0;
    const controls = new Set(parts.flatMap(({ group }) => [...group.controls]));
    return JSON.stringify({
      uuid: uuidOf('finding', summary.scanId, rule),
      title: titleOf(catalog, rule, open > 0 ? 'fail' : undefined),
      description: aboutRule(catalog, rule)?.why ?? `The rule ${rule}.`,
      props: [
        property('rule', rule),
        ...[...controls].map((control) => property('control', control)),
        ...(aboutRule(catalog, rule)?.requirements ?? []).map((each) => property('requirement', each)),
      ],
      origins,
      target: {
        type: 'objective-id',
        'target-id': tokenOf(rule),
        status: {
          state: isSatisfied ? 'satisfied' : 'not-satisfied',
          reason: isSatisfied ? 'pass' : open > 0 ? 'fail' : 'other',
          remarks: `${open} nodes fail, ${number('fail', true)} are accepted, ${number('manual', false)} need a person, ${number('error', false)} could not be judged.${notAssessed.map(({ account, region, error }) => ` ${account}/${region} was not assessed: ${error}`).join('')}`,
        },
      },
      'related-observations': [
        ...parts.map(({ uuid }) => ({ 'observation-uuid': uuid })),
        ...(silence === undefined ? [] : [{ 'observation-uuid': silence }]),
      ],
    });
  });
}

/** `"name":[…],` or nothing at all for an empty list, which OSCAL forbids. */
function* list(name: string, items: readonly string[]): Generator<string> {
  if (items.length === 0) return;
  yield `"${name}":[`;
  for (const [index, item] of items.entries()) yield index === 0 ? item : `,${item}`;
  yield '],';
}

function planOf({ summary }: Head, controls: readonly string[]): string {
  const plan = {
    'assessment-plan': {
      uuid: uuidOf('plan', summary.scanId),
      metadata: {
        title: 'Nightly examination of kubelets',
        'last-modified': summary.startedAt,
        version: summary.tool.version,
        'oscal-version': OSCAL_VERSION,
      },
      'import-ssp': { href: '#', remarks: 'Name your own system security plan here.' },
      'reviewed-controls': {
        'control-selections': [
          controls.length === 0
            ? { 'include-all': {} }
            : { 'include-controls': controls.map((control) => ({ 'control-id': tokenOf(control) })) },
        ],
      },
    },
  };
  return Buffer.from(JSON.stringify(plan)).toString('base64');
}

function inventoryItem(uuid: string, node: NodeIdentity, version: string | undefined): object {
  const facts = {
    'asset-id': node.id,
    account: node.account,
    region: node.region,
    cluster: node.cluster,
    name: node.name,
    kubelet: version,
  };
  return {
    uuid,
    description: `EC2 instance ${printable(node.id)}`,
    props: Object.entries(facts).flatMap(([name, value]) =>
      value === undefined || value.trim() === '' ? [] : [name === 'asset-id' ? { name, value } : property(name, value)],
    ),
  };
}

/** A property of our namespace; values are one line without blanks around (StringDatatype). */
export function property(name: string, value: string): { name: string; ns: string; value: string } {
  return { name, ns: NAMESPACE, value: printable(value).trim() || '-' };
}

/** OSCAL's TokenDatatype: a letter or underscore, then letters, digits, dots, dashes and underscores. */
export function tokenOf(text: string): string {
  const token = text.replaceAll('/', '_').replace(/[^\p{L}\p{N}._-]/gu, '-');
  return /^[\p{L}_]/u.test(token) ? token : `_${token}`;
}

/** Our own name space: the version 5 UUID of the URL namespace and `NAMESPACE` above. */
const base = nameUuid(Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex'), NAMESPACE);

/** The UUID of what these names name, the same everywhere. */
export function uuidOf(...names: string[]): string {
  return format(nameUuid(base, JSON.stringify(names)));
}

function nameUuid(space: Uint8Array, name: string): Buffer {
  const bytes = createHash('sha1').update(space).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes;
}

function format(bytes: Buffer): string {
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
