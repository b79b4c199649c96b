import { notJudged } from '../criteria/check-settings.ts';
import type { Rule } from '../criteria/rule.ts';
import { platformOf } from '../platforms/index.ts';
import { isOutside } from '../platforms/signs.ts';
import { step } from '../platforms/step.ts';

const texts = {
  unit: (unit: string) =>
    `Whether unit ${unit} denies other addresses is a property of systemd that the evidence does not hold: a person must look at it.`,
  noUnit:
    'The kubelet does not run as a systemd unit, so IPAddressDeny cannot apply to it: a person must look at what else limits who reaches it.',
  look: 'Look what the unit denies and allows.',
  deny: 'Set IPAddressDeny=any in a drop-in of the unit if it denies nothing, and IPAddressAllow= with localhost, link-local (instance metadata), the nodes, the pods, the API server, and the AWS endpoints that credential plugins call; on one node first, because an address that is missing there cuts the node off.',
  fixed: (title: string, limits: string) =>
    `Check the ${limits} in front of port 10250: ${title} has no setting for IPAddressDeny.`,
  other: (limits: string) => `Check the ${limits} in front of port 10250.`,
};

/** Always manual: neither an argument nor a config file of the kubelet can say it. */
export const ipAddressDeny: Rule = {
  name: 'ip-address-deny',
  title: "The kubelet's unit talks to known addresses only",
  failureTitle: "The kubelet's unit may talk to any address",
  why: 'A unit that may talk to known addresses only is of less use to whoever gets hold of the kubelet: it can neither be reached from nor report to elsewhere.',
  severity: 'low',
  procedure: {
    expected: 'the unit denies all addresses but those that it needs',
    command: 'systemctl show $unit -p IPAddressDeny -p IPAddressAllow',
  },
  linuxOnly: 'Windows has no systemd whose units could be fenced off',
  references: ['https://www.freedesktop.org/software/systemd/man/latest/systemd.resource-control.html'],
  check(node) {
    const { unit, unread } = node.kubelet;
    const groups = isOutside(node) ? undefined : 'security groups';
    if (unit === undefined && unread !== undefined) return notJudged('configuration');
    if (unit === undefined || !/^[\w@.:-]{1,80}$/.test(unit)) {
      return {
        status: 'manual',
        reason: texts.noUnit,
        advisories: [],
        remediation: [step(texts.other(groups ? `${groups} and the firewall` : 'firewall'))],
      };
    }
    const { title, files, restart } = platformOf(node);
    const remediation = files.byHand
      ? [
          step(texts.look, `systemctl show ${unit} -p IPAddressDeny -p IPAddressAllow`),
          step(texts.deny, `systemctl edit ${unit}`),
          restart(node),
        ]
      : [step(texts.fixed(title, groups ?? 'firewall'))];
    return { status: 'manual', reason: texts.unit(unit), advisories: [], remediation };
  },
};
