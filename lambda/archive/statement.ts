/**
 * `statement.dsse.json`: what a scan says of itself in the form that supply chain tools read: an in-toto statement, whose subjects
 * are the objects of the scan, in a DSSE envelope that the manifest's key signs. The manifest lists it like any other object.
 *
 * Sources: in-toto/attestation, spec/v1 (Statement, ResourceDescriptor); secure-systems-lab/dsse, protocol.md (PAE: what is
 * signed) and envelope.md. Tested by test/archive/statement.test.ts.
 */

import { isDeepStrictEqual } from 'node:util';
import * as v from 'valibot';
import { parseDocument } from '../results/lines.ts';
import { ascending } from '../results/order.ts';
import type { StoredObject } from '../results/shapes.ts';
import { notAssessedOf, type Summary } from '../results/summary.ts';
import { inMemory, sha256 } from './content.ts';
import { scanKeys } from './keys.ts';
import { canonical, type Manifest } from './manifest.ts';
import { fingerprint, isSignedBy, type Signer } from './sign.ts';
import { type Archive, readBytes, type WritableArchive } from './store.ts';

const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
const PREDICATE_TYPE = 'https://github.com/kubevigil/ns/scan/v1';

const EnvelopeSchema = v.strictObject({
  payloadType: v.literal(PAYLOAD_TYPE),
  /** Base64, as the signature. */
  payload: v.string(),
  signatures: v.tuple([v.strictObject({ keyid: v.string(), sig: v.string() })]),
});

type Envelope = v.InferOutput<typeof EnvelopeSchema>;

const StatementSchema = v.looseObject({ subject: v.array(v.unknown()), predicate: v.record(v.string(), v.unknown()) });

/** What the statement of a scan is made of; `objects` are those of the manifest without the statement. */
type StatementFacts = { summary: Summary; objects: readonly StoredObject[]; documentHash?: string };

function statementOf({ summary, objects, documentHash }: StatementFacts) {
  const { scanId, scheduledAt, startedAt, finishedAt, tool, settings, totals, method } = summary;
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: objects
      .toSorted((a, b) => ascending(a.key, b.key))
      .map(({ key, sha256 }) => ({ name: key, digest: { sha256 } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      scan: { id: scanId, scheduledAt, startedAt, finishedAt },
      tool,
      ...(documentHash !== undefined && { collector: { sha256: documentHash } }),
      settingsDigest: sha256(canonical(settings)),
      /** Nodes that had to be accounted for, those that answered, and why the others did not. */
      population: totals.nodes,
      reached: totals.evaluated,
      unreachable: totals.unreachable,
      notAssessed: notAssessedOf(summary),
      /** How the method met the answers of real kubelets that are known. */
      ...(method && { method }),
    },
  };
}

/** What is signed: the payload bound to its type, with the lengths of both in bytes. */
export function preAuthenticationEncoding(type: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.byteLength} `), payload]);
}

/** Signs and writes the statement; one that an earlier try has written stays, because signatures differ each time. */
export async function keepStatement(
  archive: WritableArchive,
  facts: StatementFacts,
  signer: Signer,
): Promise<StoredObject> {
  const { statement: key } = scanKeys(facts.summary);
  const payload = Buffer.from(JSON.stringify(statementOf(facts)));
  const message = preAuthenticationEncoding(PAYLOAD_TYPE, payload);
  const written = (sig: string) =>
    inMemory(
      `${JSON.stringify({ payloadType: PAYLOAD_TYPE, payload: payload.toString('base64'), signatures: [{ keyid: fingerprint(signer.publicKey), sig }] } satisfies Envelope, null, 2)}\n`,
    );
  const earlier = await readBytes(archive, key);
  const known = earlier && signatureIn(earlier, key);
  const isOurs = known !== undefined && isSignedBy(signer.publicKey, message, Buffer.from(known, 'base64'));
  const sig = isOurs ? known : Buffer.from(await signer.sign(message)).toString('base64');
  return archive.putOnce(key, written(sig), 'application/vnd.dsse.envelope+json');
}

function signatureIn(bytes: Uint8Array, key: string): string {
  return parseDocument(bytes, key, EnvelopeSchema).signatures[0].sig;
}

/** Says in a sentence each what is wrong with the statement of a signed scan, whose objects are those of the manifest. */
export async function checkStatement(archive: Archive, manifest: Manifest, summary: Summary): Promise<string[]> {
  const { signing, documentHash, objects } = manifest;
  const { statement: key, publicKey } = scanKeys(manifest);
  const [bytes, pem] = [await readBytes(archive, key), await readBytes(archive, publicKey)];
  if (!bytes || !pem) return ['is not there, nor what it takes to verify it.'];
  const { payload, signatures } = parseDocument(bytes, key, EnvelopeSchema);
  const message = Buffer.from(payload, 'base64');
  const encoded = preAuthenticationEncoding(PAYLOAD_TYPE, message);
  const problems = checkKey(
    pem.toString(),
    signing?.publicKeySha256,
    encoded,
    Buffer.from(signatures[0].sig, 'base64'),
  );
  const stated = parseDocument(message, key, StatementSchema);
  const made = statementOf({
    summary,
    objects: objects.filter((object) => object.key !== key),
    ...(documentHash !== undefined && { documentHash }),
  });
  if (!isDeepStrictEqual(stated.subject, made.subject)) problems.push('has other subjects than its manifest.');
  const predicate: Record<string, unknown> = JSON.parse(JSON.stringify(made.predicate));
  // What a later version says besides is not known here.
  for (const [name, value] of Object.entries(predicate)) {
    if (!isDeepStrictEqual(stated.predicate[name], value)) problems.push(`states another ${name} than its scan.`);
  }
  return problems;
}

/** What is wrong with the key beside a statement, or with the signature by it. */
function checkKey(pem: string, expected: string | undefined, message: Uint8Array, signature: Uint8Array): string[] {
  try {
    return [
      ...(fingerprint(pem) === expected ? [] : ['has another key than its manifest.']),
      ...(isSignedBy(pem, message, signature) ? [] : ['does not match its signature.']),
    ];
  } catch (error) {
    return [`has a key that is none: ${(error as Error).message}`];
  }
}
