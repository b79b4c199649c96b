import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checklistOf, cklb } from '../../lambda/formats/cklb.ts';
import { catalog, evaluate } from '../../lambda/judging/index.ts';
import type { NodeLine } from '../../lambda/results/node-line.ts';
import { summarize } from '../../lambda/results/summary.ts';
import { evaluated, finding, scan, unreachable } from '../archive/samples.ts';
import { byFlag, type Case, inFile, NOW, node } from '../rules/node.ts';

const head = { summary: summarize(scan, [], { previous: null }), catalog };
const STIG = 'disa-kubernetes-stig-v2r6';

function lineOf(given: Case): NodeLine {
  const { evidence, kubelet, configuration, tags } = node(given);
  const input = { evidence, kubelets: [{ process: kubelet, configuration }], tags, now: NOW };
  return evaluated('i-1', evaluate(input, { benchmarks: [STIG] }), {
    name: 'worker\u202e',
    privateDnsName: 'ip-10-0-0-1.ec2.internal',
  });
}

type Rule = {
  group_id: string;
  rule_id: string;
  status: string;
  finding_details: string;
  comments: string;
  severity: string;
};
type Checklist = { stigs: { rules: Rule[]; size: number; uuid: string }[]; target_data: Record<string, unknown> };

function rulesOf(given: Case): Map<string, Rule> {
  const { stigs } = checklistOf(lineOf(given), head) as Checklist;
  return new Map(stigs[0]?.rules.map((rule) => [rule.group_id, rule]));
}

const text = { type: 'string' };
const orNull = { type: ['string', 'null'] };
const closed = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const uuid = { type: 'string', pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' };

/** CKLB 1.0, as its readers and writers agree on it. */
const schema = closed({
  title: text,
  id: uuid,
  active: { type: 'boolean' },
  mode: { type: 'integer' },
  has_path: { type: 'boolean' },
  cklb_version: { const: '1.0' },
  target_data: closed({
    target_type: { enum: ['Computing', 'Non-Computing'] },
    host_name: text,
    ip_address: text,
    mac_address: text,
    fqdn: text,
    comments: text,
    role: { enum: ['None', 'Workstation', 'Member Server', 'Domain Controller'] },
    is_web_database: { type: 'boolean' },
    technology_area: text,
    web_db_site: text,
    web_db_instance: text,
    classification: orNull,
  }),
  stigs: {
    type: 'array',
    minItems: 1,
    items: closed({
      stig_name: text,
      display_name: text,
      stig_id: text,
      release_info: text,
      uuid,
      reference_identifier: orNull,
      size: { type: 'integer' },
      rules: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            uuid,
            stig_uuid: uuid,
            severity: { enum: ['high', 'medium', 'low', 'unknown'] },
            status: { enum: ['not_reviewed', 'open', 'not_a_finding', 'not_applicable'] },
            group_id: { type: 'string', pattern: '^V-\\d+$' },
            rule_id: { type: 'string', pattern: '^SV-\\d+r\\d+$' },
            rule_id_src: { type: 'string', pattern: '^SV-\\d+r\\d+_rule$' },
            rule_version: { type: 'string', pattern: '^CNTR-K8-\\d+$' },
            ccis: { type: 'array', items: text },
            legacy_ids: { type: 'array', items: text },
            group_tree: { type: 'array', items: closed({ id: text, title: text, description: text }) },
            check_content_ref: closed({ href: text, name: text }),
            overrides: { type: 'object' },
          },
          required: [
            'uuid',
            'stig_uuid',
            'severity',
            'status',
            'group_id',
            'rule_id',
            'rule_version',
            'rule_title',
            'group_title',
            'finding_details',
            'comments',
            'ccis',
            'overrides',
          ],
        },
      },
    }),
  },
});

test('a checklist has the shape of CKLB 1.0', () => {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
  const checklist = checklistOf(lineOf({}), head) as Checklist;
  assert.ok(ajv.validate(schema, checklist), ajv.errorsText());
  assert.equal(checklist.stigs[0]?.size, checklist.stigs[0]?.rules.length);
  assert.match(String(checklist.target_data.host_name), /^worker\\u\{202e\}$/);
  assert.equal(checklist.target_data.fqdn, 'ip-10-0-0-1.ec2.internal');
});

test('a requirement is open where the node fails it, or where its own procedure finds something', () => {
  const closedByFlag = {
    kubelet: { argv: ['--config=/c', '--read-only-port=0'] },
    settings: { readOnlyPort: byFlag(0, '--read-only-port=0') },
  };
  const port = rulesOf(closedByFlag).get('V-242387');
  assert.equal(port?.status, 'open', 'the argument is there');
  assert.match(port?.finding_details ?? '', /^readOnlyPort is 0 .* The STIG's own procedure: a finding\./);
  assert.equal(rulesOf({}).get('V-242387')?.status, 'not_a_finding');
  assert.equal(rulesOf({ settings: { readOnlyPort: inFile(10255) } }).get('V-242387')?.status, 'open');
  assert.equal(rulesOf({}).get('V-242447')?.status, 'not_applicable');
  assert.equal(rulesOf({}).get('V-242393')?.status, 'not_reviewed');
  assert.match(rulesOf({}).get('V-242393')?.comments ?? '', /not in the evidence/);
  assert.equal(rulesOf({ error: 'unknown flag: --x' }).get('V-242387')?.status, 'not_reviewed');
  assert.equal(rulesOf({}).get('V-242391')?.severity, 'high');
});

test('a line a node that was judged by a STIG; the same whenever it is written', () => {
  const sheet = cklb.open(head);
  const entries = [
    { line: lineOf({}) },
    { line: evaluated('i-2', [finding('anonymous-auth', 'pass')]) },
    { line: unreachable('i-3', 'gone') },
  ];
  const lines = sheet.begin() + entries.map(sheet.entry).join('') + [...sheet.end()].join('');
  assert.equal(lines.split('\n').length, 2);
  assert.deepEqual(JSON.parse(lines), checklistOf(lineOf({}), head));
});
