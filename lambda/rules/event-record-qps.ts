import { checkSettings } from '../criteria/check-settings.ts';
import { remedy } from '../criteria/remedy.ts';
import type { Advisory, Rule } from '../criteria/rule.ts';
import { audited, stated } from '../criteria/setting.ts';

/** The kubelet's own limit up to 1.26; from 1.27 it is 50 (pkg/kubelet/apis/config/v1beta1/defaults.go). */
const LOWEST_DEFAULT = 5;

/**
 * The first kubelet to which 0 means no limit. Before, its client reads 0 as its own default, 5 a second
 * (kubernetes pull request 117119, CHANGELOG-1.37; client-go rest/config.go, DefaultQPS).
 */
const FIRST_UNLIMITED = 37;

const texts = {
  value: (value: string) => `${value}: events beyond it are dropped.`,
  unlimited: (value: string) => `${value}: no event is dropped.`,
  zero: (value: string) =>
    `${value}, which a kubelet before 1.${FIRST_UNLIMITED} takes for 5 a second: events beyond it are dropped.`,
  notUnlimited: `The benchmark means 0 as no limit, but only from 1.${FIRST_UNLIMITED} on it is one. Set the number that this node needs: the kubelet's default has been 50 since 1.27.`,
  flood: 'Without a limit a pod that fails quickly enough can flood the API server with events.',
  low: (value: string, lowest: number) =>
    `${value}, less than any default that the kubelet ever had (${lowest}): a person must decide whether events get lost.`,
};

export const eventRecordQps: Rule = {
  name: 'event-record-qps',
  title: 'The kubelet records enough events',
  failureTitle: 'The kubelet drops events',
  why: 'Events tell what happened on a node. A limit that is too low drops them, and with them the trace of an attack; no limit at all lets a node flood the API server.',
  severity: 'low',
  procedure: {
    expected: 'eventRecordQPS is 0 or a rate that loses no events',
    command: "ps -ef | grep '[k]ubelet'; cat $config",
  },
  references: [
    'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    'https://github.com/kubernetes/kubernetes/blob/v1.32.0/pkg/kubelet/apis/config/v1beta1/defaults.go',
  ],
  check: checkSettings(['eventRecordQPS'], (node, { settings, version }) => {
    const current = settings.eventRecordQPS;
    const seen = audited(current);
    // What is set and not negative is for the auditor to accept; the audit says nothing of what is absent.
    const audit = seen === undefined ? {} : { audit: Number(seen.value) >= 0 ? ('pass' as const) : ('fail' as const) };
    const value = stated('eventRecordQPS', current);
    if (current.value === 0 && version.minor < FIRST_UNLIMITED) {
      const advisories: Advisory[] = [{ id: 'zero-is-five', text: texts.notUnlimited }];
      return { status: 'pass', ...audit, reason: texts.zero(value), advisories };
    }
    if (current.value === 0) {
      const advisories: Advisory[] = [{ id: 'unlimited-events', text: texts.flood }];
      return { status: 'pass', ...audit, reason: texts.unlimited(value), advisories };
    }
    if (current.value >= LOWEST_DEFAULT) {
      return { status: 'pass', ...audit, reason: texts.value(value), advisories: [] };
    }
    const change = {
      setting: 'eventRecordQPS',
      flag: 'event-qps',
      value: '50',
      current,
      accepts: (rate: unknown) => Number(rate) === 0 || Number(rate) >= LOWEST_DEFAULT,
    } as const;
    const reason = texts.low(value, LOWEST_DEFAULT);
    return { status: 'manual', ...audit, reason, advisories: [], remediation: remedy(node, change).steps };
  }),
};
