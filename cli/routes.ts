/** `scan --routes FILE`: what teams would be told, without telling them. Tested by test/cli/scan.test.ts. */
import { readFileSync } from 'node:fs';
import { InputError } from './problems.ts';

/** Routes at topics of this process instead of their own, and the names of those topics. */
export type LocalRoutes = { routes: unknown[]; topics: string[] };

/**
 * Reads a list of routes as JSON, or those of a cdk.json; what is in them is for the settings to check. Throws an InputError
 * where there is no such list.
 */
export function readRoutes(file: string, { account, region }: { account: string; region: string }): LocalRoutes {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new InputError(`--routes ${file}: ${(error as Error).message}`);
  }
  const routes = Array.isArray(value) ? value : at(value, 'context', 'kubevigil', 'routes');
  if (!Array.isArray(routes)) {
    throw new InputError(
      `--routes ${file} must be a list of routes, or a cdk.json whose context.kubevigil.routes is one`,
    );
  }
  const names = new Map<string, string>();
  const local = routes.map((route: unknown) => {
    const arn = at(route, 'topicArn');
    // What is no topic stays as it is, so that the settings say so.
    if (typeof arn !== 'string' || !/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,200}$/.test(arn)) return route;
    const name = arn.split(':').at(-1) ?? '';
    // Topics of several accounts may have one name.
    names.set(arn, names.get(arn) ?? ([...names.values()].includes(name) ? `${name}-${names.size + 1}` : name));
    return { ...(route as object), topicArn: `arn:aws:sns:${region}:${account}:${names.get(arn)}` };
  });
  return { routes: local, topics: [...names.values()] };
}

function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>(
    (found, key) => (typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[key] : undefined),
    value,
  );
}
