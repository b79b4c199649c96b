import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Advisory, Rule } from '../criteria/rule.ts';
import { audited, isZeroDuration, stated } from '../criteria/setting.ts';

const texts = {
  noEffect:
    ' Since 1.24 the kubelet does not use it: the container runtime decides (stream_idle_timeout of containerd, 4 hours by default), so this neither closes nor keeps a connection.',
  letter: (value: string) => `${value}, which the control does not accept.`,
  forever: (value: string) => `${value}: idle exec, attach and port-forward connections are never closed.`,
  ignored:
    'A zero in the config file counts as absent: the kubelet takes its default of 4 hours. A real zero comes only from the flag.',
};

/**
 * The setting was dockershim's, which 1.24 removed; the control's letter decides the status all the same. Source: kubernetes
 * pull request 131992, which deprecates it because nothing uses it; containerd/cri issue 1057.
 */
const FIRST_WITHOUT = 24;

export const streamingConnectionIdleTimeout: Rule = {
  name: 'streaming-connection-idle-timeout',
  title: 'Idle streaming connections are closed',
  failureTitle: 'Idle streaming connections are never closed',
  why: 'Connections of exec, attach and port-forward that are never closed hold ports and memory, and keep a way into a container open for whoever finds the forgotten terminal.',
  severity: 'low',
  procedure: { expected: 'streamingConnectionIdleTimeout is not 0', command: "ps -ef | grep '[k]ubelet'; cat $config" },
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/apis/config/v1beta1/defaults.go',
    'https://github.com/kubernetes/kubernetes/pull/131992',
  ],
  check: checkSettings(['streamingConnectionIdleTimeout'], (node, { settings, version }) => {
    const current = settings.streamingConnectionIdleTimeout;
    const seen = audited(current);
    const audit = seen !== undefined && isZeroDuration(seen.value) ? 'fail' : 'pass';
    const isUsed = version.known && version.minor < FIRST_WITHOUT;
    const note = isUsed ? '' : texts.noEffect;
    const value = stated('streamingConnectionIdleTimeout', current);
    if (closes(current.value)) {
      const advisories: Advisory[] = audit === 'fail' ? [{ id: 'zero-means-default', text: texts.ignored }] : [];
      return { status: 'pass', audit, reason: `${value}.${note}`, advisories };
    }
    const change = {
      setting: 'streamingConnectionIdleTimeout',
      flag: 'streaming-connection-idle-timeout',
      value: '4h0m0s',
      current,
      accepts: closes,
    } as const;
    return {
      status: 'fail',
      audit,
      reason: isUsed ? texts.forever(value) : texts.letter(value) + note,
      advisories: [],
      remediation: remedy(node, change).steps,
    };
  }),
};

/** The streaming server sets a deadline only for positive timeouts (k8s.io/kubelet/pkg/cri/streaming). */
function closes(timeout: unknown): boolean {
  return !isZeroDuration(timeout) && !String(timeout).startsWith('-');
}
