import { changedSince, problemOf } from '../criteria/check-settings.ts';
import { clientCertificate } from '../criteria/client-certificate.ts';
import { type NextStart, nextStart, type Trouble, type Unjudged } from '../criteria/next-start.ts';
import { onNode } from '../criteria/on-node.ts';
import { unopenable } from '../criteria/opened-files.ts';
import { refusedInput } from '../criteria/refused-input.ts';
import { turnRotation } from '../criteria/rotation.ts';
import type { NodeView, Rule, Verdict } from '../criteria/rule.ts';
import { type Started, stated } from '../criteria/setting.ts';
import { hidesHost } from '../kubelet/bottlerocket.ts';
import { platformOf } from '../platforms/index.ts';
import { sh } from '../platforms/shell.ts';
import { type Step, step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

const texts = {
  unsettled: (error: string) => `The effective configuration of this kubelet cannot be computed: ${error}`,
  read: 'Let the collector read the file, then scan this node again.',
  ask: 'Look in the control container whether its API answers and of which release it is, then scan this node again.',
  unknown: (problem: string) => `Whether this kubelet would start again is unknown: ${problem}.`,
  let: (path: string) => `Let the collector read ${path}, then scan this node again.`,
  look: (path: string) =>
    `Look at the certificates in ${path} on the node: with one that cannot be parsed, or none, the kubelet may not start.`,
  exits: (trouble: string) => `The next start of this kubelet would fail: ${trouble}.`,
  exitsBecause: (trouble: string, because: string) =>
    `The next start of this kubelet would fail: ${because}, so it would need the bootstrap kubeconfig, and ${trouble}.`,
  breaks: (value: string, by: string) =>
    `${value}: with rotation on the kubelet drops ${by}, and it has no valid certificate of its own, so after its next start this node cannot authenticate to the API server.`,
  anonymous: (path: string) =>
    `After its next start this kubelet has nothing to authenticate by: ${path} is not there, and what the kubeconfig has cannot take its place.`,
  asks: (where: string, because: string) =>
    `The next start of this kubelet would ask for a new certificate by the bootstrap kubeconfig ${where}, because ${because}: whether its token is still accepted cannot be seen on the node.`,
  asking: (where: string) => `The kubelet is bootstrapping by ${where}, and a restart would repeat that.`,
  token:
    'Make sure that the token of the bootstrap kubeconfig is still valid, or write a new one, before the kubelet restarts.',
  standalone: 'The kubelet would start again: it has no --kubeconfig and asks no API server.',
  bySettings: ' That rests on its settings alone: no file of the host was seen.',
  made: 'The kubelet would start again with what its settings make.',
  again: 'The kubelet would start again with what lies on this node.',
  expired:
    'The kubelet would start again; that it cannot authenticate is what the rule client-certificate-expiry tells.',
  unusable: (problem: string) => `After its next start this kubelet cannot authenticate to the API server: ${problem}.`,
  user: 'Look at the user of the kubeconfig: nodes authenticate by a client certificate, an exec plugin or a token.',
  anew: (because: string, where: string) =>
    `The kubelet would start again: ${because}, so it would write the kubeconfig anew from ${where} and go on with its own certificate, which is valid.`,
  causes: {
    missing: 'does not exist',
    'no-file': 'is no file',
    'no-directory': 'is no directory',
    refused: 'cannot be used',
    none: 'has no client certificate',
    damaged: 'holds no certificate that can be read',
    'partly-damaged': 'holds a certificate that cannot be parsed, for which the whole file is refused',
    expired: 'has expired',
    alone: 'is named without what belongs to it',
  } satisfies Record<Trouble['cause'], string>,
  bring: (path: string, what: string) => `Put back or replace ${path} (${what}) before the kubelet restarts.`,
  bootstrap: (path: string) =>
    `Write a bootstrap kubeconfig with a valid token to ${path} before the kubelet restarts.`,
  own: "Or point the kubeconfig to the kubelet's own certificate in --cert-dir (client-certificate and client-key: kubelet-client-current.pem).",
};

/** What would become of this node with the next reboot, update or crash. Ours: no benchmark has it. */
export const kubeletRestart: Rule = {
  name: 'kubelet-restart',
  title: 'The kubelet would start again and authenticate',
  failureTitle: 'The kubelet would not start again, or not authenticate',
  why: 'A running kubelet does not notice that its configuration was broken, that a file it needs is gone, or that its credentials would no longer do. The next reboot, update or crash takes the node out of the cluster, often many at once.',
  severity: 'critical',
  hazard: 'next-start',
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/',
    'https://github.com/kubernetes/kubernetes/issues/99645',
    'https://github.com/awslabs/amazon-eks-ami/issues/207',
  ],
  check(node) {
    const { configuration } = node;
    if (configuration.starts !== true) return withoutConfiguration(node, configuration);
    const [later] = configuration.later;
    if (later) return refusedInput(node, later);
    const start = nextStart(node, configuration);
    if (start?.kind === 'exits') return exits(node, start.trouble, start.because);
    const found = unopenable(node, configuration);
    if (found && 'cause' in found) return exits(node, found);
    return found ? unknown(node, found) : byCredentials(node, configuration, start);
  },
};

