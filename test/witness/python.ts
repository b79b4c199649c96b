/**
 * Independent witnesses that are written in Python: the programs below say whether they are there, and tests that need one
 * that is not are skipped with a message. KUBEVIGIL_PYTHON names the interpreter; .ci/run makes one in a virtual environment.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The interpreter. */
export const PYTHON = process.env.KUBEVIGIL_PYTHON ?? 'python3';

/** The reason to skip a test that needs these modules, or false where they are there. */
export function without(...modules: string[]): string | false {
  const { status } = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { stdio: 'ignore' });
  return status === 0 ? false : `${PYTHON} has no ${modules.join(' or no ')}`;
}

/** Runs a module of Python, or a program beside this file; input is given as JSON. Resolves to what it printed. */
export function python(
  args: readonly string[],
  input?: unknown,
): Promise<{ status: number; stdout: string; stderr: string }> {
  const [first = '', ...rest] = args;
  const program = first.endsWith('.py') ? [fileURLToPath(new URL(first, import.meta.url))] : ['-m', first];
  return new Promise((resolve, reject) => {
    const child = spawn(PYTHON, [...program, ...rest], {
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
