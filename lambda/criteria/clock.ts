/** The node's clock beside the scan's. Tested by test/rules/client-certificate-expiry.test.ts. */
import type { NodeView } from './rule.ts';

/**
 * How far a clock may be off before it is told: as much as Kubernetes' own signer dates certificates back for clocks that
 * disagree (kubernetes pkg/controller/certificates/signer/signer.go, backdate).
 */
const TOLERATED_SECONDS = 300;

/** The longest that a node may take to pick the command up is eight hours (SSM TimeoutSeconds, settings.ts); then it runs. */
const LONGEST_SCAN_SECONDS = 8 * 3600 + 300;

/**
 * Seconds by which the node's clock is certainly wrong: negative where it was behind the start of the scan when it
 * answered, positive where it was ahead of any end of it; 0 where nothing is certain.
 */
export function skew({ evidence: { collectedAt }, now }: Pick<NodeView, 'evidence' | 'now'>): number {
  if (collectedAt < now - TOLERATED_SECONDS) return collectedAt - now;
  return Math.max(0, collectedAt - now - LONGEST_SCAN_SECONDS);
}

/** Seconds since the epoch when the node's files were read: by its own clock, unless that is wrong. */
export function seenAt(node: Pick<NodeView, 'evidence' | 'now'>): number {
  return skew(node) === 0 ? Math.max(node.now, node.evidence.collectedAt) : node.now;
}
