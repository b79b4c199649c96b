/** `kubevigil pack`: an auditor's questions over a period, answered in files. Tested by test/cli/pack.test.ts. */

import { readdirSync, readFileSync } from 'node:fs';
import { KMSClient } from '@aws-sdk/client-kms';
import { writePack } from '../audit/pack.ts';
import { count } from '../lambda/alerts/text.ts';
import { keySigner, type Signer } from '../lambda/archive/sign.ts';
import { kmsSigner } from '../lambda/archive/store.ts';
import type { Judge } from '../lambda/archive/verification.ts';
import { verifyArchive } from '../lambda/archive/verify.ts';
import { printable } from '../lambda/formats/text.ts';
import { openArchive } from './archive.ts';
import { run } from './command.ts';
import { readRule } from './options.ts';
import { readKey, readPeriod } from './period.ts';
import { InputError, systemProblem } from './problems.ts';
import { PROGRAM, type Terminal, terminal } from './terminal.ts';
import { stampChecker } from './timestamps.ts';

const help = `Writes an audit pack: what a period of one or more archives comes to, verified, as a page that prints,
tables, samples and OSCAL, which can be read and checked with openssl, jq and zcat.

Usage: ${PROGRAM} pack --from DATE --to DATE [options] DIR | s3://bucket[/prefix] ...

  --from DATE          the first day (2026-07-01, UTC)
  --to DATE            the last day
  --control NAME       only findings of this control or rule
  --out DIR            where to write (default: pack-FROM-TO); must be empty or not there
  --public-key FILE[@FROM..TO]
                       PEM file of a key that must have signed everything, as for verify
  --timestamp-ca FILE  PEM file with the root certificates of the authorities that must have
                       signed the time stamps, as for verify
  --sign-with FILE     PEM file of a P-256 private key that signs the pack
  --kms-key ID         id, ARN or alias of a KMS key that signs the pack instead
  --seed TEXT          decides which findings are samples (default: the digest of the last manifests)
  --samples N          how many (default: 25)
  -h, --help           print this help

Without --sign-with or --kms-key the pack is not signed, and says so.
Exit codes: 0 written, and nothing is missing or wrong; 1 written, with exceptions, which the page lists first;
2 could not be written.
`;

const options = {
  from: { type: 'string' },
  to: { type: 'string' },
  control: { type: 'string' },
  out: { type: 'string' },
  'public-key': { type: 'string', multiple: true },
  'timestamp-ca': { type: 'string' },
  'sign-with': { type: 'string' },
  'kms-key': { type: 'string' },
  seed: { type: 'string' },
  samples: { type: 'string', default: '25' },
} as const;

/** Runs the command. `judge` judges samples again. */
export async function packCommand(args: string[], judge: Judge, to: Terminal = terminal): Promise<number> {
  return run('pack', { args, help, allowPositionals: true, options }, to, async ({ values, positionals }) => {
    const period = readPeriod(values.from, values.to);
    if (positionals.length === 0)
      throw new InputError('expected at least one archive, a directory or s3://bucket[/prefix]');
    const out = values.out ?? `pack-${period.from.slice(0, 10)}-${period.to.slice(0, 10)}`;
    if (filesIn(out) > 0) throw new InputError(`--out ${out} is not empty: a pack is written once`);
    if (!/^\d{1,4}$/.test(values.samples))
      throw new InputError(`--samples expects a number up to 9999, got ${values.samples}`);
    const name = values.control;
    const control = name === undefined ? undefined : { name, rule: readRule('--control', name) };
    const publicKeys = values['public-key'] && (await Promise.all(values['public-key'].map(readKey)));
    const timestampCa = values['timestamp-ca'];
    const checkStamp = timestampCa === undefined ? undefined : await stampChecker(timestampCa);
    const signer = await signerOf(values['sign-with'], values['kms-key']);
    const archives = await Promise.all(positionals.map(openArchive));
    const now = new Date().toISOString();
    const result = await writePack(archives, {
      ...{ period, out, now, judge, samples: Number(values.samples) },
      ...(control && { control }),
      ...(values.seed !== undefined && { seed: values.seed }),
      ...(publicKeys && { publicKeys }),
      ...(signer && { signer }),
      verify: (archive, asked) =>
        verifyArchive(archive, {
          ...{ ...asked, now, unsigned: true },
          ...(publicKeys && { publicKeys }),
          ...(checkStamp && { checkStamp }),
        }),
      onStep: (step) => to.err(`  ${printable(step)}\n`),
    });
    for (const text of result.exceptions) to.out(`${printable(text)}\n`);
    to.out(`${printable(result.conclusion)}\n`);
    if (!signer) to.err('kubevigil pack: the pack is not signed; --sign-with or --kms-key signs it\n');
    to.out(`${printable(out)}/index.html and ${count(result.files - 1, 'other file')}\n`);
    return result.exceptions.length > 0 ? 1 : 0;
  });
}

async function signerOf(file: string | undefined, keyId: string | undefined): Promise<Signer | undefined> {
  if (file !== undefined && keyId !== undefined) throw new InputError('give --sign-with or --kms-key, not both');
  if (keyId !== undefined) return kmsSigner(new KMSClient({}), keyId);
  if (file === undefined) return undefined;
  try {
    return keySigner(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(`--sign-with ${code === undefined ? `${file}: ${message}` : systemProblem(error as Error)}`);
  }
}

function filesIn(path: string): number {
  try {
    return readdirSync(path).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
