/** Which stacks the settings ask for. */
import { type App, Tags, Validations } from 'aws-cdk-lib';
import flags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };
import { AwsSolutionsChecks } from 'cdk-nag';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { addChatStack } from './chat-stack.ts';
import { addCopyStack } from './copy-stack.ts';
import { documentsOf } from './document.ts';
import { addMemberStack } from './member-stack.ts';
import { explainToCheckov } from './reviews.ts';
import { addScannerStack, scanRoleName } from './scanner-stack.ts';
import type { UserSettings } from './settings.ts';

/**
 * Adds the scanner's stack, the member stack where the settings name targets besides the scanner's own place, and the
 * stack of the chat alarm where they name a Slack channel, and that of the copy where they name a second account. `handler` is the folder with the bundled handler, `documents` those
 * of the scanner, the current one first. Throws
 * SettingsError where the settings do not fit into a function's environment.
 */
export function addStacks(
  app: App,
  settings: UserSettings,
  handler: string,
  documents: readonly CollectDocument[] = documentsOf(settings.name),
): void {
  // What new CDK apps get: the library keeps older behaviour unless asked. Its version is pinned, so this is, too.
  // What somebody has set in cdk.json stays as it is.
  for (const [flag, value] of Object.entries(flags)) {
    if (app.node.tryGetContext(flag) === undefined) app.node.setContext(flag, value);
  }
  const { hub, targets = [], slack, copy, name } = settings;
  addScannerStack(app, settings, documents, handler);
  const elsewhere = targets.some(({ account, regions }) =>
    regions.some((region) => account !== hub?.account || region !== hub.region),
  );
  if (hub && elsewhere) {
    addMemberStack(app, settings, documents, { account: hub.account, roleName: scanRoleName(name, hub.region) });
  }
  if (slack) addChatStack(app, settings);
  if (copy && hub) addCopyStack(app, settings, copy, hub);
  explainToCheckov(app);
  Tags.of(app).add('application', name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
