/** A scanner of an organization: what it may find and take, and what every account is given. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { App, Stack } from 'aws-cdk-lib';
import { KubevigilOrganization, type KubevigilOrganizationProps } from '../../infra/cdk.ts';
import { findingAccounts } from '../../infra/organization-permissions.ts';
import { parseUserSettings } from '../../infra/settings.ts';
import { addStacks } from '../../infra/stacks.ts';
import { parseScanSettings, SettingsError } from '../../lambda/settings.ts';
import { allowed, type Request, resolve, statementsOf, type Template } from './policies.ts';
import { idOf, idsOf, synthesise } from './synth.ts';

const hub = { account: '111122223333', region: 'eu-west-1' };
const organization = { id: 'o-a1b2c3d4e5', ous: ['ou-ab12-producti'], exclude: ['999988887777', 'ou-ab12-sandbox0'] };
const SETTINGS = { hub, organization, externalId: 'Rz1eX8vQ2mWk7TjC', tags: [{ key: 'eks:cluster-name' }] };

const app = new App({ analyticsReporting: false });
addStacks(app, parseUserSettings(SETTINGS), import.meta.dirname);
const assembly = app.synth();
const template = (name: string): Template => assembly.getStackByName(name).template;
const scanner = template('kubevigil');
const [asset = ''] = readdirSync(assembly.directory).filter((name) => /^asset\..*\.json$/.test(name));
const member = JSON.parse(readFileSync(join(assembly.directory, asset), 'utf8')) as Template;

const role = (start: string) => statementsOf(scanner, idOf(scanner, 'AWS::IAM::Role', start));
const settingsOf = (start: string) => {
  const { Properties = {} } = scanner.Resources[idOf(scanner, 'AWS::Lambda::Function', start)] ?? {};
  const { Environment } = resolve(scanner, Properties) as { Environment: { Variables: Record<string, string> } };
  return parseScanSettings(Environment.Variables.KUBEVIGIL_SETTINGS);
};

describe('the scanner of an organization', () => {
  it('is deployed with the StackSet of its members, and asks the organization each night', () => {
    assert.deepEqual(assembly.stacks.map(({ stackName }) => stackName).sort(), ['kubevigil', 'kubevigil-organization']);
    const reached = {
      home: '111122223333/eu-west-1',
      organization: { ...organization, regions: 'enabled' },
      role: 'arn:aws:iam::ACCOUNT:role/kubevigil-member-REGION',
    };
    assert.deepEqual(settingsOf('Coordinate').targets, { ...reached, externalId: 'Rz1eX8vQ2mWk7TjC' });
    assert.deepEqual(settingsOf('Scan').targets, reached);
    assert.deepEqual(idsOf(scanner, 'AWS::SSM::Document'), [], 'its own account is a member like all others');
  });

  const ours = { 'aws:ResourceOrgID': organization.id };
  const assume = (account: string, name: string, context: Request['context'] = ours): Request => ({
    action: 'sts:AssumeRole',
    resource: `arn:aws:iam::${account}:role/${name}`,
    context,
  });
  const list = (action: string, resource: string): Request => ({ action, resource });

  it('may take the roles of members in its organization, and no other role, and none elsewhere', () => {
    const scan = role('ScanRole');
    assert.ok(allowed(scan, assume('444455556666', 'kubevigil-member-us-east-1')));
    for (const request of [
      assume('444455556666', 'kubevigil-member-us-east-1', { 'aws:ResourceOrgID': 'o-zzzzzzzzzz' }),
      assume('444455556666', 'kubevigil-member-us-east-1', {}),
      assume('444455556666', 'OrganizationAccountAccessRole'),
      list('organizations:ListAccountsForParent', 'arn:aws:organizations::1:ou/o-a1b2c3d4e5/ou-ab12-producti'),
    ]) {
      assert.ok(!allowed(scan, request), JSON.stringify(request));
    }
  });

  it('may list the accounts and regions of this organization, and start itself and its shards', () => {
    const coordinate = role('CoordinateRole');
    const own = `arn:aws:lambda:eu-west-1:111122223333:function:${idOf(scanner, 'AWS::Lambda::Function', 'CoordinateFunction')}:7`;
    for (const request of [
      list(
        'organizations:ListAccountsForParent',
        'arn:aws:organizations::999999999999:ou/o-a1b2c3d4e5/ou-ab12-producti',
      ),
      list(
        'organizations:ListOrganizationalUnitsForParent',
        'arn:aws:organizations::999999999999:root/o-a1b2c3d4e5/r-ab12',
      ),
      list('account:ListRegions', 'arn:aws:account::999999999999:account/o-a1b2c3d4e5/444455556666'),
      list('account:ListRegions', 'arn:aws:account::111122223333:account'),
      list('lambda:InvokeFunction', own),
    ]) {
      assert.ok(allowed(coordinate, request), JSON.stringify(request));
    }
    for (const request of [
      list(
        'organizations:ListAccountsForParent',
        'arn:aws:organizations::999999999999:ou/o-zzzzzzzzzz/ou-ab12-producti',
      ),
      list('organizations:MoveAccount', 'arn:aws:organizations::999999999999:account/o-a1b2c3d4e5/444455556666'),
      list('account:EnableRegion', 'arn:aws:account::999999999999:account/o-a1b2c3d4e5/444455556666'),
      assume('444455556666', 'kubevigil-member-us-east-1'),
    ]) {
      assert.ok(!allowed(coordinate, request), JSON.stringify(request));
    }
  });
});

describe('the members of an organization', () => {
  it('are deployed by CloudFormation itself to each account of the units, but for those that are excluded', () => {
    const stack = template('kubevigil-organization');
    const { TemplateURL, ...set } = stack.Resources[idOf(stack, 'AWS::CloudFormation::StackSet')]?.Properties ?? {};
    assert.match(JSON.stringify(TemplateURL), new RegExp(asset.replace(/^asset\./, '')));
    const { StackInstancesGroup, ...rest } = set as { StackInstancesGroup: { Regions: string[] }[] };
    assert.deepEqual(rest, {
      StackSetName: 'kubevigil-member',
      Description: 'kubevigil: lets the scanner read what the kubelets of each account run with',
      PermissionModel: 'SERVICE_MANAGED',
      CallAs: 'DELEGATED_ADMIN',
      Capabilities: ['CAPABILITY_NAMED_IAM'],
      AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
      ManagedExecution: { Active: true },
      OperationPreferences: {
        FailureTolerancePercentage: 100,
        MaxConcurrentPercentage: 100,
        RegionConcurrencyType: 'PARALLEL',
      },
      Tags: [{ Key: 'application', Value: 'kubevigil' }],
    });
    const [{ Regions = [], ...group } = {}] = StackInstancesGroup;
    assert.deepEqual(group, {
      DeploymentTargets: {
        AccountFilterType: 'DIFFERENCE',
        Accounts: ['999988887777'],
        OrganizationalUnitIds: ['ou-ab12-producti'],
      },
    });
    assert.equal(Regions.length, 17, 'those that every account has enabled');
  });

  it('have a template of 1 MB at most, that serves any account and trusts the one scanner of the one organization', () => {
    assert.ok(JSON.stringify(member).length < 1_000_000);
    assert.equal(member.Mappings, undefined);
    const { Properties } = member.Resources[idOf(member, 'AWS::IAM::Role')] ?? {};
    const { AssumeRolePolicyDocument } = resolve(member, Properties ?? null) as Record<string, { Statement: object[] }>;
    for (const statement of AssumeRolePolicyDocument?.Statement ?? []) {
      const { Principal, Condition } = statement as Record<string, unknown>;
      assert.deepEqual(Principal, { AWS: 'arn:aws:iam::111122223333:role/kubevigil-scan-eu-west-1' });
      assert.deepEqual(Condition, {
        StringEquals: { 'sts:ExternalId': 'Rz1eX8vQ2mWk7TjC', 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' },
      });
    }
  });

  it('let the scanner ask for the regions of accounts only where these may differ', () => {
    const asks = (...regions: string[]) =>
      findingAccounts(new Stack(new App(), 'Scanner'), { ...organization, exclude: [], regions }).some((statement) =>
        statement.actions.includes('account:ListRegions'),
      );
    assert.deepEqual(
      [asks('eu-west-1', 'us-east-1'), asks('eu-west-1', 'me-south-1'), asks('us-gov-west-1')],
      [false, true, false],
    );
  });

  it('are a construct for other apps, which the management account may deploy, too', () => {
    const props: KubevigilOrganizationProps = {
      scanner: hub,
      organization: { ...organization, exclude: [], regions: ['eu-west-1'] },
      callAs: 'SELF',
    };
    const root = new App({ analyticsReporting: false });
    new KubevigilOrganization(new Stack(root, 'Management'), 'Members', props);
    const built: Template = root.synth().getStackByName('Management').template;
    const { CallAs, StackInstancesGroup } =
      built.Resources[idOf(built, 'AWS::CloudFormation::StackSet')]?.Properties ?? {};
    assert.equal(CallAs, 'SELF');
    assert.deepEqual(StackInstancesGroup, [
      { DeploymentTargets: { OrganizationalUnitIds: ['ou-ab12-producti'] }, Regions: ['eu-west-1'] },
    ]);
  });
});

describe('the settings of an organization', () => {
  const wrong = (settings: object) => {
    let told = '';
    assert.throws(
      () => parseUserSettings(settings),
      (error: Error) => {
        told = error.message;
        return error instanceof SettingsError;
      },
    );
    return told;
  };

  it('need a place of the scanner, stand alone, and must be possible in its partition', () => {
    assert.match(
      wrong({ organization }),
      /^cdk\.json: kubevigil\.hub must be .* where an organization is set, but is missing$/m,
    );
    const targets = [{ account: '444455556666', regions: ['eu-west-1'] }];
    assert.match(
      wrong({ hub, organization, targets }),
      /kubevigil\.targets must not be set beside kubevigil\.organization/,
    );
    const gov = { ...hub, region: 'us-gov-west-1' };
    assert.match(wrong({ hub: gov, organization }), /organization\.regions must list regions in AWS GovCloud/);
    const china = { ...hub, region: 'cn-north-1' };
    assert.match(wrong({ hub: china, organization }), /kubevigil\.organization must not be set in AWS China/);
    assert.match(
      wrong({ hub, organization: { ...organization, regions: ['cn-north-1'] } }),
      /organization\.regions must be in the partition of the scanner/,
    );
  });

  it('are not needed for many targets: their roles fit into the policies in a role', () => {
    const all = ['eu-west-1', 'us-east-1', 'eu-west-2', 'eu-west-3', 'us-east-2'];
    const listed = (length: number, regions: string[]) =>
      Array.from({ length }, (_, index) => ({ account: String(500_000_000_000 + index), regions }));
    const targets = listed(200, all);
    const few = synthesise({ hub, targets: listed(20, ['eu-west-1']) }).kubevigil as Template;
    // Throws where the CDK has made a managed policy.
    statementsOf(few, idOf(few, 'AWS::IAM::Role', 'ScanRole'));
    const { kubevigil } = synthesise({ hub, targets });
    const statements = statementsOf(kubevigil as Template, idOf(kubevigil as Template, 'AWS::IAM::Role', 'ScanRole'));
    assert.ok(JSON.stringify(statements).length < 10_240);
    const assume = (account: string): Request => ({
      action: 'sts:AssumeRole',
      resource: `arn:aws:iam::${account}:role/kubevigil-member-eu-west-1`,
      context: { 'aws:ResourceAccount': account },
    });
    assert.ok(allowed(statements, assume('500000000199')));
    assert.ok(!allowed(statements, assume('500000000200')));
  });
});
