/**
 * What `check` writes for programs, of one node with every outcome and with names that are hostile.
 * KUBEVIGIL_SARIF_SCHEMA may name OASIS's sarif-schema-2.1.0.json, to which the log is then held.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import type { Log } from 'sarif';
import { CHECK_FORMATS } from '../../../cli/formats/index.ts';
import type { NodeLine } from '../../../lambda/results/node-line.ts';

const AT = '2026-11-23T02:03:04.000Z';
const EVIL = 'evil </failure><script>\u202e\u0000|`@team` https://x \ufffe';

type Finding = NodeLine['findings'][number];
const finding = (rule: string, status: Finding['status'], more: Partial<Finding> = {}): Finding => ({
  rule,
  severity: 'high',
  controls: [{ benchmark: 'cis-kubernetes-1.12', control: '4.2.10' }],
  status,
  reason: `${rule} is so from /etc/kubernetes/kubelet.conf.d/90-hotfix.conf.`,
  advisories: [],
  ...more,
});

const line: NodeLine = {
  node: { id: `i-01 ${EVIL}` },
  coverage: 'evaluated',
  kubelet: { pid: 1, version: 'v1.32.3' },
  findings: [
    finding('anonymous-auth', 'pass'),
    finding('rotate-client-certificates', 'fail', {
      reason: `rotateCertificates is false from ${EVIL}.`,
      advisories: [{ id: 'x', text: 'A remark.' }],
      remediation: [
        { text: 'Set `rotateCertificates: true`.' },
        { text: 'Restart the kubelet.', command: 'systemctl restart kubelet' },
      ],
    }),
    finding('read-only-port', 'fail', { severity: 'critical' }),
    finding('pod-pids-limit', 'fail', {
      severity: 'low',
      waiver: { reason: 'Until March', owner: 'ana', until: '2027-03-31' },
    }),
    finding('client-ca-file', 'error'),
    finding('hostname-override', 'manual', { severity: 'low' }),
    finding('kube-proxy-metrics-bind-address', 'not-applicable'),
  ],
};

const silent: NodeLine = {
  node: { id: 'i-02' },
  coverage: 'unreachable',
  reason: 'no-kubelet',
  detail: 'No kubelet process was found.',
  findings: [],
};

const write = (format: keyof typeof CHECK_FORMATS, of: NodeLine = line) => CHECK_FORMATS[format]({ line: of, at: AT });

test('JSON is the line of the node', () => {
  assert.deepEqual(JSON.parse(write('json')), line);
});

test('JUnit has a case for each rule: failed, in error, skipped with the reason, or passed', () => {
  const xml = write('junit');
  const [, counts] = /<testsuites name="kubevigil" (.*)>/.exec(xml) ?? [];
  assert.equal(counts, 'tests="7" failures="2" errors="1"');
  assert.match(xml, /<testsuite name="kubevigil i-01 [^"]*" skipped="3" timestamp="2026-11-23T02:03:04" tests="7"/);
  const cases = [
    ...xml.matchAll(/<testcase classname="([^"]*)" name="([^":]*): [^"]*"(?:\/>|>\s*<(\w+) type="([^"]*)")/g),
  ];
  assert.deepEqual(
    cases.map(([, severity, rule, element, type]) => [rule, severity, element, type]),
    [
      ['anonymous-auth', 'kubevigil.high', undefined, undefined],
      ['rotate-client-certificates', 'kubevigil.high', 'failure', 'fail'],
      ['read-only-port', 'kubevigil.critical', 'failure', 'fail'],
      ['pod-pids-limit', 'kubevigil.low', 'skipped', 'accepted'],
      ['client-ca-file', 'kubevigil.high', 'error', 'error'],
      ['hostname-override', 'kubevigil.low', 'skipped', 'manual'],
      ['kube-proxy-metrics-bind-address', 'kubevigil.high', 'skipped', 'not-applicable'],
    ],
  );
  assert.match(
    xml,
    />A remark\.\n1\. Set `rotateCertificates: true`\. 2\. Restart the kubelet: `systemctl restart kubelet`\.\ncis-kubernetes-1\.12\/4\.2\.10</,
  );
});

test('JUnit holds what nodes say as text, and nothing that XML does not allow', () => {
  const xml = write('junit');
  assert.doesNotMatch(xml, /<script|evil <\/failure>/);
  // XML 1.0, 2.2: Char.
  assert.doesNotMatch(xml, /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
  for (const [tag] of xml.matchAll(/<[^>]*>/g))
    assert.match(tag, /^<(\?xml[^<]*\?|\/?[a-z]+( [a-z]+="[^"<&]*(&[#\w]+;[^"<&]*)*")*\/?)>$/);
  const stack: string[] = [];
  for (const [, close, name, empty] of xml.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (close) assert.equal(stack.pop(), name);
    else if (!empty) stack.push(name ?? '');
  }
  assert.deepEqual(stack, []);
});

test('a node that could not be judged is an error to JUnit, and a failed run to SARIF', () => {
  const xml = write('junit', silent);
  assert.match(xml, /tests="1" failures="0" errors="1"/);
  assert.match(xml, /<error type="no-kubelet" message="No kubelet process was found\.">/);
  const log: Log = JSON.parse(write('sarif', silent));
  const [invocation] = log.runs[0]?.invocations ?? [];
  assert.equal(invocation?.executionSuccessful, false);
  assert.equal(invocation.toolExecutionNotifications?.[0]?.message.text, 'no-kubelet: No kubelet process was found.');
  assert.match(write('md', silent), /\n\n\*\*Not judged\*\*, no-kubelet: No kubelet process was found\.\n$/);
});

test('SARIF tells what somebody must act on or look at, with its level, its file and its rule', () => {
  const log: Log = JSON.parse(write('sarif'));
  const [run] = log.runs;
  assert.ok(run);
  const results = (run.results ?? []).map(({ ruleId, kind, level, suppressions, locations }) => [
    ruleId,
    kind,
    level,
    suppressions?.[0]?.justification,
    locations?.[0]?.physicalLocation?.artifactLocation?.uri,
  ]);
  const file = 'etc/kubernetes/kubelet.conf.d/90-hotfix.conf';
  assert.deepEqual(results, [
    ['rotate-client-certificates', 'fail', 'error', undefined, 'var/lib/kubelet/config.yaml'],
    ['read-only-port', 'fail', 'error', undefined, file],
    ['pod-pids-limit', 'fail', 'note', 'Until March (ana, until 2027-03-31)', file],
    ['client-ca-file', 'open', 'none', undefined, file],
    ['hostname-override', 'review', 'none', undefined, file],
  ]);
  const rules = run.tool.driver.rules ?? [];
  for (const { ruleId, ruleIndex = -1 } of run.results ?? []) assert.equal(rules[ruleIndex]?.id, ruleId);
  assert.equal(rules[0]?.properties?.['security-severity'], '8.0');
  assert.ok(rules[0]?.properties?.tags?.includes('cis-kubernetes-1.5.1/4.2.11'));
  assert.deepEqual(run.properties, {
    pass: 1,
    fail: 2,
    accepted: 1,
    error: 1,
    manual: 1,
    'not-applicable': 1,
    kubelet: 'v1.32.3',
  });
});

test('SARIF keeps to the schema of OASIS', {
  skip: !process.env.KUBEVIGIL_SARIF_SCHEMA && 'KUBEVIGIL_SARIF_SCHEMA names no schema',
}, () => {
  // The schema has a pattern that is none under the flag u.
  const ajv = addFormats.default(new Ajv({ strict: false, allErrors: true, unicodeRegExp: false }));
  // It says that it is of draft 4, of which it uses nothing that later drafts read otherwise.
  const { $schema: _, id: __, ...schema } = JSON.parse(readFileSync(process.env.KUBEVIGIL_SARIF_SCHEMA ?? '', 'utf8'));
  const validate = ajv.compile(schema);
  for (const each of [line, silent])
    assert.ok(validate(JSON.parse(write('sarif', each))), JSON.stringify(validate.errors));
});

test('Markdown says the verdict in a sentence, then what to do, the most severe first', () => {
  const text = write('md');
  assert.match(
    text,
    /\n\*\*Fails\*\*: 2 fail, 1 error, 1 manual, 1 accepted, 1 pass, 1 not-applicable \(kubelet v1\.32\.3, 2026-/,
  );
  const [failing = '', notJudged = '', people = ''] = text.split(/\n### /).slice(1);
  assert.match(
    failing,
    /^Failing\n[\s\S]*\n\| critical \| \*\*read-only-port\*\* [\s\S]*\n\| high \| \*\*rotate-client-certificates\*\*/,
  );
  assert.match(notJudged, /^Not judged\n[\s\S]*client-ca-file/);
  assert.match(people, /^For a person to look at\n[\s\S]*hostname-override/);
  for (const row of text.split('\n').filter((each) => each.startsWith('|')))
    assert.equal(row.split('|').length, 6, row);
});

test('Markdown takes nothing from nodes for markup', () => {
  const text = write('md');
  assert.doesNotMatch(text, /<script|<\/failure|@team|https:\/\/|\p{Cf}|\p{Cc}(?<!\n)/u);
  assert.match(text, /evil &#60;\/failure&#62;&#60;script&#62;/);
});
