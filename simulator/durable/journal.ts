/**
 * The file that one durable execution leaves behind: a line for each accepted checkpoint, appended and synced before
 * the checkpoint is answered. So a process that is killed at any moment loses nothing that the handler was told is
 * kept, and a line that was cut by the kill was never answered. Tested by test/simulator/durable-service.test.ts.
 */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DurableExecutionClientError, type DurableExecutionInvocationOutput } from '@aws/durable-execution-sdk-js';
import * as v from 'valibot';
import type { Recorded, Usage } from './operations.ts';

export type Line = {
  /** Counts invocations of the handler, from 1; the first line, which has the input, is 0. */
  invocation: number;
  /** Operations as they are after this line; those not named stay as they were. */
  operations: Recorded[];
  usage: Usage;
  /** The execution has ended. */
  outcome?: Exclude<DurableExecutionInvocationOutput, { Status: 'PENDING' }>;
};

export type Journal = {
  path: string;
  /** Complete lines found on opening, oldest first. */
  lines: Line[];
  /**
   * Appends a line and waits until it is on the disk.
   * @throws DurableExecutionClientError of scope INVOCATION, if another process wrote to the journal meanwhile
   */
  append(line: Line): Promise<void>;
  close(): Promise<void>;
};

/** Our own file, but one that people can reach: only its frame is checked, a line is trusted as far as it parses. */
const LineSchema = v.looseObject({
  invocation: v.number(),
  operations: v.array(v.looseObject({ Id: v.string() })),
  usage: v.object({ operations: v.number(), bytes: v.number() }),
});

/**
 * Opens a journal, creating it where there is none.
 * @throws Error naming file and line, if a line that is not the last is damaged
 */
export async function openJournal(path: string): Promise<Journal> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  try {
    const content = await file.readFile('utf8');
    const whole = content.slice(0, content.lastIndexOf('\n') + 1);
    const lines = whole
      .split('\n')
      .slice(0, -1)
      .map((text, index) => parseLine(text, path, index + 1));
    let size = Buffer.byteLength(whole);
    // What follows the last line break was cut by a kill and never answered.
    if (whole.length < content.length) await file.truncate(size);
    await syncDirectory(dirname(path));
    let last: Promise<void> = Promise.resolve();
    /** After a write that failed nobody knows what is on the disk. */
    let failure: unknown;

    async function write(line: Line): Promise<void> {
      if (failure !== undefined) throw failure;
      if ((await file.stat()).size !== size) {
        throw new DurableExecutionClientError(`Invalid checkpoint token: another process continued ${path}`, {
          scope: 'INVOCATION',
        });
      }
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } catch (error) {
        failure = error;
        throw error;
      }
      size += bytes.length;
    }

    return {
      path,
      lines,
      append(line) {
        // One after the other, also where several callers do not wait for each other.
        const written = last.then(() => write(line));
        last = written.catch(() => {});
        return written;
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

function parseLine(text: string, path: string, number: number): Line {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`${path} line ${number} is not JSON: the journal is damaged; delete it to start over`, { cause });
  }
  const result = v.safeParse(LineSchema, value);
  if (!result.success) {
    throw new Error(
      `${path} line ${number} is not a journal line (${result.issues[0].message}); delete it to start over`,
    );
  }
  return result.output as unknown as Line;
}

/** A new file's name is only on the disk when its directory is synced. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
