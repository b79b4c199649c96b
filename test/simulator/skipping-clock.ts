/** Time for the durable runner that does not wait: each pause only moves the clock. */
import { setImmediate } from 'node:timers/promises';

/** A clock that begins now, and goes on by itself besides: what really runs, as a collector, has its own time. Milliseconds since the epoch. */
export function skippingClock() {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    sleep: async (milliseconds: number) => {
      ahead += milliseconds;
      await setImmediate();
    },
  };
}
