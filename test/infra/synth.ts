/** Builds the stacks of some settings with a stand-in for the bundled handler, for the tests to look at. */
import { App } from 'aws-cdk-lib';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import type { Template } from './policies.ts';

/** A hub with a target at home, in another region, and in two other accounts; Slack and e-mail. */
export const FLEET = {
  schedule: 'cron(30 1 ? * MON-FRI *)',
  timeZone: 'Europe/Paris',
  flexibleWindowMinutes: 15,
  tags: [{ key: 'team', values: ['platform', 'data'] }, { key: 'eks:cluster-name' }],
  hub: { account: '111122223333', region: 'eu-west-1' },
  targets: [
    { account: '111122223333', regions: ['eu-west-1', 'us-east-1'] },
    { account: '444455556666', regions: ['eu-west-1', 'us-east-1'] },
    { account: '777788889999', regions: ['eu-west-1', 'us-east-1'] },
  ],
  externalId: 'shared-with-members',
  emails: ['ops@example.com', 'audit@example.com'],
  slack: { workspaceId: 'T01234567', channelId: 'C01234567' },
  retention: { mode: 'compliance', days: 730, glacierAfterDays: 90, logDays: 365 },
  alarms: { silentHours: 74, coveragePercent: 99 },
};

/** A second account that keeps a copy, as the setting `copy` names it. */
export const COPY = {
  account: '222233334444',
  region: 'eu-central-1',
  keyArn: 'arn:aws:kms:eu-central-1:222233334444:key/12345678-9abc-def0-1234-56789abcdef0',
};

/** Name of the stack → its template. Throws as `cdk synth` would. */
export function synthesise(settings: unknown): Record<string, Template> {
  const app = new App({ analyticsReporting: false });
  addStacks(app, parseUserSettings(settings), import.meta.dirname);
  return Object.fromEntries(app.synth().stacks.map(({ stackName, template }) => [stackName, template]));
}

/** Ids of the resources of a type whose id starts with `start`. */
export function idsOf(template: Template, type: string, start = ''): string[] {
  return Object.entries(template.Resources)
    .filter(([id, { Type }]) => Type === type && id.startsWith(start))
    .map(([id]) => id);
}

/** The only resource of a type whose id starts with `start`: its id. */
export function idOf(template: Template, type: string, start = ''): string {
  const [id, ...more] = idsOf(template, type, start);
  if (id === undefined || more.length > 0) throw new Error(`not one ${type} ${start}* but ${id} ${more}`);
  return id;
}
