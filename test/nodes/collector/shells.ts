/** The shells that collect.sh must run under, as far as this machine has them. */
import { spawnSync } from 'node:child_process';

const has = (command: string) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;

/** Command lines of shells; `missing` names those that are not installed here. */
export const shells: { shell: string; missing?: string }[] = ['sh', 'dash', 'bash', 'busybox sh'].map((shell) => {
  const command = shell.split(' ')[0] ?? shell;
  return has(command) ? { shell } : { shell, missing: `${command} is not installed on this machine` };
});

/** Options of a test that needs a command: skipped with a message where it is missing. */
export const needs = (command: string) => (has(command) ? {} : { skip: `${command} is not installed on this machine` });
