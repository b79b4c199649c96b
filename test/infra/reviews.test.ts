import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { App, Validations } from 'aws-cdk-lib';
import { HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks } from 'cdk-nag';
import { CHECKOV, REASONS } from '../../infra/reviews.ts';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { COPY, FLEET } from './synth.ts';

const vpc = { subnetIds: ['subnet-0123456789abcdef0'], securityGroupIds: ['sg-0123456789abcdef0'] };

for (const [what, settings] of Object.entries({
  'a scanner alone': {},
  'a scanner with members and a copy, in a VPC': { ...FLEET, vpc, copy: COPY },
})) {
  test(`the packs for HIPAA, NIST and PCI have no question about ${what} that is not answered`, () => {
    const app = new App({ analyticsReporting: false });
    addStacks(app, parseUserSettings(settings), import.meta.dirname);
    Validations.of(app).addPlugins(new HIPAASecurityChecks(app), new NIST80053R5Checks(app), new PCIDSS321Checks(app));
    assert.doesNotThrow(() => app.synth());
  });
}

test('docs/security.md repeats each reason', () => {
  const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8').replaceAll(/\s+/g, ' ');
  for (const [check, reason] of Object.entries(REASONS))
    assert.ok(page.includes(`| \`${check}\` | ${reason} |`), check);
  for (const { check, reason } of CHECKOV) assert.ok(page.includes(`| \`${check}\` | ${reason} |`), check);
});
