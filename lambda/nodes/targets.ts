/**
 * Which accounts and regions the settings name, and how each is reached. Tested by test/scan/targets.test.ts.
 */
import { readFileSync } from 'node:fs';
import type { Targets } from '../archive/targets.ts';
import { parseSettings, type ScanSettings, type Target, type TargetAccess, targetTexts } from '../settings.ts';
import { externalIdOf } from './external-id.ts';

/** A name in place of a list: a file beside the handler, or an organization, which only AWS can list. */
export type Source = ScanSettings['targets'];

/**
 * The targets that settings or the file beside the deployed handler list; undefined where an organization must be asked. Throws a
 * SettingsError for a file that is no list of targets.
 */
export function listedTargets(source: Source, beside: string): Targets | undefined {
  if (Array.isArray(source)) {
    return { format: 1, from: 'settings', targets: source.map(({ account, region }) => ({ account, region })) };
  }
  const { file, list } = source;
  const texts =
    file === undefined
      ? list
      : parseSettings(targetTexts, JSON.parse(readFileSync(new URL(file, beside), 'utf8')), file);
  return texts && { format: 1, from: 'settings', targets: texts.map(placeOf) };
}

function placeOf(text: string): Target {
  const [account = '', region = ''] = text.split('/');
  return { account, region };
}

/** What a target's nodes are asked through. The accounts of an organization share one external id, for nobody can list them before. */
export function accessOf(source: Source, { account, region }: Target): TargetAccess {
  if (Array.isArray(source)) {
    const listed = source.find((each) => each.account === account && each.region === region);
    return listed ?? { account, region };
  }
  const { home, role, externalId, organization } = source;
  const isHome = organization === undefined && home === `${account}/${region}`;
  if (isHome || role === undefined) return { account, region };
  return {
    account,
    region,
    roleArn: role.replaceAll('ACCOUNT', account).replaceAll('REGION', region),
    ...(externalId !== undefined && {
      externalId: organization ? externalId : externalIdOf(externalId, { account, region }),
    }),
  };
}
