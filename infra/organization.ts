/**
 * The members of an organization: a StackSet that CloudFormation itself deploys to each account below the chosen units, to those that
 * join later and no longer to those that leave. Sources: CloudFormation user guide, "StackSets with service-managed permissions"
 * (automatic deployment; never the management account; a delegated administrator acts as DELEGATED_ADMIN), and "CloudFormation
 * quotas" (51,200 bytes of a template in a request, 1 MB of one in S3).
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnStackSet, Stack } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { SCANNER, type Tags } from '../lambda/settings.ts';
import { documentsOf } from './document.ts';
import { preferNewBehaviour } from './flags.ts';
import { addMemberStack } from './member-stack.ts';
import { partitionOf } from './partitions.ts';
import type { KubevigilAccounts } from './props.ts';
import { parseUserSettings, type UserSettings } from './settings.ts';

/** The members of an organization. All but `scanner` and `callAs` must be as the scanner has it. */
export interface KubevigilOrganizationProps {
  /** Account and region in which the scanner is deployed. */
  readonly scanner: { readonly account: string; readonly region: string };
  /** Which accounts are scanned. */
  readonly organization: KubevigilAccounts;
  /** Name of the scanner. @default 'kubevigil' */
  readonly name?: string | undefined;
  /** Word that the members' roles ask of the scanner. @default 'kubevigil' */
  readonly externalId?: string | undefined;
  /** Tags that select nodes. @default - nodes of EKS, Karpenter and any cluster */
  readonly tags?: Tags | undefined;
  /** Whether hybrid nodes that the tags select may be asked. @default false */
  readonly hybridNodes?: boolean | undefined;
  /** Name of a managed policy that every account has, as the permissions boundary of the roles. @default - none */
  readonly permissionsBoundary?: string | undefined;
  /** `SELF` in the management account. @default 'DELEGATED_ADMIN' */
  readonly callAs?: 'DELEGATED_ADMIN' | 'SELF' | undefined;
}

/** The StackSet of the members. It changes nothing beside itself; deploy it after the scanner, whose role the members trust by name. */
export class KubevigilOrganization extends Construct {
  /** `documents` are those that the scanner may send. Throws SettingsError with one line for each wrong prop. */
  constructor(
    scope: Construct,
    id: string,
    props: KubevigilOrganizationProps,
    documents: readonly CollectDocument[] = documentsOf(props.name ?? SCANNER),
  ) {
    super(scope, id);
    preferNewBehaviour(this);
    const { scanner, callAs = 'DELEGATED_ADMIN', ...plain } = props;
    const settings = parseUserSettings({ ...plain, hub: scanner }, this.node.path);
    const { name } = settings;
    const { ous, exclude, regions } = settings.organization as NonNullable<UserSettings['organization']>;
    const accounts = exclude.filter((each) => /^\d{12}$/.test(each));
    const template = new Asset(this, 'Template', { path: memberTemplate(settings, documents, scanner) });
    new CfnStackSet(this, 'Members', {
      stackSetName: `${name}-member`,
      description: 'kubevigil: lets the scanner read what the kubelets of each account run with',
      permissionModel: 'SERVICE_MANAGED',
      callAs,
      capabilities: ['CAPABILITY_NAMED_IAM'],
      templateUrl: template.httpUrl,
      autoDeployment: { enabled: true, retainStacksOnAccountRemoval: false },
      managedExecution: { Active: true },
      // An account that cannot have it must keep no other from it: the scan tells which those are.
      operationPreferences: {
        failureTolerancePercentage: 100,
        maxConcurrentPercentage: 100,
        regionConcurrencyType: 'PARALLEL',
      },
      stackInstancesGroup: [
        {
          regions: regions === 'enabled' ? [...(partitionOf(scanner.region).regions ?? [])] : regions,
          deploymentTargets: {
            organizationalUnitIds: ous,
            ...(accounts.length > 0 && { accounts, accountFilterType: 'DIFFERENCE' }),
          },
        },
      ],
    });
  }
}

/** Writes the template of the members, of which none is another's, and returns its path. */
function memberTemplate(
  settings: UserSettings,
  documents: readonly CollectDocument[],
  scanner: { readonly account: string; readonly region: string },
): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubevigil-member-'));
  const app = new App({ analyticsReporting: false, outdir: folder });
  const { artifactId } = addMemberStack(app, settings, documents, scanner);
  const path = join(folder, `${settings.name}-member.json`);
  writeFileSync(path, JSON.stringify(app.synth().getStackArtifact(artifactId).template));
  return path;
}

/** Adds the stack of the StackSet. */
export function addOrganizationStack(
  scope: Construct,
  { name, externalId, tags, hybridNodes, permissionsBoundary, organization, hub }: UserSettings,
  documents: readonly CollectDocument[],
): Stack {
  const scanner = hub as NonNullable<UserSettings['hub']>;
  const stack = new Stack(scope, `${name}-organization`, {
    description: 'kubevigil: lets the scanner read what the kubelets of an organization run with',
    env: scanner,
  });
  const props = { scanner, name, externalId, tags, hybridNodes, permissionsBoundary };
  new KubevigilOrganization(
    stack,
    'Default',
    { ...props, organization: organization as NonNullable<UserSettings['organization']> },
    documents,
  );
  return stack;
}
