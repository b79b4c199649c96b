/** Which stacks the settings ask for. */
import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { addChatStack } from './chat-stack.ts';
import { addCopyStack } from './copy-stack.ts';
import { documentsOf } from './document.ts';
import { preferNewBehaviour } from './flags.ts';
import { addMemberStack } from './member-stack.ts';
import { addOrganizationStack } from './organization.ts';
import { addScannerStack } from './scanner-stack.ts';
import type { UserSettings } from './settings.ts';

/**
 * Adds the scanner's stack, the member stack where the settings name targets besides the scanner's own place or that of its StackSet where they name an organization, the
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
  // Stacks follow some of it themselves.
  preferNewBehaviour(app);
  const { hub, targets = [], slack, copy, name } = settings;
  addScannerStack(app, settings, documents, handler);
  const elsewhere = targets.some(({ account, regions }) =>
    regions.some((region) => account !== hub?.account || region !== hub.region),
  );
  if (hub && elsewhere) {
    addMemberStack(app, settings, documents, hub);
  }
  if (settings.organization) addOrganizationStack(app, settings, documents);
  if (slack) addChatStack(app, settings);
  if (copy && hub) addCopyStack(app, settings, copy, hub);
  Tags.of(app).add('application', name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
