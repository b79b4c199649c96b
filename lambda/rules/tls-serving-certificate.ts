import { checkSettings } from '../criteria/check-settings.ts';
import type { Rule } from '../criteria/rule.ts';
import { bootstrapServing } from '../criteria/serving.ts';
import { audited, stated } from '../criteria/setting.ts';
import { platformOf } from '../platforms/index.ts';
import { step } from '../platforms/step.ts';
import { oneLine } from '../platforms/wording.ts';

const texts = {
  files: (certificate: string, key: string) => `${certificate} and ${key}.`,
  bootstrap: (value: string) => `${value}: the API server's CA signs the serving certificate.`,
  half: (certificate: string, key: string) =>
    `${certificate}, but ${key}: one is of no use without the other, and a kubelet that starts with one alone cannot open its port.`,
  none: 'Neither tlsCertFile and tlsPrivateKeyFile nor serverTLSBootstrap is set: the kubelet serves a certificate that it signed itself, which no client can verify.',
  complete: (present: string, absent: string) =>
    `Set ${absent} to the file that belongs to ${present}, or take both away to let the API server's CA sign (serverTLSBootstrap).`,
};

export const tlsServingCertificate: Rule = {
  name: 'tls-serving-certificate',
  title: 'The kubelet serves a certificate that a CA signed',
  failureTitle: 'The kubelet serves a certificate that no CA signed',
  why: "The API server sends commands and reads logs over the kubelet's TLS port. If the certificate there is self-signed, nobody can tell the node from a machine in the middle.",
  severity: 'medium',
  procedure: {
    expected: 'tlsCertFile and tlsPrivateKeyFile name files',
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  references: [
    'https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/#certificate-rotation',
    'https://kubernetes.io/docs/tasks/administer-cluster/kubeadm/kubeadm-certs/#kubelet-serving-certs',
  ],
  check: checkSettings(['tlsCertFile', 'tlsPrivateKeyFile', 'serverTLSBootstrap'], (node, configuration) => {
    const { settings } = configuration;
    const { tlsCertFile, tlsPrivateKeyFile, serverTLSBootstrap } = settings;
    const named = [tlsCertFile, tlsPrivateKeyFile].every((setting) => (audited(setting)?.value ?? '') !== '');
    const audit = named ? 'pass' : 'fail';
    const certificate = stated('tlsCertFile', tlsCertFile);
    const key = stated('tlsPrivateKeyFile', tlsPrivateKeyFile);
    if (serverTLSBootstrap.value) {
      const reason = texts.bootstrap(stated('serverTLSBootstrap', serverTLSBootstrap));
      return { status: 'pass', audit, reason, advisories: [] };
    }
    if (tlsCertFile.value !== '' && tlsPrivateKeyFile.value !== '') {
      return { status: 'pass', audit, reason: texts.files(certificate, key), advisories: [] };
    }
    if (tlsCertFile.value !== '' || tlsPrivateKeyFile.value !== '') {
      const missing = tlsCertFile.value === '' ? 'tlsCertFile' : 'tlsPrivateKeyFile';
      const present = oneLine(missing === 'tlsCertFile' ? tlsPrivateKeyFile.value : tlsCertFile.value);
      const remediation = [step(texts.complete(present, missing)), ...platformOf(node).afterChange(node)];
      return { status: 'fail', audit, reason: texts.half(certificate, key), advisories: [], remediation };
    }
    const remediation = bootstrapServing(node, configuration);
    return { status: 'fail', audit, reason: texts.none, advisories: [], remediation };
  }),
};
