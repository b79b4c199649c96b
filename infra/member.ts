/**
 * What every other account × region that is scanned has: the document, and a role that may send it. It must be deployed after the
 * scanner, whose role the trust policy names, and again when collect.sh changes. Its tests are also test/infra/update.test.ts and
 * test/infra/permissions.test.ts. Tested by test/infra/kubevigil.test.ts.
 */
import { Aws, CfnMapping, Stack } from 'aws-cdk-lib';
import { ArnPrincipal, type IRole, PrincipalWithConditions, Role, SessionTagsPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { CollectDocument } from '../lambda/nodes/document.ts';
import { externalIdOf } from '../lambda/nodes/external-id.ts';
import { SCANNER, SettingsError, type Tags } from '../lambda/settings.ts';
import { addBoundary } from './boundary.ts';
import { addDocuments, documentsOf } from './document.ts';
import { preferNewBehaviour } from './flags.ts';
import { roleArn } from './function.ts';
import { acknowledgeReads, scanStatements } from './permissions.ts';
import { type KubevigilTarget, placeOf } from './props.ts';
import { explain } from './reviews.ts';
import { parseUserSettings, type UserSettings } from './settings.ts';

/** Name of the scanner's role, which members trust. Roles are global in an account: the region keeps those of several regions apart. */
export const scanRoleName = (name: string, region: string) => `${name}-scan-${region}`;

/** Name of the role that the scanner assumes in a target. */
export function memberRoleName(name: string, region: string): string {
  return `${name}-member-${region}`;
}

/**
 * Region → account → external id of every target. One template serves all, so each finds its own; where it is deployed to no
 * target of the settings, CloudFormation finds none and creates nothing.
 */
function idsIn(scope: Construct, id: string, word: string, targets: NonNullable<UserSettings['targets']>): CfnMapping {
  const ids: Record<string, Record<string, string>> = {};
  for (const { account, regions } of targets) {
    for (const region of regions) {
      ids[region] ??= {};
      ids[region][account] = externalIdOf(word, { account, region });
    }
  }
  return new CfnMapping(scope, id, { mapping: ids });
}

/** What lets a scanner in another account or region ask the nodes of this one. All but `scanner` must be as the scanner has it. */
export interface KubevigilMemberProps {
  /** Account and region in which the scanner is deployed. */
  readonly scanner: { readonly account: string; readonly region: string };
  /** Name of the scanner. @default 'kubevigil' */
  readonly name?: string | undefined;
  /** Word of which the external id of each target is made. @default 'kubevigil' */
  readonly externalId?: string | undefined;
  /** The word before this one, which is accepted too until it is taken away. @default - none */
  readonly previousExternalId?: string | undefined;
  /** Tags that select nodes. @default - nodes of EKS, Karpenter and any cluster */
  readonly tags?: Tags | undefined;
  /** Whether hybrid nodes that the tags select may be asked. @default false */
  readonly hybridNodes?: boolean | undefined;
  /** Name of a managed policy that every account has, as the permissions boundary of the role. @default - none */
  readonly permissionsBoundary?: string | undefined;
  /**
   * The targets that a template serves which is deployed to several places, as a StackSet does it.
   * @default - the account and region of the stack, which must then be known
   */
  readonly targets?: KubevigilTarget[] | undefined;
  /**
   * Id of the organization whose accounts the template serves, whichever they are: the scanner must then be of it, and all have the
   * word itself as their external id. Not beside targets. @default - none
   */
  readonly organization?: string | undefined;
}

/** The part of a scanner in a target. It changes nothing beside itself. */
export class KubevigilMember extends Construct {
  /** Role that the scanner assumes here. */
  readonly role: IRole;

  /** `documents` are those that the scanner may send. Throws SettingsError with one line for each wrong prop. */
  constructor(
    scope: Construct,
    id: string,
    props: KubevigilMemberProps,
    documents: readonly CollectDocument[] = documentsOf(props.name ?? SCANNER),
  ) {
    super(scope, id);
    preferNewBehaviour(this);
    const { path } = this.node;
    const here = placeOf(this);
    const targets = props.targets ?? (here && [{ account: here.account, regions: [here.region] }]);
    if (!targets && props.organization === undefined) {
      throw new SettingsError(`${path}: kubevigil.targets must be given, because the stack has no account and region`);
    }
    const { scanner, organization, ...plain } = props;
    const served = organization === undefined ? { targets } : {};
    const settings = parseUserSettings({ ...plain, ...served, hub: scanner }, path);
    const { name, externalId, previousExternalId, tags, hybridNodes } = settings;
    addBoundary(this, settings.permissionsBoundary);
    explain(this, 'IAMNoInlinePolicy');
    const stack = Stack.of(this);
    const added = addDocuments(this, documents);
    const accepted = (mapping: string, word: string): string[] => {
      const ids = settings.targets && idsIn(this, mapping, word, settings.targets);
      // The word itself is what a scanner of version 0.1.0 sends, until it is updated after its members, and one of an organization.
      return [...(ids ? [ids.findInMap(Aws.REGION, Aws.ACCOUNT_ID)] : []), word];
    };
    const ids = accepted('ExternalIds', externalId);
    if (previousExternalId !== undefined) ids.push(...accepted('PreviousExternalIds', previousExternalId));
    const scannerRole = new ArnPrincipal(roleArn(stack, scanRoleName(name, scanner.region), scanner.account));
    const role = new Role(this, 'Role', {
      roleName: memberRoleName(name, stack.region),
      description: 'Lets the scanner of kubevigil send its one document to tagged nodes',
      // With tags: each session says of which scan it is.
      assumedBy: new SessionTagsPrincipal(
        new PrincipalWithConditions(scannerRole, {
          StringEquals: {
            'sts:ExternalId': ids.length > 1 ? ids : externalId,
            ...(organization !== undefined && { 'aws:PrincipalOrgID': organization }),
          },
        }),
      ),
    });
    for (const statement of scanStatements(stack, documents, { tags, hybridNodes })) role.addToPolicy(statement);
    for (const each of added) role.node.addDependency(each);
    acknowledgeReads(stack, role);
    this.role = role as IRole;
  }
}
