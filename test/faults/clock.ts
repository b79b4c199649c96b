/**
 * Time that runs many times faster in this process: Date.now and setTimeout alike. So the pauses of the real SDK clients
 * between tries are taken as they are, and a test does not wait for them.
 */
const SPEED = 40;

const realNow = Date.now;
const realSetTimeout = globalThis.setTimeout;
const start = realNow();

/** Lets time run; returns what sets it right again. */
export function hurry(): () => void {
  Date.now = () => start + (realNow() - start) * SPEED;
  const hurried = (callback: (...args: unknown[]) => void, milliseconds = 0, ...args: unknown[]) =>
    realSetTimeout(callback, milliseconds / SPEED, ...args);
  globalThis.setTimeout = Object.assign(hurried, realSetTimeout) as unknown as typeof setTimeout;
  return () => {
    Date.now = realNow;
    globalThis.setTimeout = realSetTimeout;
  };
}
