/**
 * Who signed a time stamp, by openssl: `openssl ts -verify` holds the answer's signature, the authority's certificate (for time
 * stamps only, RFC 3161, section 2.3) and its chain to the roots that are given, and to no others (openssl-ts(1)).
 * Tested by test/archive/timestamp.test.ts.
 */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { CheckStamp } from '../lambda/archive/verification.ts';
import { InputError, systemProblem } from './problems.ts';

/** Checks stamps against the root certificates of a PEM file. Throws an InputError where it has none, or openssl is not there. */
export async function stampChecker(path: string): Promise<CheckStamp> {
  const pem = await readFile(path, 'utf8').catch((error: Error) => {
    throw new InputError(`--timestamp-ca ${systemProblem(error)}`);
  });
  try {
    new X509Certificate(pem);
  } catch {
    throw new InputError(`--timestamp-ca ${path} has no certificate in PEM`);
  }
  return async (stamp, { sha256, time }) => {
    const folder = await mkdtemp(join(tmpdir(), 'kubevigil-stamp-'));
    try {
      await writeFile(join(folder, 'stamp.tsr'), stamp);
      // A stamp outlives the certificate that made it: what counts is whether that was valid then.
      const then = ['-attime', String(Math.floor(Date.parse(time) / 1000))];
      const said = await openssl(
        ['ts', '-verify', '-digest', sha256, '-in', 'stamp.tsr', '-CAfile', resolve(path), ...then],
        folder,
      );
      if (/^Verification: OK$/m.test(said)) return undefined;
      if (!/^Verification: FAILED$/m.test(said))
        throw new InputError(`openssl cannot check time stamps: ${said.trim()}`);
      return reasonOf(said);
    } finally {
      await rm(folder, { recursive: true });
    }
  };
}

/** What openssl prints, whatever its exit code. */
function openssl(args: string[], cwd: string): Promise<string> {
  return new Promise((settle, fail) => {
    execFile('openssl', args, { cwd, timeout: 10_000 }, (error, out, err) => {
      if (error?.code === 'ENOENT') fail(new InputError('--timestamp-ca needs openssl, which is not here'));
      else settle(`${out}${err}`);
    });
  });
}

/** The last of openssl's errors (`…:error:CODE:library:function:reason:file:line:data`, ERR_print_errors(3)), in its words. */
function reasonOf(said: string): string {
  const [, reason, data] =
    [...said.matchAll(/:error:[0-9A-F]+:[^:\n]*:[^:\n]*:([^:\n]*):[^:\n]*:\d+:(.*)$/gm)].at(-1) ?? [];
  return data || reason || 'openssl gives no reason';
}
