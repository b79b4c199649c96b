/** What the remarks beside verdicts mean, for who asks by a remark's name. Tested by test/cli/rules.test.ts. */

export type AdvisoryMeaning = {
  /** What it says in general; on a node it names values and files. */
  means: string;
  /** The rules that give it; where there are none, any may. */
  rules: readonly string[];
};

/** By the names that findings carry. */
export const ADVISORIES: Readonly<Record<string, AdvisoryMeaning>> = {
  'changed-after-start': {
    means:
      'A file that decides this setting was written after the kubelet had started. The verdict is about the file as it is now; the running kubelet may still have what stood there before. Restart it, or wait for its next start, and it is what the verdict says.',
    rules: [],
  },
  'changes-silently': {
    means:
      'The next version of the kubelet starts with what this node is given, and makes something else of it: these values change although nobody touches them.',
    rules: ['next-version'],
  },
  'client-ca-missing': {
    means:
      'The file of the client CA does not exist. The running kubelet has read it before; one that starts without it exits, so this one would not come back.',
    rules: ['client-ca-file'],
  },
  'extended-support': {
    means:
      'Standard support of this version has ended, and extended support has not: it still gets fixes, costs extra for each hour of the cluster, and ends on the day that the verdict names.',
    rules: ['supported-version'],
  },
  'gate-without-bootstrap': {
    means:
      'The feature gate RotateKubeletServerCertificate is on, which is all that the control asks for, but serverTLSBootstrap is false: the gate alone rotates nothing, and the kubelet serves a self-signed certificate that is never renewed.',
    rules: ['rotate-server-certificate'],
  },
  'no-forward-secrecy': {
    means:
      'The benchmark accepts these cipher suites, but they have no forward secrecy: a key that is stolen later opens traffic that was recorded before.',
    rules: ['tls-cipher-suites'],
  },
  'other-benchmark-kept': {
    means:
      'Several benchmarks were asked for and want different things. The strictest decides the verdict; the remark names those that are satisfied all the same.',
    rules: [],
  },
  'other-kubelet': {
    means:
      'Several kubelets run on this node. The verdict is about the worst; the remark says what is wrong with another one.',
    rules: [],
  },
  'support-ends-soon': {
    means: 'Support of this version ends within 60 days: plan the upgrade of the cluster now.',
    rules: ['supported-version'],
  },
  'two-serving-certificates': {
    means:
      'The kubelet rotates its own serving certificate, but tlsCertFile is set as well: before 1.36, who comes by an address of the node and does not name it may get that file, which its issuer must rotate.',
    rules: ['rotate-server-certificate'],
  },
  'unlimited-events': {
    means:
      'From 1.37 on, an eventRecordQPS of 0 is no limit at all: a pod that fails quickly enough can flood the API server with events.',
    rules: ['event-record-qps'],
  },
  'unset-means-off': {
    means:
      "Nothing sets rotateCertificates, which the benchmark accepts because it takes rotation for the default. The kubelet's real default is false: this client certificate does not rotate, and the node drops out of the cluster on the day it expires.",
    rules: ['rotate-client-certificates'],
  },
  'zero-is-five': {
    means:
      'The benchmark means an eventRecordQPS of 0 as no limit. A kubelet before 1.37 takes it for 5 a second and drops the events beyond.',
    rules: ['event-record-qps'],
  },
  'zero-means-default': {
    means:
      'A zero for streamingConnectionIdleTimeout in the configuration file counts as absent: the kubelet takes its default of 4 hours. A real zero comes only from the flag.',
    rules: ['streaming-connection-idle-timeout'],
  },
};
