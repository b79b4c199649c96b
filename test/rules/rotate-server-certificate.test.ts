import { rotateServerCertificate } from '../../lambda/rules/rotate-server-certificate.ts';
import { byFlag, inFile } from './node.ts';
import { table } from './table.ts';

table(rotateServerCertificate, {
  'gate and bootstrap on: it rotates': {
    settings: { serverTLSBootstrap: inFile(true) },
    status: 'pass',
    audit: 'pass',
    reason:
      /^Feature gate RotateKubeletServerCertificate is true from the kubelet's default, and serverTLSBootstrap is true/,
    remediation: false,
  },
  'two certificates: who comes by address gets the one that does not rotate': {
    settings: { serverTLSBootstrap: inFile(true), tlsCertFile: inFile('/pki/s.crt') },
    status: 'pass',
    audit: 'pass',
    reason: /serverTLSBootstrap is true/,
    advisories: ['two-serving-certificates'],
    advice: /may get \/pki\/s\.crt instead/,
  },
  'two certificates are one from 1.36 on': {
    version: { text: 'v1.36.0', minor: 36, known: true },
    settings: { serverTLSBootstrap: inFile(true), tlsCertFile: inFile('/pki/s.crt') },
    status: 'pass',
    audit: 'pass',
    reason: /serverTLSBootstrap is true/,
  },
  // Every text-matching tool stops here; the gate alone rotates nothing.
  'the gate named alone satisfies the control and rotates nothing': {
    gates: { RotateKubeletServerCertificate: inFile(true) },
    status: 'pass',
    audit: 'pass',
    reason: /all that the control asks for/,
    advisories: ['gate-without-bootstrap'],
    remediation: /^First make sure that something in the cluster approves .* Set `serverTLSBootstrap: true`/,
  },
  'a benchmark that asks for both is not content with the gate': {
    gates: { RotateKubeletServerCertificate: inFile(true) },
    parameters: { bootstrap: true },
    status: 'fail',
    audit: 'pass',
    reason: /true from .*, but serverTLSBootstrap is false .*: the benchmark asks for both/,
    remediation: /Set `serverTLSBootstrap: true`/,
  },
  'a benchmark that asks for both has both': {
    settings: { serverTLSBootstrap: inFile(true) },
    parameters: { bootstrap: true },
    status: 'pass',
    audit: 'pass',
    reason: /serverTLSBootstrap is true/,
  },
  'the gate by default is on, though the audit wants it named': {
    status: 'pass',
    audit: 'fail',
    reason: /true from the kubelet's default/,
    advisories: ['gate-without-bootstrap'],
  },
  'the gate off fails': {
    gates: { RotateKubeletServerCertificate: byFlag(false, '--feature-gates=RotateKubeletServerCertificate=false') },
    status: 'fail',
    audit: 'fail',
    reason: /is false from flag --feature-gates=/,
    remediation:
      /approves.* Set the feature gate RotateKubeletServerCertificate to true .*--feature-gates=.*serverTLSBootstrap: true/,
  },
  'the gate off over serverTLSBootstrap: only the gate has to go': {
    settings: { serverTLSBootstrap: inFile(true) },
    gates: { RotateKubeletServerCertificate: inFile(false) },
    status: 'fail',
    audit: 'pass',
    reason: /does not rotate its serving certificate/,
    remediation:
      /^Set the feature gate RotateKubeletServerCertificate to true .*\(.*\)\. Restart the kubelet: `systemctl/,
    never: /serverTLSBootstrap/,
  },
  'the gate off with all of its stage: there is no entry of its name to take away': {
    settings: { serverTLSBootstrap: inFile(true) },
    gates: { RotateKubeletServerCertificate: byFlag(false, '--feature-gates=AllBeta=false') },
    status: 'fail',
    audit: 'pass',
    reason: /false from flag --feature-gates=AllBeta=false/,
    remediation:
      /^Set the feature gate RotateKubeletServerCertificate to true where it is turned off \(flag --feature-gates=AllBeta/,
  },
  'a standalone kubelet has no API server to sign for it': {
    credentials: { kind: 'none' },
    status: 'pass',
    audit: 'fail',
    reason: /gate/,
    advisories: ['gate-without-bootstrap'],
    remediation: /^Set tlsCertFile and tlsPrivateKeyFile/,
    never: /serverTLSBootstrap: true|rotate-server-certificates/,
  },
  'a certificate from elsewhere is rotated elsewhere': {
    settings: { tlsCertFile: inFile('/pki/k.crt'), tlsPrivateKeyFile: inFile('/pki/k.key') },
    gates: { RotateKubeletServerCertificate: inFile(false) },
    status: 'manual',
    audit: 'fail',
    reason: /\/pki\/k\.crt is given by tlsCertFile/,
    remediation: /who issues \/pki\/k\.crt/,
  },
  'a version that no longer has the gate rotates by serverTLSBootstrap alone': {
    settings: { serverTLSBootstrap: byFlag(true, '--rotate-server-certificates') },
    gates: {},
    status: 'pass',
    audit: 'pass',
    reason: /true from flag --rotate-server-certificates/,
  },
  'inputs that start no kubelet are an error': {
    error: 'serverTLSBootstrap needs RotateKubeletServerCertificate',
    status: 'error',
    reason: /kubelet-restart/,
  },
});
