import { type DatedCertificate, day } from '../criteria/certificate.ts';
import { checkSettings, notJudged } from '../criteria/check-settings.ts';
import { clientCertificate, hasOwn, rotates } from '../criteria/client-certificate.ts';
import { seenAt } from '../criteria/clock.ts';
import { openGate, openGateAlone } from '../criteria/gate.ts';
import { turnRotation } from '../criteria/rotation.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { audited, isUnset, type Started, stated } from '../criteria/setting.ts';
import type { Credentials } from '../kubelet/configuration.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

const GATE = 'RotateKubeletClientCertificate';

const texts = {
  standalone: 'The kubelet has no --kubeconfig: it runs standalone and has no client certificate to rotate.',
  exec: (command: string, where: string) =>
    `The kubelet authenticates by the exec plugin ${command} of ${where}: there is no client certificate to rotate.`,
  token: (where: string) =>
    `The kubelet authenticates by the token of ${where}: there is no client certificate to rotate.`,
  external: (path: string, where: string) =>
    `The client certificate ${path}, named by ${where}, lies outside --cert-dir and no bootstrap kubeconfig is set: whoever issues it must rotate it.`,
  gate: (gate: string) => `${gate}: the kubelet does not rotate its client certificate.`,
  value: (value: string) => `${value}.`,
  absent: (value: string) => `${value}: neither a flag nor a file sets it, which the benchmark accepts.`,
  breaks: (reason: string, value: string) =>
    `${reason.replace(/\.$/, '')}; ${value} all the same, of which the rule kubelet-restart tells more.`,
  unsetMeansOff: (expiry: string) =>
    `The benchmark assumes that rotation is on by default, but the kubelet's default is false: this client certificate does not rotate${expiry}.`,
  expires: (certificate: DatedCertificate) => ` and expires on ${day(certificate.notAfter)}`,
  inspect: (path: string) => `Find out who issues ${path}, and make sure that it is replaced before it expires.`,
};

/** The kubelet's own client certificate must rotate. Every row of the table in docs/rules/rotate-client-certificates.md. */
export const rotateClientCertificates: Rule = {
  name: 'rotate-client-certificates',
  title: "The kubelet's client certificate rotates",
  failureTitle: "The kubelet's client certificate does not rotate",
  why: 'The kubelet proves to the API server who it is by a client certificate. One that is not rotated either expires, and takes the node out of the cluster on that day, or lives so long that a stolen copy stays useful for a year.',
  severity: 'high',
  procedure: { expected: 'rotateCertificates is true, or not set', command: "ps -ef | grep '[k]ubelet'; cat $config" },
  references: [
    'https://kubernetes.io/docs/tasks/tls/certificate-rotation/',
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://github.com/awslabs/amazon-eks-ami/issues/207',
  ],
  check: checkSettings(['rotateCertificates'], (node, configuration) => {
    const verdict = byCredentials(node, configuration) ?? bySetting(node, configuration);
    return { ...verdict, audit: audited(configuration.settings.rotateCertificates)?.value === false ? 'fail' : 'pass' };
  }),
};

/** The verdicts for kubelets whose credentials no rotation of the kubelet can renew. */
function byCredentials(node: NodeView, configuration: Started): Verdict | undefined {
  const { credentials } = configuration;
  // With rotation on, a certificate of its own takes the place of whatever the kubeconfig has.
  if (hasOwn(node.kubelet, configuration)) return undefined;
  switch (credentials.kind) {
    case 'none':
      return { status: 'not-applicable', reason: texts.standalone, advisories: [] };
    case 'exec':
    case 'token':
      return withoutCertificate(node, configuration, credentials);
    case 'unknown':
      return notJudged('credentials');
    case 'client-certificate':
      return credentials.inCertDir || configuration.bootstraps
        ? undefined
        : {
            status: 'manual',
            reason: texts.external(oneLine(credentials.path), oneLine(credentials.where)),
            advisories: [],
            remediation: [step(texts.inspect(oneLine(credentials.path)))],
          };
    default:
      return undefined;
  }
}

/** Never advises rotation: with it the node could not authenticate any more. */
function withoutCertificate(
  node: NodeView,
  configuration: Started,
  credentials: Extract<Credentials, { kind: 'exec' | 'token' }>,
): Verdict {
  const where = oneLine(credentials.where);
  const reason = credentials.kind === 'exec' ? texts.exec(oneLine(credentials.command), where) : texts.token(where);
  const value = stated('rotateCertificates', configuration.settings.rotateCertificates);
  const all = rotates(configuration) ? texts.breaks(reason, value) : reason;
  const renewed = platformOf(node).credentials?.(node);
  return { status: 'not-applicable', reason: renewed ? `${all} ${renewed.by}` : all, advisories: [] };
}

function bySetting(node: NodeView, configuration: Started): Verdict {
  const setting = configuration.settings.rotateCertificates;
  const gate = configuration.gates[GATE];
  const value = stated('rotateCertificates', setting);
  if (gate?.value === false) {
    return {
      status: 'fail',
      reason: texts.gate(stated(`Feature gate ${GATE}`, gate)),
      advisories: [],
      remediation: setting.value
        ? openGateAlone(node, GATE, gate)
        : [openGate(node, GATE, gate), ...turnRotation(node, 'true')],
    };
  }
  if (setting.value) return { status: 'pass', reason: texts.value(value), advisories: [] };
  if (isUnset(setting)) {
    const certificate = clientCertificate(node.kubelet, configuration, seenAt(node));
    const text = texts.unsetMeansOff(certificate ? texts.expires(certificate) : '');
    return {
      status: 'pass',
      reason: texts.absent(value),
      advisories: [{ id: 'unset-means-off', text }],
      remediation: turnRotation(node, 'true'),
    };
  }
  return {
    status: 'fail',
    reason: texts.value(value),
    advisories: [],
    remediation: turnRotation(node, 'true'),
  };
}
