/**
 * What the one filter makes of files in every style that people and tools write: the settings that come out are those that
 * the kubelet reads, or the file is withheld; never different. And whatever it is: no secret is in what is sent.
 * Long because two tables of texts stand beside the property that they are examples of.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dump } from 'js-yaml';
import { derive } from '../../../lambda/kubelet/derive.ts';
import { kubeconfigShape } from '../../../lambda/nodes/answer/kubeconfig.ts';
import { CANARY, ENCODED } from '../../secrets/nodes.ts';
import { filtered, runs } from './runs.ts';
import { filteredOnWindows, needsPowershell } from './windows-runs.ts';

/** Each shell's, and that of Windows. */
const filters = [
  ...runs.map(({ name, run, options }) => ({
    name,
    options,
    filter: (kind: 'drop-in' | 'kubeconfig', texts: readonly string[]) => filtered(kind, texts, run),
  })),
  { name: 'PowerShell', options: needsPowershell, filter: filteredOnWindows },
];

const HEAD = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n';
const JSON_HEAD = '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration",';

/** What a kubelet makes of a text as its only configuration. */
function meaning(content: string) {
  const derived = derive({
    pid: 1,
    host: 'kubelet',
    argv: ['--config=/c'],
    cwd: '/',
    version: 'v1.32.1',
    files: [{ path: '/c', role: 'config', state: 'file', content }],
    dropInDirectories: [],
    kubeconfigs: [],
    clientCertificates: [],
    servingCertificates: [],
    authorities: [],
  });
  if (derived.starts !== true) return { starts: false };
  // What authenticates is not sent, and of an address neither: these two are the only settings that may come out otherwise.
  const settings = Object.entries(derived.settings).filter(([name]) => !/^staticPodURL/.test(name));
  return { starts: true, settings: Object.fromEntries(settings), gates: derived.gates };
}

/** Fails where the text that was sent means something else than the text that was read, or holds a secret. */
function assertTrue({ text, sent, content }: { text: string; sent: string; content?: string }): void {
  for (const secret of [CANARY, ENCODED]) assert.ok(!sent.includes(secret), `${text}\n→\n${sent}`);
  if (content !== undefined) assert.deepEqual(meaning(content), meaning(text), `${text}\n→\n${content}`);
}

const yaml = (...lines: string[]) => `${HEAD}${lines.join('\n')}\n`;

