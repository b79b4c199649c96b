/**
 * `checklists.cklb.ndjson.gz`: a checklist of STIG Viewer 3 a line, one for each node that was judged by a STIG. A checklist
 * has exactly one target, so a scan cannot be one of them; `report --format cklb --node ID` writes a single one as a file.
 *
 * Source: the CKLB schema 1.0 as public readers and writers of it have it (strict: no other key at the top, in a STIG or
 * in a target). The statuses are not_reviewed, open, not_a_finding and not_applicable. Texts of the STIG stay with DISA:
 * titles are our own.
 */

import { createHash } from 'node:crypto';
import type { Finding } from '../criteria/rule.ts';
import { benchmarks } from '../judging/index.ts';
import { inOneLine } from '../platforms/step.ts';
import { titleOf } from '../results/catalog.ts';
import type { NodeLine } from '../results/node-line.ts';
import type { Format, Head } from './format.ts';
import { printable } from './text.ts';

type Stig = (typeof benchmarks)[number];
type Requirement = Stig['controls'][number] | NonNullable<Stig['others']>[number];

/** Every benchmark whose requirements STIG Viewer knows. */
const STIGS = benchmarks.filter(({ controls }) => controls.some(({ stig }) => stig));

export const cklb: Format = {
  file: 'checklists.cklb.ndjson.gz',
  contentType: 'application/gzip',
  gzip: true,
  open: (head) => ({
    begin: () => '',
    entry: ({ line }) => {
      const checklist = line && checklistOf(line, head);
      return checklist ? `${JSON.stringify(checklist)}\n` : '';
    },
    end: () => [],
  }),
};

/** The checklist of one node, as a .cklb file has it; nothing where the node was not judged by a STIG. */
export function checklistOf({ node, findings, kubelet }: NodeLine, { summary, catalog }: Head): object | undefined {
  const judged = STIGS.filter(({ name }) =>
    findings.some(({ controls }) => controls.some((each) => each.benchmark === name)),
  );
  if (judged.length === 0) return undefined;
  const names = [node.account ?? '', node.region ?? '', node.id];
  return {
    title: printable(`${node.name ?? node.id} ${summary.scheduledAt.slice(0, 10)}`),
    id: uuidOf('checklist', summary.scanId, ...names),
    active: true,
    mode: 1,
    has_path: false,
    cklb_version: '1.0',
    target_data: {
      target_type: 'Computing',
      host_name: printable(node.name ?? node.id),
      ip_address: '',
      mac_address: '',
      fqdn: printable(node.privateDnsName ?? ''),
      comments: printable(
        `${[node.account, node.region, node.cluster, node.id].filter(Boolean).join(' ')}, kubelet ${kubelet?.version ?? 'of unknown version'}`,
      ),
      role: 'None',
      is_web_database: false,
      technology_area: '',
      web_db_site: '',
      web_db_instance: '',
      classification: null,
    },
    stigs: judged.map((stig) => {
      const uuid = uuidOf('stig', stig.name, summary.scanId, ...names);
      const rules = [...stig.controls, ...(stig.others ?? [])].map((requirement) => ({
        ...aboutOf(stig, requirement, uuid),
        rule_title:
          requirement.title ?? ('rule' in requirement ? titleOf(catalog, requirement.rule) : requirement.control),
        ...answerOf(findings, stig, requirement),
      }));
      return {
        stig_name: stig.title,
        display_name: stig.title,
        stig_id: 'Kubernetes',
        release_info: stig.title,
        uuid,
        reference_identifier: null,
        size: rules.length,
        rules,
      };
    }),
  };
}

/** What identifies a requirement; DISA's own texts are left empty, STIG Viewer has them. */
function aboutOf({ name }: Stig, { control, stig }: Requirement, uuid: string): object {
  const rule = stig?.rule ?? '';
  return {
    uuid: uuidOf('rule', uuid, control),
    stig_uuid: uuid,
    group_id: control,
    group_id_src: control,
    rule_id: rule,
    rule_id_src: rule === '' ? '' : `${rule}_rule`,
    target_key: null,
    stig_ref: null,
    weight: '10.0',
    classification: 'Unclassified',
    severity: stig?.severity ?? 'medium',
    rule_version: stig?.id ?? '',
    reference_identifier: null,
    group_title: stig?.group ?? '',
    fix_text: '',
    false_positives: '',
    false_negatives: '',
    discussion: '',
    check_content: '',
    documentable: 'false',
    mitigations: '',
    potential_impacts: '',
    third_party_tools: '',
    mitigation_control: '',
    responsibility: '',
    security_override_guidance: '',
    ia_controls: '',
    check_content_ref: { href: '', name },
    legacy_ids: [],
    ccis: stig?.cci ?? [],
    group_tree: [{ id: control, title: stig?.group ?? '', description: '' }],
    overrides: {},
  };
}

/** A requirement is open where what the node does fails it, and also where its own procedure finds something. */
function answerOf(findings: readonly Finding[], { name }: Stig, requirement: Requirement) {
  for (const finding of findings) {
    const answer = finding.controls.find((each) => each.benchmark === name && each.control === requirement.control);
    if (!answer) continue;
    const audit = answer.audit ?? finding.audit;
    const literal =
      audit === undefined ? '' : ` The STIG's own procedure: ${audit === 'pass' ? 'not a finding' : 'a finding'}.`;
    const details = [finding.reason + literal, ...finding.advisories.map(({ text }) => text)];
    const { waiver, remediation } = finding;
    return {
      status: statusOf(finding.status, audit),
      finding_details: printable(details.join(' ')),
      comments: printable(
        [
          waiver && `Accepted until ${waiver.until} by ${waiver.owner}: ${waiver.reason}.`,
          remediation && inOneLine(remediation),
        ]
          .filter(Boolean)
          .join(' '),
      ),
    };
  }
  const why = 'why' in requirement ? requirement.why : 'It was not judged in this scan.';
  return { status: 'not_reviewed', finding_details: '', comments: why };
}

function statusOf(status: Finding['status'], audit: Finding['audit']): string {
  if (status === 'fail' || audit === 'fail') return 'open';
  if (status === 'not-applicable') return 'not_applicable';
  return status === 'pass' ? 'not_a_finding' : 'not_reviewed';
}

/** A UUID that the same node has in the same scan whenever it is written (RFC 9562, version 8). */
function uuidOf(...names: string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(names)).digest('hex');
  return `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-a${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
}
