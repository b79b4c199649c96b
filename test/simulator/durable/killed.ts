/**
 * Runs `everyOperation` in a process of its own and ends that process, as `kill -9` does, when its Nth checkpoint is
 * on the disk or when its Nth effect has happened and is in no checkpoint yet:
 * node killed.ts DIRECTORY checkpoint|effect N
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runDurable } from '../../../simulator/durable.ts';
import { everyOperation, jumpingClock } from './handler.ts';

const [directory = '', kind = '', count = '0'] = process.argv.slice(2);
const lines = (name: string) => readFileSync(join(directory, name), 'utf8').split('\n').length - 1;
const killAt = (name: string) => {
  if (lines(name) >= Number(count)) process.kill(process.pid, 'SIGKILL');
};

await runDurable(
  (_event, context) =>
    everyOperation(context, (name) => {
      appendFileSync(join(directory, 'effects'), `${name}\n`);
      if (kind === 'effect') killAt('effects');
    }),
  {},
  {
    directory,
    executionName: 'scan',
    ...jumpingClock(),
    onProgress: () => {
      if (kind === 'checkpoint') killAt('scan.ndjson');
    },
  },
);