/** Texts that must come through, with what of them must be sent. */
const SENT: Record<string, [string, RegExp]> = {
  'block style': [
    yaml('authentication:', '  anonymous:', '    enabled: false'),
    /\n\|authentication:\n\| {2}anonymous:\n\| {4}enabled: false$/m,
  ],
  'JSON on one line': [`${JSON_HEAD}"maxPods":7}`, /"maxPods":7\}$/m],
  'JSON over many lines keeps its lines': [
    JSON.stringify(JSON.parse(`${JSON_HEAD}"maxPods":7}`), null, 4),
    /^\|"maxPods":7$/m,
  ],
  'flow style inside block style': [
    yaml('evictionHard: {memory.available: 100Mi, \'nodefs.available\': "10%"}'),
    /evictionHard: \{memory.available: 100Mi,"nodefs.available": "10%"\}/,
  ],
  'brackets over many lines': [
    yaml(
      'evictionHard: {',
      '  memory.available: 100Mi,',
      '"nodefs.available":',
      '  "10%"',
      '}',
      `x: [a,`,
      `  ${CANARY}]`,
    ),
    /evictionHard: \{\n\| {2}memory.available: 100Mi,\n\|"nodefs.available": \n\| {2}"10%"\n\|\}\n\|x: null/,
  ],
  'a list as far out as its name': [yaml('clusterDNS:', '- 10.0.0.1', 'maxPods: 3'), /\|- 10\.0\.0\.1\n\|maxPods: 3$/m],
  'a list further in': [yaml('clusterDNS:', '    - "10.0.0.1"'), /\| {4}- "10\.0\.0\.1"$/m],
  'quoted names': [yaml('"maxPods": 3', "'podsPerCore': 2"), /\|"maxPods": 3\n\|"podsPerCore": 2$/m],
  'comments go': [
    yaml(`maxPods: 3 # ${CANARY}`, `# ${CANARY}`, 'podsPerCore: 2'),
    /\|maxPods: 3\n\|\n\|podsPerCore: 2$/m,
  ],
  'a comment sign inside a text stays': [yaml('clusterDomain: a#b'.replace('#', '.')), /clusterDomain: a\.b/],
  'lines of Windows': [
    yaml('maxPods: 3', 'podsPerCore: 2').replaceAll('\n', '\r\n'),
    /\|maxPods: 3\n\|podsPerCore: 2$/m,
  ],
  'a mark of a document, and another document': [
    `---\n${yaml('maxPods: 3')}---\npassword: ${CANARY}\n`,
    /\|maxPods: 3\n\|---$/m,
  ],
  'a byte order mark': [`\ufeff${yaml('maxPods: 3')}`, /\|maxPods: 3$/m],
  'comments in other languages': [yaml('# пароль 密码', 'maxPods: 3'), /\|maxPods: 3$/m],
  'booleans of YAML 1.1': [
    yaml('protectKernelDefaults: yes', 'failSwapOn: off'),
    /protectKernelDefaults: yes\n\|failSwapOn: off$/m,
  ],
  'names that are not listed, without their values': [
    yaml(`apiToken: ${CANARY}`, `nested: {a: ${CANARY}}`, `list: [${CANARY}]`),
    /\|apiToken: null\n\|nested: null\n\|list: null$/m,
  ],
  'a block of text under a name that is not listed': [
    yaml('x: |', `  ${CANARY}`, '', `  a: ${CANARY}`, 'maxPods: 3'),
    /\|x: null\n\|\n\|\n\|\n\|maxPods: 3$/m,
  ],
  'a name in other characters is not even named': [
    `${JSON_HEAD}"${CANARY}":1,"a b":2,"maxPods":3}`,
    /"REDACTED-1":null,"REDACTED-2":null,"maxPods":3/,
  ],
  'names in another case, which drop-ins may have': [
    yaml('MAXPODS: 3', `STATICPODURLHEADER: {A: ["${CANARY}"]}`),
    /\|MAXPODS: 3\n\|STATICPODURLHEADER: \{\}$/m,
  ],
  'a header in every form': [
    yaml('staticPodURLHeader:', '  A:', `  - "Bearer ${CANARY}"`, `  B: [${CANARY}]`, 'maxPods: 3'),
    /\|staticPodURLHeader: \{\}\n\|\n\|\n\|\n\|maxPods: 3$/m,
  ],
  'a header in JSON': [
    `${JSON_HEAD}"staticPodURLHeader":{"A":["}${CANARY}","\\"${CANARY}"]},"maxPods":3}`,
    /"staticPodURLHeader":\{\},"maxPods":3/,
  ],
  'an address without user, parameters and query': [
    yaml(`staticPodURL: "https://u:${CANARY}@h:8443/p;x=${CANARY}?t=${CANARY}#${CANARY}"`),
    /staticPodURL: "https:\/\/h:8443\/p"/,
  ],
  'an address with an IPv6 host': [
    yaml(`staticPodURL: https://[fd00::1]/p?token=${CANARY}`),
    /staticPodURL: https:\/\/\[fd00::1\]\/p$/m,
  ],
  'a path with a blank': [yaml('staticPodPath: "/etc/my pods"'), /staticPodPath: "\/etc\/my pods"/],
  'taints and their like': [
    yaml('registerWithTaints:', '- key: a', '  value: b', '  effect: NoSchedule'),
    /\|- key: a\n\| {2}value: b\n\| {2}effect: NoSchedule$/m,
  ],
  'a value of another type': [yaml(`readOnlyPort: ${CANARY}`), /readOnlyPort: "REDACTED"/],
  'names in brackets that YAML takes for something else': [
    yaml('systemReserved: {010: 1, yes: 2, "yes": 3}'),
    /systemReserved: \{010: 1,yes: 2,"yes": 3\}$/m,
  ],
  null: [
    yaml('maxPods: null', 'podPidsLimit: ~', 'readOnlyPort:'),
    /maxPods: null\n\|podPidsLimit: null\n\|readOnlyPort:$/m,
  ],
};

