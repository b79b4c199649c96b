/**
 * Independent witnesses that are written in Python: the programs below say whether they are there, and tests that need one
 * that is not are skipped with a message. KUBEVIGIL_PYTHON names the interpreter, or several like a PATH, for checkov and moto want other
 * versions of one library; .ci/run makes them in virtual environments.
 */
import { spawn, spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';

const PYTHONS = (process.env.KUBEVIGIL_PYTHON ?? 'python3').split(delimiter);

/** The interpreter; the first where there are several. */
export const [PYTHON = 'python3'] = PYTHONS;

/** The interpreter that has all of these modules. */
function having(modules: readonly string[]): string | undefined {
  const program = ['-c', `import ${modules.join(', ')}`];
  return PYTHONS.find((each) => spawnSync(each, program, { stdio: 'ignore' }).status === 0);
}

/** The reason to skip a test that needs these modules, or false where they are there. */
export function without(...modules: string[]): string | false {
  return having(modules) !== undefined ? false : `${PYTHONS.join(' and ')} has no ${modules.join(' or no ')}`;
}

/**
 * Runs a module of Python, or a program beside this file, by the interpreter that has the module; `wanted` names it for a program. Input is
 * given as JSON. Resolves to what it printed.
 */
export function python(
  args: readonly string[],
  input?: unknown,
  wanted?: string,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const [first = '', ...rest] = args;
  const program = first.endsWith('.py') ? [fileURLToPath(new URL(first, import.meta.url))] : ['-m', first];
  return new Promise((resolve, reject) => {
    const module = wanted ?? (first.endsWith('.py') ? undefined : first.split('.')[0]);
    const interpreter = (module !== undefined && having([module])) || PYTHON;
    const child = spawn(interpreter, [...program, ...rest], {
      env: { ...process.env, AWS_DEFAULT_REGION: 'eu-west-1', AWS_PROFILE: undefined },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, stdout, stderr }));
    child.stdin.end(input === undefined ? '' : JSON.stringify(input));
  });
}
