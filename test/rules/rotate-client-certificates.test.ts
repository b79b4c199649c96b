/** The rule of the benchmark's seed: every row of its table of verdicts. Long because it is one table of cases. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../lambda/judging/index.ts';
import { rotateClientCertificates } from '../../lambda/rules/rotate-client-certificates.ts';
import { inputOf, readExample } from './example.ts';
import { byFlag, CONFIG, certificate, inDropIn, inFile } from './node.ts';
import { table } from './table.ts';

const EKS_CONFIG = '/etc/kubernetes/kubelet/config.json';
const DROP_IN = '/etc/kubernetes/kubelet/config.json.d/40-nodeadm.conf';
const exec = { kind: 'exec', command: 'aws', where: '/var/lib/kubelet/kubeconfig' } as const;
const nodeadm = {
  argv: [`--config=${EKS_CONFIG}`, '--kubeconfig=/var/lib/kubelet/kubeconfig'],
  version: 'v1.32.3-eks-473151a',
};

table(rotateClientCertificates, {
  'flag false fails and names the flag': {
    settings: { rotateCertificates: byFlag(false, '--rotate-certificates=false') },
    status: 'fail',
    audit: 'fail',
    reason: /^rotateCertificates is false from flag --rotate-certificates=false\.$/,
    remediation: /^Remove `--rotate-certificates=false` .* Set `rotateCertificates: true`/,
  },
  // kube-bench passes this one: it searches for --rotate-certificates, the kubelet reads _ as -.
  'underscore flag =0 fails, in the audit too: it is the same argument': {
    settings: { rotateCertificates: byFlag(false, '--rotate_certificates=0') },
    status: 'fail',
    audit: 'fail',
    reason: /flag --rotate_certificates=0/,
  },
  'flag true over a false file passes, audit follows the flag': {
    settings: {
      rotateCertificates: { ...byFlag(true, '--rotate-certificates'), overrode: [inFile(false)] },
    },
    status: 'pass',
    audit: 'pass',
    reason: /true from flag --rotate-certificates, which overrides false from \/var\/lib\/kubelet\/config.yaml/,
    remediation: false,
  },
  'file false fails and names the file and line': {
    settings: { rotateCertificates: inFile(false) },
    kubelet: {
      files: [
        { path: CONFIG, role: 'config', state: 'file', content: 'kind: X\napiVersion: y\nrotateCertificates: false\n' },
      ],
    },
    status: 'fail',
    audit: 'fail',
    reason: /^rotateCertificates is false from \/var\/lib\/kubelet\/config.yaml\.$/,
    remediation:
      /^Set `rotateCertificates: true` in \/var\/lib\/kubelet\/config.yaml \(line 3\)\. Change the ConfigMap kubelet-config .* Restart the kubelet: `systemctl/,
  },
  'file true passes with its source': {
    settings: { rotateCertificates: inFile(true) },
    status: 'pass',
    audit: 'pass',
    reason: /^rotateCertificates is true from \/var\/lib\/kubelet\/config.yaml\.$/,
    remediation: false,
  },
  'drop-in false over a true file fails; the audit does not know drop-ins': {
    settings: { rotateCertificates: inDropIn(false, DROP_IN, inFile(true, EKS_CONFIG)) },
    status: 'fail',
    audit: 'pass',
    reason: /false from drop-in .*40-nodeadm\.conf, which overrides true from \/etc\/kubernetes\/kubelet\/config\.json/,
    remediation: /40-nodeadm\.conf/,
  },
  'drop-in true over a false file passes; the audit reads the file': {
    settings: { rotateCertificates: inDropIn(true, '/etc/k.d/1.conf', inFile(false)) },
    status: 'pass',
    audit: 'fail',
    reason: /true from drop-in \/etc\/k\.d\/1\.conf/,
  },
  // Trivy and the Compliance Operator fail this one; CIS accepts it; the kubelet does not rotate.
  'absent everywhere passes by the audit, with the truth and the date': {
    kubelet: certificate(-100, 265),
    status: 'pass',
    audit: 'pass',
    reason: /^rotateCertificates is false from the kubelet's default: neither a flag nor a file sets it/,
    advisories: ['unset-means-off'],
    advice: /default is false: this client certificate does not rotate and expires on 2027-08-15/,
    remediation: /rotateCertificates: true/,
  },
  'absent everywhere without a certificate seen has no date': {
    status: 'pass',
    audit: 'pass',
    reason: /default/,
    advisories: ['unset-means-off'],
    advice: /does not rotate\.$/,
  },
  'gate off fails although rotation is on (kubelets before 1.19)': {
    settings: { rotateCertificates: inFile(true) },
    gates: {
      RotateKubeletClientCertificate: byFlag(false, '--feature-gates=RotateKubeletClientCertificate=false'),
    },
    version: { text: 'v1.18.9', minor: 18, known: true },
    status: 'fail',
    audit: 'pass',
    reason: /^Feature gate RotateKubeletClientCertificate is false from flag --feature-gates=/,
    remediation:
      /^Set the feature gate RotateKubeletClientCertificate to true .*\(flag --feature-gates=.*\)\. Restart the kubelet: `systemctl/,
    never: /rotateCertificates: true/,
  },
  'gate on is no failure': {
    settings: { rotateCertificates: inFile(true) },
    gates: { RotateKubeletClientCertificate: { value: true, source: { kind: 'default' } } },
    version: { text: 'v1.18.9', minor: 18, known: true },
    status: 'pass',
    audit: 'pass',
    reason: /true/,
  },
  // kube-bench passes and Trivy fails EKS nodes; neither sees that there is no certificate.
  'exec credentials (EKS) are not applicable, and rotation is never advised': {
    credentials: exec,
    kubelet: nodeadm,
    status: 'not-applicable',
    audit: 'pass',
    reason: /exec plugin aws of \/var\/lib\/kubelet\/kubeconfig: there is no client certificate/,
    remediation: false,
  },
  'exec credentials with an explicit false: still nothing to rotate, still no advice to rotate': {
    credentials: exec,
    kubelet: nodeadm,
    settings: { rotateCertificates: inFile(false, EKS_CONFIG) },
    status: 'not-applicable',
    audit: 'fail',
    reason: /exec plugin/,
    remediation: false,
  },
  'token credentials are not applicable': {
    credentials: { kind: 'token', where: '/etc/kubernetes/kubelet.conf' },
    status: 'not-applicable',
    audit: 'pass',
    reason: /token of \/etc\/kubernetes\/kubelet\.conf/,
    remediation: false,
  },
  'exec credentials and rotation on: what becomes of that has a finding of its own': {
    credentials: exec,
    kubelet: nodeadm,
    settings: { rotateCertificates: inDropIn(true, DROP_IN) },
    status: 'not-applicable',
    audit: 'pass',
    reason:
      /exec plugin aws .* no client certificate to rotate; rotateCertificates is true from .*40-nodeadm\.conf all the same, of which the rule kubelet-restart tells more/,
    remediation: false,
  },
  'a token, rotation on and a certificate of its own: that one rotates': {
    credentials: { kind: 'token', where: '/etc/kubernetes/kubelet.conf' },
    settings: { rotateCertificates: inFile(true) },
    kubelet: certificate(-30, 335),
    status: 'pass',
    audit: 'pass',
    reason: /^rotateCertificates is true/,
  },
  'exec credentials and rotation on, but its gate off (kubelets before 1.19): nothing breaks': {
    credentials: exec,
    settings: { rotateCertificates: inFile(true) },
    gates: { RotateKubeletClientCertificate: inFile(false) },
    version: { text: 'v1.18.9', minor: 18, known: true },
    status: 'not-applicable',
    audit: 'pass',
    reason: /exec plugin/,
    remediation: false,
  },
  'external certificate: its issuer must rotate it': {
    credentials: { kind: 'client-certificate', path: '/etc/pki/vault.pem', inCertDir: false, where: '/etc/k.conf' },
    bootstraps: false,
    settings: { rotateCertificates: inFile(false) },
    status: 'manual',
    audit: 'fail',
    reason: /\/etc\/pki\/vault\.pem, named by \/etc\/k\.conf, lies outside --cert-dir/,
    remediation: /who issues \/etc\/pki\/vault\.pem/,
  },
  'external certificate, but rotation is on and the kubelet has one of its own: the setting decides': {
    credentials: { kind: 'client-certificate', path: '/etc/pki/vault.pem', inCertDir: false, where: '/etc/k.conf' },
    bootstraps: false,
    settings: { rotateCertificates: inFile(true) },
    kubelet: certificate(-30, 335),
    status: 'pass',
    audit: 'pass',
    reason: /^rotateCertificates is true/,
  },
  'external certificate, a left-over of its own, rotation off: its issuer must rotate it': {
    credentials: { kind: 'client-certificate', path: '/etc/pki/vault.pem', inCertDir: false, where: '/etc/k.conf' },
    bootstraps: false,
    settings: { rotateCertificates: inFile(false) },
    kubelet: certificate(-30, 335),
    status: 'manual',
    audit: 'fail',
    reason: /lies outside --cert-dir/,
  },
  'certificate outside --cert-dir, but bootstrapped from the API server: the setting decides': {
    credentials: { kind: 'client-certificate', path: '/etc/pki/x.pem', inCertDir: false, where: '/etc/k.conf' },
    settings: { rotateCertificates: inFile(false) },
    status: 'fail',
    audit: 'fail',
    reason: /false from/,
  },
  'embedded certificate: the setting decides': {
    credentials: { kind: 'embedded-certificate', where: '/etc/kubernetes/kubelet.conf' },
    bootstraps: false,
    settings: { rotateCertificates: inFile(true) },
    status: 'pass',
    audit: 'pass',
    reason: /true/,
  },
  'still bootstrapping: the setting decides': {
    credentials: { kind: 'bootstrap', where: '/etc/kubernetes/bootstrap-kubelet.conf' },
    settings: { rotateCertificates: inFile(false) },
    status: 'fail',
    audit: 'fail',
    reason: /false/,
  },
  'no kubeconfig: standalone, not applicable': {
    credentials: { kind: 'none' },
    status: 'not-applicable',
    audit: 'pass',
    reason: /no --kubeconfig/,
    remediation: false,
  },
  'unknown credentials are an error, never a pass, told by kubelet-restart': {
    credentials: { kind: 'unknown', problem: '/etc/kubernetes/kubelet.conf: permission denied' },
    settings: { rotateCertificates: inFile(true) },
    status: 'error',
    audit: 'pass',
    reason: /kubelet-restart tells: how this kubelet authenticates is not known/,
  },
  'Bottlerocket with rotation off in its image: replaced in time': {
    evidence: { os: { id: 'bottlerocket' } },
    status: 'pass',
    audit: 'pass',
    reason: /false/,
    advisories: ['unset-means-off'],
    remediation: /Replace the node before its certificate expires/,
  },
  'gate and rotation off: both are turned on': {
    gates: { RotateKubeletClientCertificate: inFile(false) },
    settings: { rotateCertificates: inFile(false) },
    version: { text: 'v1.18.9', minor: 18, known: true },
    status: 'fail',
    audit: 'fail',
    reason: /gate RotateKubeletClientCertificate is false/,
    remediation: /^Set the feature gate RotateKubeletClientCertificate to true .* Set `rotateCertificates: true`/,
  },
  'OpenShift turns gates on by its FeatureGate': {
    gates: { RotateKubeletClientCertificate: inFile(false, '/etc/kubernetes/kubelet.conf') },
    settings: { rotateCertificates: inFile(true, '/etc/kubernetes/kubelet.conf') },
    kubelet: { argv: ['--config=/etc/kubernetes/kubelet.conf'] },
    status: 'fail',
    audit: 'pass',
    reason: /gate RotateKubeletClientCertificate is false/,
    remediation:
      /^Put the feature gate RotateKubeletClientCertificate into .* FeatureGate cluster .*the Machine Config Operator/,
    never: /systemctl/,
  },
  'rotation on, but stuck: the setting is right, client-certificate-expiry tells the rest': {
    settings: { rotateCertificates: inFile(true) },
    kubelet: certificate(-335, 30),
    status: 'pass',
    audit: 'pass',
    reason: /true/,
  },
  'inputs that start no kubelet are an error, told by kubelet-restart': {
    error: '/var/lib/kubelet/config.yaml: rotateCertificates: expected a boolean, got "true"',
    status: 'error',
    reason: /^Not judged because of what the rule kubelet-restart tells: .* no configuration that could be judged\.$/,
  },
  'a config file that could not be read is an error, never a pass': {
    problem: 'config file /var/lib/kubelet/config.yaml: permission denied',
    status: 'error',
    reason: /kubelet-restart/,
  },
  'file newer than the kubelet: the verdict says that it is not what runs': {
    settings: { rotateCertificates: inFile(true) },
    changedAfterStart: [CONFIG],
    status: 'pass',
    audit: 'pass',
    reason: /true/,
    advisories: ['changed-after-start'],
    advice: /does not run with the present content until it restarts/,
  },
  'file newer than the kubelet does not matter where a flag decides': {
    settings: { rotateCertificates: byFlag(true, '--rotate-certificates=T') },
    changedAfterStart: [CONFIG],
    status: 'pass',
    audit: 'pass',
    reason: /--rotate-certificates=T/,
  },
  'a hostile path stays one line': {
    settings: { rotateCertificates: inFile(false, `/etc/a\nb\u001b[31m${'x'.repeat(500)}`) },
    status: 'fail',
    audit: 'fail',
    reason: /^[\P{Cc}]{1,260}$/u,
  },
});

// What others read wrongly from the same command line and file, through the real derivation.
const misread: [given: string, status: string, whoErrs: string][] = [
  ['flags: [--rotate-certificates]', 'pass', 'Trivy and Kubescape fail a bare flag'],
  ['flags: [--rotate-certificates=1]', 'pass', 'kube-bench and Kubescape fail it'],
  ['flags: [--rotate-certificates=T]', 'pass', 'kube-bench and Kubescape fail it'],
  ['flags: [--rotate-certificates=f]', 'fail', 'Datadog passes it'],
  ['flags: [--rotate-certificates=FALSE]', 'fail', 'Datadog passes it'],
  ['flags: [--rotate_certificates=false]', 'fail', 'kube-bench passes it'],
  [
    'flags: [--rotate-certificates=true, --rotate-certificates=false]',
    'fail',
    'Kubescape passes it, kube-bench takes the first',
  ],
  ['flags: [--rotate-certificates=false, --rotate-certificates=true]', 'pass', 'kube-bench takes the first'],
  ['{flags: [--rotate-certificates=true], config: "rotateCertificates: false"}', 'pass', 'the flag wins'],
  ['config: "rotateCertificates: no"', 'fail', 'YAML 1.1: no is false'],
  ['config: "RotateCertificates: false"', 'pass', 'a key in the wrong case is ignored: absent'],
  ['config: "RotateCertificate: false"', 'pass', 'there is no such setting: absent'],
  ['flags: [--RotateCertificate=true]', 'error', 'CIS EKS advises it; the kubelet does not start with it'],
  ['flags: [--rotate-certificates, "false"]', 'error', 'false is a positional argument, which the kubelet refuses'],
  ['config: "rotateCertificates: \'true\'"', 'error', 'a text is no boolean to the kubelet'],
  ['config: none', 'pass', 'without a config file it is absent, as with one'],
];

for (const [given, status, why] of misread) {
  test(`rotate-client-certificates, derived: ${given}: ${status} (${why})`, () => {
    const example = readExample(
      given.startsWith('{')
        ? `{${given.slice(1, -1)}, status: pass, reason: ""}`
        : `${given}\nstatus: pass\nreason: ""\n`,
    );
    const [finding] = evaluate(inputOf(example), { rules: ['cis-kubernetes-1.5.1/4.2.11'] });
    assert.equal(finding?.status, status, finding?.reason);
  });
}
