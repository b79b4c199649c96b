/** Answers made worse by chance, the same for the same seed: bytes and lines of right texts, and of their envelopes. */

import { text } from '../../simulator/hostile/answer.ts';
import { envelope } from '../../simulator/hostile/envelope.ts';
import { type Random, randomOf } from '../faults/random.ts';

const SEEDS: readonly [string, ...string[]] = [
  text(),
  text({ args: ['--rotate-certificates=false', '--feature-gates=A=true,B=false', '--config-dir=/d'] }),
  text({
    command: 'aws',
    config: 'authorization: {mode: Webhook}\nfeatureGates: {RotateKubeletServerCertificate: true}\n',
  }),
  text({
    whole: true,
    config: '{"apiVersion":"kubelet.config.k8s.io/v1beta1","kind":"KubeletConfiguration","a":[1,{"b":null}]}',
  }),
  `${text()}process proxy 7\narg --config=/p\nfile proxy-config file 600 0 0 1 1 - /p\ncontent\n|metricsBindAddress: 0.0.0.0\n`,
];

const PIECES: readonly [string, ...string[]] = [
  '',
  '\n',
  '|',
  ' ',
  '\0',
  '\u001b[2J',
  '-',
  '--',
  ':',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  '&a ',
  '*a',
  '<<: ',
  '!!str ',
  '#',
  '%',
  '\t',
  '\r',
  '\u2028',
  '\ufffd',
  '99999999999999999999',
  '-1',
  '1e9',
  '0x',
  'null',
  '~',
  'true',
  '__proto__',
  'constructor',
  'process kubelet 1\n',
  'content\n',
  'certificate client-ca /c\n',
  'file kubeconfig file 600 0 0 1 1 - /k\ncontent\n',
  'problem x\n',
  'file config file 600 0 0 1 1 - /c\n',
  'x'.repeat(5000),
  '<script>',
  '=1+1',
];

/** One worse answer. */
export function worse(seed: number): string {
  const random = randomOf(seed);
  let body = random.pick(SEEDS);
  const changes = 1 + random.below(6);
  for (let change = 0; change < changes; change += 1) body = changed(random, body);
  const whole = envelope(body);
  // One in eight is also broken outside of its text.
  return random.chance(0.125) ? changed(random, whole) : whole;
}

function changed(random: Random, body: string): string {
  const at = random.below(body.length + 1);
  const to = Math.min(body.length, at + 1 + random.below(random.pick([1, 4, 40, 400])));
  const lines = body.split('\n');
  switch (random.below(7)) {
    case 0:
      return body.slice(0, at) + random.pick(PIECES) + body.slice(at);
    case 1:
      return body.slice(0, at) + random.pick(PIECES) + body.slice(to);
    case 2:
      return body.slice(0, at) + body.slice(to);
    case 3:
      return body.slice(0, to) + body.slice(at);
    case 4:
      return body.slice(0, at) + String.fromCharCode(random.below(0x3000)) + body.slice(at + 1);
    case 5:
      lines.splice(random.below(lines.length), 0, lines[random.below(lines.length)] ?? '');
      return lines.join('\n');
    default:
      lines.splice(random.below(lines.length), 1 + random.below(3));
      return lines.join('\n');
  }
}
