/**
 * Records what the collector for Windows prints of the simulated nodes, by a PowerShell of this machine: where a scan is
 * simulated there may be none. node tools/windows-answers.ts
 * Tested by test/nodes/collector/windows.test.ts.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { unwrap } from '../lambda/nodes/answer/envelope.ts';
import { WINDOWS_NODES } from '../simulator/fleet/windows.ts';
import { collectWindows } from '../simulator/windows-collector.ts';

const FOLDER = new URL('../simulator/fleet/windows/', import.meta.url);

mkdirSync(FOLDER, { recursive: true });
const names = Object.keys(WINDOWS_NODES);
for (const [index, printed] of (await collectWindows(Object.values(WINDOWS_NODES))).entries()) {
  const answer = unwrap(printed);
  if (!('text' in answer)) throw new Error(`${names[index]}: ${answer.problem}`);
  writeFileSync(new URL(`${names[index]}.txt`, FOLDER), answer.text.replace(/^time \d+$/m, 'time 1790000600'));
}
