/**
 * The CDK app: `npx cdk synth` builds the stacks from the settings in cdk.json.
 * Tested by test/infra/settings.test.ts.
 */
import { App } from 'aws-cdk-lib';
import { SettingsError } from '../lambda/settings.ts';
import { bundleHandler } from './bundle.ts';
import { parseUserSettings } from './settings.ts';
import { addStacks } from './stacks.ts';

const app = new App();
try {
  const settings = parseUserSettings(app.node.tryGetContext('kubevigil'));
  addStacks(app, settings, await bundleHandler());
  app.synth();
} catch (error) {
  // A wrong setting is the reader's own: its line says all there is to say.
  if (!(error instanceof SettingsError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
