/**
 * `npm run schemas`: writes the JSON Schemas of what comes out, from the definitions that the code itself reads and writes
 * by. A test holds the files against them.
 * Tested by test/results/schemas.test.ts.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import * as v from 'valibot';
import { AlertSchema } from '../lambda/alerts/alert.ts';
import { EventSchema } from '../lambda/alerts/event.ts';
import { ClaimSchema } from '../lambda/archive/claim.ts';
import { ManifestSchema } from '../lambda/archive/manifest.ts';
import { ReceiptSchema } from '../lambda/archive/receipt.ts';
import { TargetsSchema } from '../lambda/archive/targets.ts';
import { FindingSchema } from '../lambda/criteria/rule.ts';
import { SourceSchema } from '../lambda/kubelet/configuration.ts';
import { NodeChangesSchema } from '../lambda/results/compare.ts';
import { NodeIdentitySchema, NodeLineSchema } from '../lambda/results/node-line.ts';
import { LatestSchema, SummarySchema } from '../lambda/results/summary.ts';
import { CountsSchema } from '../lambda/results/tally.ts';
import { UnselectedSchema } from '../lambda/results/unselected.ts';
import { EvidenceLineDocument, InventoryLineDocument } from './evidence-schema.ts';

/** Where each lies, its definition, and the `format` of what it describes, which its id ends with. */
const SCHEMAS: { folder: string; name: string; format: number; schema: v.GenericSchema }[] = [
  ...Object.entries({
    'node-line': NodeLineSchema,
    'node-changes': NodeChangesSchema,
    summary: SummarySchema,
    manifest: ManifestSchema,
    latest: LatestSchema,
    targets: TargetsSchema,
    'evidence-line': EvidenceLineDocument,
    'inventory-line': InventoryLineDocument,
    'unselected-line': v.pipe(
      UnselectedSchema,
      v.title('Unselected line'),
      v.description(
        'One line of unselected/<account>-<region>.ndjson.gz: an instance that the tags do not select, but that was a node or looks like one.',
      ),
    ),
    receipt: ReceiptSchema,
    claim: v.pipe(
      ClaimSchema,
      v.title('Claim'),
      v.description(
        'claim.json of a scan: which execution scans this scheduled time, since when, and after which scan.',
      ),
    ),
  }).map(([name, schema]) => ({ folder: 'lambda/results/schemas/', name, format: 1, schema })),
  { folder: 'lambda/alerts/', name: 'alert', format: 2, schema: AlertSchema },
  { folder: 'lambda/alerts/', name: 'event', format: 1, schema: EventSchema },
];

/** What several of them are made of, by the name under `$defs`. */
const PARTS: Record<string, v.GenericSchema> = {
  node: NodeIdentitySchema,
  finding: FindingSchema,
  source: SourceSchema,
  counts: CountsSchema,
};

/** Path from the top of the project → each JSON Schema. */
export function jsonSchemas(): Map<string, object> {
  return new Map(
    SCHEMAS.map(({ folder, name, format, schema }) => {
      const options = { target: 'draft-2020-12' as const, definitions: PARTS, ignoreActions: ['readonly'] };
      const { $schema, title, description, $defs, ...body } = toJsonSchema(schema, options);
      const used = usedParts(JSON.stringify(body), $defs ?? {});
      const head = { $schema, $id: `urn:kubevigil:schema:${name}:${format}`, title, description };
      return [`${folder}${name}.schema.json`, { ...head, ...body, ...(used && { $defs: used }) }];
    }),
  );
}

/** The parts that a schema refers to, directly or by another part. */
function usedParts(text: string, parts: Record<string, unknown>): Record<string, unknown> | undefined {
  const used = new Set<string>();
  const add = (within: string) => {
    for (const [, name = ''] of within.matchAll(/"#\/\$defs\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      add(JSON.stringify(parts[name]));
    }
  };
  add(text);
  return used.size === 0 ? undefined : Object.fromEntries([...used].sort().map((name) => [name, parts[name]]));
}

if (import.meta.main) {
  for (const [path, schema] of jsonSchemas()) {
    writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), JSON.stringify(schema, null, 2));
  }
}