/** Texts that take a parser, or would be something else without what is left out: withheld, with the line. */
const WITHHELD: Record<string, [string, RegExp]> = {
  'an anchor': [yaml(`x: &a [${CANARY}]`), /takes a parser \(line 3\)/],
  'an alias': [yaml('staticPodURLHeader: *a'), /takes a parser/],
  'a tag': [yaml(`x: !!str ${CANARY}`), /takes a parser/],
  'a name behind a tag': [yaml('!!binary c3RhdGljUG9kVVJM:', `  X: [${CANARY}]`), /no name/],
  'a merge': [yaml('<<: {a: b}'), /no name/],
  'a question mark': [yaml(`? "static`, `  PodURLHeader"`, `: X: [${CANARY}]`), /no name/],
  'a text over two lines': [yaml('clusterDomain: "a', `  ${CANARY}"`), /takes a parser/],
  'a plain text over two lines': [yaml('clusterDomain: a', `  ${CANARY}`), /indentation/],
  'a text in brackets over two lines': [yaml('clusterDNS: [a', `${CANARY}]`), /brackets that take a parser/],
  'a colon in another line than its name': [yaml('evictionHard: {a', ':', '1}'), /a name without a value/],
  'the end of a document in brackets': [yaml('clusterDNS: [a,', '---', ']'), /takes a parser \(line 4\)/],
  'a comment in brackets': [yaml('clusterDNS: [a,', `# ${CANARY}`, ']'), /takes a parser \(line 4\)/],
  'brackets that do not end': [yaml('clusterDNS: [a,'), /takes a parser|it is not|sign/],
  escapes: [yaml('clusterDomain: "\\x70"'), /takes a parser/],
  'escapes in a name of JSON': [`${JSON_HEAD}"max\\u0050ods":3}`, /a name that takes a parser/],
  'escapes in a value of JSON': [`${JSON_HEAD}"clusterDomain":"\\u0061"}`, /characters that are not sent/],
  'tabs for blanks': [yaml('authentication:', '\tanonymous:', '\t\tenabled: true'), /tabs/],
  'a line break of another kind': [yaml('maxPods: 3\rpodsPerCore: 2'), /control characters/],
  'a line separator': [yaml(`# a\u2028maxPods: 3`), /control characters/],
  'bytes that are no text': [yaml('# \ufffd').replace('\ufffd', '\x80'), /control characters|UTF-8/],
  'an indentation that ends nowhere': [yaml('authentication:', '    x509: {}', '  anonymous: {}'), /indentation/],
  'a value with a value below it': [yaml('maxPods: 3', '  a: 4'), /indentation/],
  'a list in a list': [yaml('x:', `- - ${CANARY}`), /list in a list/],
  'a colon in a value': [yaml('clusterDomain: a: b'), /colon/],
  'JSON with something behind it': [`${JSON_HEAD}"maxPods":3} x`, /more than one value/],
  'JSON that is none': [`${JSON_HEAD}"maxPods":03}`, /not JSON/],
  'JSON with a comma too many': [`${JSON_HEAD}"maxPods":3,}`, /not JSON|brackets/],
  'JSON that is cut': [`${JSON_HEAD}"clusterDNS":["a"`, /line/],
  'single quotes in JSON': [`{'kind':"K"}`, /not JSON/],
  'a header of another form': [yaml('staticPodURLHeader: {A: {B: [c]}}'), /header of another form/],
  'microseconds in their own sign': [yaml('syncFrequency: 5000µs'), /characters that are not sent/],
  'a number with many leading noughts': [yaml(`maxPods: ${'3'.padStart(50, '0')}`), /characters that are not sent/],
  'an address without a scheme and with a user': [
    yaml(`containerRuntimeEndpoint: u:${CANARY}@h:1`),
    /characters that are not sent/,
  ],
  'a header of numbers': [yaml('staticPodURLHeader:', '  A: [1]'), /header of another form/],
  'another language than this': [`#!/bin/bash\nDB=${CANARY}\ncat > /etc/k <<EOF\n${HEAD}EOF\n`, /no name/],
};

test('the tables are true of the kubelet, too', () => {
  for (const [name, [text]] of Object.entries(SENT)) assert.ok(text.includes('KubeletConfiguration'), name);
});

