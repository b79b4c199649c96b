/** Judges settings that are on or off. Tested by test/rules/anonymous-auth.test.ts. */
import type { Setting } from '../kubelet/configuration.ts';
import { checkSettings } from './check-settings.ts';
import { remedy } from './remedy.ts';
import type { Rule } from './rule.ts';
import { audited, stated } from './setting.ts';

type BooleanPath =
  | 'authentication.anonymous.enabled'
  | 'makeIPTablesUtilChains'
  | 'protectKernelDefaults'
  | 'seccompDefault';

type BooleanRule = {
  setting: BooleanPath;
  /** The flag's name without dashes. */
  flag: string;
  wanted: boolean;
  /** What the benchmark's audit says where neither the flag nor the file has it. */
  absent: 'pass' | 'fail';
};

/** A check that passes where the setting effectively has the wanted value. */
export function booleanSetting({ setting, flag, wanted, absent }: BooleanRule): Rule['check'] {
  return checkSettings([setting], (node, { settings }) => {
    const current: Setting<boolean> = settings[setting];
    const seen = audited(current);
    const audit = seen === undefined ? absent : seen.value === wanted ? 'pass' : 'fail';
    const reason = `${stated(setting, current)}.`;
    if (current.value === wanted) return { status: 'pass', audit, reason, advisories: [] };
    const change = { setting, flag, value: String(wanted), current };
    return { status: 'fail', audit, reason, advisories: [], remediation: remedy(node, change).steps };
  });
}
