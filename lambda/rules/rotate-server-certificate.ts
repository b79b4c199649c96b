import { bootstrapServing, openGate, restart } from './remedy.ts';
import type { Rule } from './rule.ts';
import { audited, judged, quote, stated } from './setting.ts';

const GATE = 'RotateKubeletServerCertificate';

const texts = {
  off: (gate: string) => `${gate}: the kubelet does not rotate its serving certificate.`,
  both: (gate: string, bootstrap: string) => `${gate}, and ${bootstrap}.`,
  external: (path: string) =>
    `The serving certificate ${path} is given by tlsCertFile: whoever issues it must rotate it.`,
  inspect: (path: string) => `Find out who issues ${path}, and make sure that it is replaced before it expires.`,
  alone: (gate: string) => `${gate}, which is all that the control asks for.`,
  nothing:
    'The gate alone rotates nothing: serverTLSBootstrap is false, so the kubelet serves a self-signed certificate that is never renewed.',
  restart: (restart: string) => `Then ${restart}.`,
};

export const rotateServerCertificate: Rule = {
  name: 'rotate-server-certificate',
  title: "The kubelet's serving certificate rotates",
  why: 'A serving certificate that is never renewed expires, and then the API server can no longer reach logs, exec and metrics of the node; or it is made to live for years, and a stolen key with it.',
  severity: 'medium',
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation',
    'https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/',
  ],
  check: judged(['serverTLSBootstrap'], (node, configuration) => {
    const { settings, gates } = configuration;
    const { serverTLSBootstrap, tlsCertFile } = settings;
    // The procedure skips nodes with serverTLSBootstrap, and wants the gate to be named on the others.
    const bootstraps = audited(serverTLSBootstrap)?.value === true;
    const gate = gates[GATE] ?? { value: true, source: { kind: 'default' } };
    const audit = bootstraps || audited(gate)?.value === true ? 'pass' : 'fail';
    const stands = stated(`Feature gate ${GATE}`, gate);
    if (tlsCertFile.value !== '' && !serverTLSBootstrap.value) {
      const path = quote(tlsCertFile.value);
      const remediation = texts.inspect(path);
      return { status: 'manual', audit, reason: texts.external(path), advisories: [], remediation };
    }
    if (!gate.value) {
      const remediation = serverTLSBootstrap.value
        ? `${openGate(GATE, gate)} ${texts.restart(restart(node))}`
        : bootstrapServing(node, configuration);
      return { status: 'fail', audit, reason: texts.off(stands), advisories: [], remediation };
    }
    if (serverTLSBootstrap.value) {
      const reason = texts.both(stands, stated('serverTLSBootstrap', serverTLSBootstrap));
      return { status: 'pass', audit, reason, advisories: [] };
    }
    const advisories = [{ id: 'gate-without-bootstrap', text: texts.nothing }];
    const remediation = bootstrapServing(node, configuration);
    return { status: 'pass', audit, reason: texts.alone(stands), advisories, remediation };
  }),
};