function withoutConfiguration(
  node: NodeView,
  configuration: Exclude<NodeView['configuration'], { starts: true }>,
): Verdict {
  if (configuration.starts === false) return refusedInput(node, configuration.refusal);
  const problem = problemOf(configuration).replace(/\.$/, '');
  const changed = configuration.changedAfterStart;
  const since = changed.length > 0 ? `; ${changedSince(changed)}` : '';
  const reason = `${texts.unsettled(problem)}${since}.`;
  const look = hidesHost(node.kubelet) ? step(texts.ask, 'apiclient get os') : step(texts.read);
  return { status: 'error', reason, advisories: [], remediation: [look] };
}

function unknown(node: NodeView, { path, unknown: problem, certificates }: Unjudged): Verdict {
  const named = oneLine(path);
  // Unlike x509, which reads the first of a file, this reads them all.
  const list = sh`openssl crl2pkcs7 -nocrl -certfile ${path}`;
  const remediation = certificates
    ? onNode(node, texts.look(named), list && `${list} | openssl pkcs7 -print_certs -noout`)
    : step(texts.let(named));
  return { status: 'error', reason: texts.unknown(oneLine(problem)), advisories: [], remediation: [remediation] };
}

function exits(node: NodeView, trouble: Trouble, because?: Trouble): Verdict {
  const reason = because ? texts.exitsBecause(told(trouble), told(because)) : texts.exits(told(trouble));
  const path = oneLine(trouble.path);
  const bootstrap = because !== undefined && trouble.what === 'bootstrap kubeconfig';
  const remediation = bootstrap
    ? [kubeadm(node, texts.bootstrap(path), 'create'), step(texts.own)]
    : [step(texts.bring(path, trouble.what))];
  return { status: 'fail', reason, advisories: [], remediation };
}

function byCredentials(
  node: NodeView,
  configuration: Started,
  start: Exclude<NextStart, { kind: 'exits' }> | undefined,
): Verdict {
  const { kubelet, now } = node;
  const { credentials } = configuration;
  const restsOn = kubelet.settings === undefined ? '' : texts.bySettings;
  const pass = (reason: string): Verdict => ({ status: 'pass', reason: reason + restsOn, advisories: [] });
  if (!start) return pass(texts.standalone);
  switch (start.kind) {
    case 'unknown':
      return unknown(node, start.of);
    case 'bootstraps': {
      if (credentials.kind === 'bootstrap') return pass(texts.asking(oneLine(start.where)));
      const reason = texts.asks(oneLine(start.where), told(start.because));
      return { status: 'manual', reason, advisories: [], remediation: [kubeadm(node, texts.token, 'list')] };
    }
    case 'anonymous':
      return anonymous(node, configuration);
    case 'authenticates': {
      if (start.because) {
        return pass(texts.anew(told(start.because), oneLine(configuration.flags['bootstrap-kubeconfig'].value)));
      }
      if (start.by === 'kubeconfig' && credentials.kind === 'unknown') {
        const reason = texts.unusable(oneLine(credentials.problem));
        return { status: 'fail', reason, advisories: [], remediation: [step(texts.user)] };
      }
      const damaged = start.by === 'kubeconfig' ? damagedFile(node, configuration) : undefined;
      if (damaged) {
        const remediation = [step(texts.bring(oneLine(damaged.path), damaged.what))];
        return { status: 'fail', reason: texts.unusable(told(damaged)), advisories: [], remediation };
      }
      const certificate = clientCertificate(kubelet, configuration, now);
      return pass(
        certificate && certificate.notAfter <= now ? texts.expired : restsOn === '' ? texts.again : texts.made,
      );
    }
  }
}

/** A certificate that the kubeconfig names is parsed at each connection: one that cannot be lets the kubelet start, alone. */
function damagedFile({ kubelet }: NodeView, { credentials }: Started): Trouble | undefined {
  if (credentials.kind !== 'client-certificate') return undefined;
  const { path } = credentials;
  const first = kubelet.clientCertificates.find((facts) => facts.path === path);
  return first?.damaged ? { what: 'client certificate', path, cause: 'damaged' } : undefined;
}

function anonymous(node: NodeView, configuration: Started): Verdict {
  const { credentials, settings } = configuration;
  const certificate = clientCertificate(node.kubelet, configuration, node.now);
  if (certificate) return { status: 'pass', reason: texts.expired, advisories: [] };
  if (credentials.kind === 'exec' || credentials.kind === 'token') {
    const by = credentials.kind === 'exec' ? `the exec plugin ${oneLine(credentials.command)}` : 'the token';
    const value = stated('rotateCertificates', settings.rotateCertificates);
    const remediation = turnRotation(node, 'false');
    return { status: 'fail', reason: texts.breaks(value, by), advisories: [], remediation };
  }
  const path = oneLine('path' in credentials ? credentials.path : configuration.flags.kubeconfig.value);
  const remediation = platformOf(node).clientCertificate.replace(node, configuration.bootstraps);
  return { status: 'fail', reason: texts.anonymous(path), advisories: [], remediation };
}

/** On a node of the control plane, where kubeadm made the cluster. */
function kubeadm(node: NodeView, text: string, verb: 'create' | 'list'): Step {
  return step(text, platformOf(node).hasKubeadm ? `kubeadm token ${verb}` : undefined);
}

/** `the client certificate /etc/kubernetes/kubelet.conf has expired`. */
function told({ what, path, cause, detail }: Trouble): string {
  const why = detail === undefined ? '' : ` (${oneLine(detail)})`;
  return `the ${what} ${oneLine(path)} ${texts.causes[cause]}${why}`;
}
