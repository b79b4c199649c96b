/**
 * Which nodes of an inventory a scan asks: those that run Windows where it has a document for them.
 * Tested by test/scan/asking.test.ts.
 */
import type { InventoryNode } from '../nodes/inventory.ts';
import type { Outcome } from '../nodes/outcome.ts';
import type { ScanSettings } from '../settings.ts';

/** There is a document for it. */
export function isAsked({ windows }: Pick<InventoryNode, 'windows'>, { windowsDocument }: ScanSettings): boolean {
  return !windows || windowsDocument !== undefined;
}

/** It runs, or soon does. */
export function mayAnswer({ state }: Pick<InventoryNode, 'state'>): boolean {
  return state === undefined || state === 'pending';
}

/** What becomes of one for which there is none. */
export const UNASKED: Outcome = {
  reason: 'unsupported-platform',
  detail: 'This node runs Windows, and the scan was given no document for Windows (setting windowsDocument).',
};
