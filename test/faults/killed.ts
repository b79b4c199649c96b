/**
 * One execution of the scan in a process of its own, which `kill -9` ends when its Nth checkpoint is on the disk (0:
 * never). Settings and endpoints come from the environment: node killed.js DIRECTORY SCHEDULED-TIME N NOW
 */
import { scan } from '../../lambda/scan/handler.ts';
import { runDurable } from '../../simulator/durable.ts';

const [directory = '', scheduledTime = '', last = '0', now = ''] = process.argv.slice(2);
/** Each process has the same time, because findings say how many days a certificate has left. */
const clock = () => new Date(now);

let ahead = 0;
let checkpoints = 0;
const result = await runDurable(
  (event, context) => scan(event, context, clock),
  { scheduledTime },
  {
    directory,
    executionName: 'night',
    now: () => clock().getTime() + ahead,
    sleep: async (milliseconds) => {
      ahead += milliseconds;
    },
    onProgress: () => {
      checkpoints += 1;
      if (checkpoints === Number(last)) process.kill(process.pid, 'SIGKILL');
    },
  },
);
process.stdout.write(JSON.stringify({ result, checkpoints }));