for (const { name, filter, options } of filters) {
  test(`what must be sent is, under ${name}`, options, async () => {
    const made = await filter(
      'drop-in',
      Object.values(SENT).map(([text]) => text),
    );
    for (const [index, [what, [, expected]]] of Object.entries(SENT).entries()) {
      const one = made[index];
      assert.ok(one, what);
      assert.equal(one.withheld, undefined, `${what}: ${one.text}`);
      assert.match(one.sent, expected, what);
      assertTrue(one);
    }
  });

  test(`what takes a parser is withheld, with the line, under ${name}`, options, async () => {
    const made = await filter(
      'drop-in',
      Object.values(WITHHELD).map(([text]) => text),
    );
    for (const [index, [what, [, expected]]] of Object.entries(WITHHELD).entries()) {
      assert.equal(made[index]?.content, undefined, `${what}: ${made[index]?.sent}`);
      assert.match(made[index]?.withheld ?? '', expected, what);
      assert.ok(!made[index]?.sent.includes(CANARY), what);
    }
  });
}

/** Pieces that are structure to a parser, and secrets between them. */
const piece = fc.constantFrom(
  ...[
    '\n',
    '\n  ',
    '\n    ',
    '\r\n',
    '\r',
    '\t',
    '---\n',
    '...\n',
    ' ',
    '  ',
    '"',
    "'",
    '\\',
    '{',
    '}',
    '[',
    ']',
    ',',
    '#',
    ' #',
    ': ',
    ':',
  ],
  ...[
    '|',
    '>',
    '&a ',
    '*a',
    '!!str ',
    '? ',
    '- ',
    '-',
    '%',
    '@',
    '`',
    'a',
    'yes',
    '010',
    '1e3',
    '~',
    'null',
    '<<: ',
    'é',
    '\u0085',
    '\ufeff',
  ],
  ...['maxPods: 3\n', 'clusterDNS:\n- 1.1.1.1\n', 'staticPodURLHeader: {}\n', `# ${CANARY}\n`],
);
const style = fc.record({
  flowLevel: fc.constantFrom(-1, -1, -1, 0, 1, 2),
  lineWidth: fc.constantFrom(20, 80, -1),
  indent: fc.constantFrom(2, 3, 4),
  quoteStyle: fc.constantFrom('single' as const, 'double' as const),
  forceQuotes: fc.boolean(),
  seqNoIndent: fc.boolean(),
  seqInlineFirst: fc.boolean(),
});
const word = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', 'cluster.local', '/etc/pki/ca.crt', '10.0.0.1', '100Mi', '5%') },
  { weight: 2, arbitrary: fc.constantFrom('yes', 'no', '', 'null', '~', '0x1f', '1:30', '010') },
  { weight: 1, arbitrary: fc.oneof(fc.constantFrom("don't", `x: ${CANARY}`), fc.string({ maxLength: 6 })) },
);
const scalar = fc.oneof(fc.boolean(), fc.integer({ min: -2, max: 70_000 }), word, fc.constant(null));
const configuration = fc
  .record(
    {
      authentication: fc.record(
        { anonymous: fc.record({ enabled: scalar }), x509: fc.record({ clientCAFile: word }) },
        { requiredKeys: [] },
      ),
      readOnlyPort: scalar,
      rotateCertificates: scalar,
      podPidsLimit: scalar,
      clusterDomain: word,
      clusterDNS: fc.array(word, { maxLength: 2 }),
      tlsCipherSuites: fc.array(fc.constantFrom('TLS_AES_128_GCM_SHA256', 'x'), { maxLength: 2 }),
      evictionHard: fc.dictionary(fc.constantFrom('memory.available', 'nodefs.available', 'x'), word),
      featureGates: fc.dictionary(
        fc.constantFrom('AllBeta', 'SeccompDefault', 'Unknown'),
        fc.oneof(fc.boolean(), scalar),
      ),
      streamingConnectionIdleTimeout: fc.constantFrom('5m', '0s', '1h2m3s', 'x', 5),
      staticPodURLHeader: fc.dictionary(
        fc.constantFrom('A', 'X-Token'),
        fc.array(fc.oneof(word, fc.constant(`Bearer ${CANARY}`)), { maxLength: 2 }),
      ),
      apiSecret: fc.oneof(
        fc.constant(CANARY),
        fc.array(fc.constant(CANARY)),
        fc.dictionary(fc.constantFrom('a'), fc.constant(CANARY)),
      ),
    },
    { requiredKeys: [] },
  )
  .map((settings) => ({ apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration', ...settings }));

/** The text of a value in any style, and perhaps a piece put in anywhere, which makes many of them wrong. */
const written = <T extends object>(values: fc.Arbitrary<T>) =>
  fc
    .record({
      value: values,
      json: fc.constantFrom(undefined, undefined, 0, 2),
      options: style,
      lines: fc.constantFrom('', '', '\n', '\n      '),
      at: fc.nat(),
      pieces: fc.oneof(fc.constant([]), fc.array(piece, { maxLength: 2 })),
    })
    .map(({ value, json, options, lines, at, pieces }) => {
      // js-yaml writes what is in brackets on one line; people do not.
      const text =
        json === undefined ? dump(value, options).replaceAll(', ', `, ${lines}`) : JSON.stringify(value, null, json);
      const place = at % (text.length + 1);
      return text.slice(0, place) + pieces.join('') + text.slice(place);
    });

const RUNS = process.env.KUBEVIGIL_SOAK ? 4000 : 160;

for (const [index, { name, filter, options }] of filters.entries()) {
  const seed = process.env.KUBEVIGIL_SOAK ? Date.now() : 7 + index;

  test(`settings come out as the kubelet reads them, under ${name} (seed ${seed})`, options, async () => {
    const made = await filter('drop-in', fc.sample(written(configuration), { numRuns: RUNS, seed }));
    for (const one of made) assertTrue(one);
    const sent = made.filter(({ content }) => content !== undefined).length;
    assert.ok(sent > RUNS / 6, `only ${sent} were sent`);
  });

  test(`kubeconfigs come out as client-go reads them, under ${name} (seed ${seed})`, options, async () => {
    const made = await filter('kubeconfig', fc.sample(written(kubeconfig), { numRuns: RUNS, seed }));
    let read = 0;
    for (const { text, sent, shape } of made) {
      assert.ok(!sent.includes(CANARY), `${text}\n→\n${sent}`);
      const seen = shape as { path: string; state: string } | undefined;
      if (seen?.state !== 'read') continue;
      read += 1;
      assert.deepEqual(seen, kubeconfigShape(seen.path, text), text);
    }
    assert.ok(read > RUNS / 6, `only ${read} were read`);
  });
}

const hidden = fc.oneof(fc.constant(CANARY), fc.constantFrom(`name: ${CANARY}`, `a\n  user: ${CANARY}`, `"${CANARY}`));
const kubeconfig = fc
  .record({
    // No user has both a token and a password, or both plugins.
    texts: fc.oneof(
      fc.dictionary(fc.constantFrom('token', 'client-key-data'), hidden),
      fc.dictionary(fc.constantFrom('password', 'username', 'client-key-data'), hidden),
    ),
    certificate: fc.constantFrom(undefined, '/c.pem', '../c.pem'),
    exec: fc.option(
      fc.record({
        command: fc.constant('aws'),
        args: fc.array(hidden, { maxLength: 2 }),
        env: fc.array(fc.record({ name: fc.constant('A'), value: hidden }), { maxLength: 1 }),
      }),
    ),
    plugin: fc.option(fc.record({ name: fc.constant('x'), config: fc.dictionary(fc.constantFrom('a'), hidden) })),
    user: fc.constantFrom('u', 'n', 'system:node:a', 7),
    extensions: fc.option(fc.array(fc.record({ name: fc.constant('e'), extension: hidden }), { maxLength: 1 })),
  })
  .map(({ texts, certificate, exec, plugin, user, extensions }) => ({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: extensions ? { extensions } : {},
    clusters: [{ name: 'k', cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority': '/ca.crt' } }],
    contexts: [{ name: 'c', context: { cluster: 'k', user } }],
    'current-context': 'c',
    users: [
      { name: 'other', user: { token: CANARY } },
      {
        name: user,
        user: {
          ...texts,
          ...(certificate && { 'client-certificate': certificate }),
          ...(certificate && !('client-key-data' in texts) && { 'client-key': '/k.pem' }),
          ...(exec ? { exec } : plugin && { 'auth-provider': plugin }),
        },
      },
    ],
  }));
