/** Which stacks the settings ask for. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { collectDocument } from '../lambda/nodes/document.ts';
import { SettingsError } from '../lambda/settings.ts';
import { addChatStack } from './chat-stack.ts';
import { addMemberStack } from './member-stack.ts';
import { addScannerStack, scanRoleName } from './scanner-stack.ts';
import { parseUserSettings } from './settings.ts';

/** Behaviours of the CDK that are off unless asked for (aws-cdk-lib, FEATURE_FLAGS.md). */
const FLAGS = [
  // A bucket policy for the access log instead of the ACL of its delivery group.
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy',
  '@aws-cdk/aws-s3:publicAccessBlockedByDefault',
  '@aws-cdk/aws-sns-subscriptions:restrictSqsDescryption',
  '@aws-cdk/core:enablePartitionLiterals',
];

/**
 * Adds the scanner's stack, the member stack where the settings name targets besides the scanner's own place, and the
 * stack of the chat alarm where they name a Slack channel. Throws SettingsError with one line for each wrong setting.
 */
export function addStacks(app: App, context: unknown): void {
  for (const flag of FLAGS) app.node.setContext(flag, true);
  const settings = parseUserSettings(context);
  const document = collectDocument();
  const waivers = settings.waivers && resolve(settings.waivers);
  if (waivers && !existsSync(waivers)) {
    throw new SettingsError(`cdk.json: kubevigil.waivers must be a file beside cdk.json, but there is no ${waivers}`);
  }
  addScannerStack(app, settings, document, waivers);
  const { hub, targets = [], slack } = settings;
  const elsewhere = targets.some(({ account, regions }) =>
    regions.some((region) => account !== hub?.account || region !== hub.region),
  );
  if (hub && elsewhere) {
    addMemberStack(app, settings, document, { account: hub.account, roleName: scanRoleName(hub.region) });
  }
  if (slack) addChatStack(app, settings);
  Tags.of(app).add('application', 'kubevigil');
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
