import { checkSettings } from '../criteria/check-settings.ts';
import { openGateAlone } from '../criteria/gate.ts';
import type { Parameters, Rule } from '../criteria/rule.ts';
import { bootstrapServing } from '../criteria/serving.ts';
import { audited, stated } from '../criteria/setting.ts';
import { step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

const GATE = 'RotateKubeletServerCertificate';

/**
 * The first kubelet that always serves the certificate it rotates. Before, Go's server took the one of tlsCertFile where
 * the caller named no host (crypto/tls, Config.getCertificate; kubernetes pkg/kubelet/server/server.go: 1.35.4 hands that file
 * to ListenAndServeTLS, 1.36.3 does not).
 */
const FIRST_OWN_ALWAYS = 36;

const texts = {
  off: (gate: string) => `${gate}: the kubelet does not rotate its serving certificate.`,
  both: (gate: string, bootstrap: string) => `${gate}, and ${bootstrap}.`,
  external: (path: string) =>
    `The serving certificate ${path} is given by tlsCertFile: whoever issues it must rotate it.`,
  inspect: (path: string) => `Find out who issues ${path}, and make sure that it is replaced before it expires.`,
  two: (path: string) =>
    `tlsCertFile is set as well: before 1.${FIRST_OWN_ALWAYS} callers that come by an address of the node, and do not name it, may get ${path} instead, whose issuer must rotate it.`,
  alone: (gate: string) => `${gate}, which is all that the control asks for.`,
  without: (gate: string, off: string) =>
    `${gate}, but ${off}: the benchmark asks for both, and the gate alone rotates nothing.`,
  nothing:
    'The gate alone rotates nothing: serverTLSBootstrap is false, so the kubelet serves a self-signed certificate that is never renewed.',
};

export const rotateServerCertificate: Rule = {
  name: 'rotate-server-certificate',
  title: "The kubelet's serving certificate rotates",
  failureTitle: "The kubelet's serving certificate does not rotate",
  why: 'A serving certificate that is never renewed expires, and then the API server can no longer reach logs, exec and metrics of the node; or it is made to live for years, and a stolen key with it.',
  severity: 'medium',
  procedure: {
    expected: 'the gate RotateKubeletServerCertificate is true, or serverTLSBootstrap is',
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation',
    'https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/',
  ],
  check: checkSettings(['serverTLSBootstrap'], (node, configuration, { bootstrap }: Parameters) => {
    const { settings, gates, version } = configuration;
    const { serverTLSBootstrap, tlsCertFile } = settings;
    // The procedure skips nodes with serverTLSBootstrap, and wants the gate to be named on the others.
    const bootstraps = audited(serverTLSBootstrap)?.value === true;
    const gate = gates[GATE] ?? { value: true, source: { kind: 'default' } };
    const audit = bootstraps || audited(gate)?.value === true ? 'pass' : 'fail';
    const stands = stated(`Feature gate ${GATE}`, gate);
    if (tlsCertFile.value !== '' && !serverTLSBootstrap.value) {
      const path = oneLine(tlsCertFile.value);
      const remediation = [step(texts.inspect(path))];
      return { status: 'manual', audit, reason: texts.external(path), advisories: [], remediation };
    }
    if (!gate.value) {
      const remediation = serverTLSBootstrap.value
        ? openGateAlone(node, GATE, gate)
        : bootstrapServing(node, configuration);
      return { status: 'fail', audit, reason: texts.off(stands), advisories: [], remediation };
    }
    if (serverTLSBootstrap.value) {
      const reason = texts.both(stands, stated('serverTLSBootstrap', serverTLSBootstrap));
      const two = tlsCertFile.value !== '' && version.minor < FIRST_OWN_ALWAYS;
      const advisories = two ? [{ id: 'two-serving-certificates', text: texts.two(oneLine(tlsCertFile.value)) }] : [];
      return { status: 'pass', audit, reason, advisories };
    }
    const remediation = bootstrapServing(node, configuration);
    if (bootstrap) {
      const reason = texts.without(stands, stated('serverTLSBootstrap', serverTLSBootstrap));
      return { status: 'fail', audit, reason, advisories: [], remediation };
    }
    const advisories = [{ id: 'gate-without-bootstrap', text: texts.nothing }];
    return { status: 'pass', audit, reason: texts.alone(stands), advisories, remediation };
  }),
};
