/** What collect.sh lets through of a kubeconfig → KubeconfigShape. */
import { load } from 'js-yaml';
import * as v from 'valibot';
import type { KubeconfigShape } from '../kubelet/evidence.ts';

const Text = v.optional(v.nullable(v.string()));
const User = v.object({
  exec: v.optional(v.nullable(v.object({ command: Text }))),
  token: Text,
  tokenFile: Text,
  'client-certificate': Text,
  'client-certificate-data': Text,
  username: Text,
  'auth-provider': v.optional(v.unknown()),
});
const Shape = v.object({
  style: v.picklist(['block', 'flow', 'alias']),
  'current-context': Text,
  contexts: v.optional(
    v.nullable(v.array(v.object({ name: Text, context: v.optional(v.nullable(v.object({ user: Text }))) }))),
  ),
  users: v.optional(v.nullable(v.array(v.object({ name: Text, user: v.optional(v.nullable(User)) })))),
});

/**
 * Reads the shape lines of one kubeconfig. The user is the current context's, as client-go chooses it
 * (k8s.io/client-go tools/clientcmd DirectClientConfig). What cannot be understood becomes `problem`, never a guess.
 */
export function kubeconfigShape(path: string, lines: string): KubeconfigShape {
  const unreadable = (problem: string): KubeconfigShape => ({ path, state: 'unreadable', problem });
  if (/^style: alias$/m.test(lines)) return unreadable('it uses YAML aliases');
  if (/^style: flow$/m.test(lines)) return flowShape(path, lines);
  let parsed: unknown;
  try {
    parsed = load(lines);
  } catch {
    return unreadable('its structure could not be understood');
  }
  const shape = v.safeParse(Shape, parsed);
  if (!shape.success) return unreadable('its structure could not be understood');
  const { contexts, users, 'current-context': current } = shape.output;
  if (!current) return unreadable('it has no current-context');
  const context = contexts?.find(({ name }) => name === current);
  const name = context?.context?.user;
  const user = users?.find((one) => one.name === name)?.user;
  if (!name || !users?.some((one) => one.name === name)) {
    return unreadable(`the user of its current context ${JSON.stringify(current)} is not in it`);
  }
  return {
    path,
    state: 'read',
    user: name,
    ...(user?.exec ? { exec: { command: user.exec.command ?? '' } } : {}),
    ...(user?.token ? { token: true as const } : {}),
    ...(user?.tokenFile ? { tokenFile: user.tokenFile } : {}),
    ...(user?.['client-certificate'] ? { clientCertificate: user['client-certificate'] } : {}),
    ...(user?.['client-certificate-data'] ? { clientCertificateData: true as const } : {}),
    ...(user?.username
      ? { other: 'basic authentication' }
      : user && 'auth-provider' in user
        ? { other: 'an auth-provider' }
        : {}),
  };
}

/** JSON and flow style arrive one key a line without nesting: only a file with a single user can be read. */
function flowShape(path: string, lines: string): KubeconfigShape {
  const values = (key: string) =>
    [...lines.matchAll(new RegExp(`^[ -]*${key}: ?"?([^"\\n]*)"?$`, 'gm'))].map((m) => m[1] ?? '');
  const certificate = values('client-certificate');
  const command = values('command');
  const token = values('token');
  const embedded = values('client-certificate-data');
  const tokenFile = values('tokenFile');
  if ([certificate, command, token, embedded, tokenFile].some((found) => found.length > 1)) {
    return { path, state: 'unreadable', problem: 'it is written in flow style and has several users' };
  }
  return {
    path,
    state: 'read',
    ...(command[0] !== undefined ? { exec: { command: command[0] } } : {}),
    ...(token.length > 0 ? { token: true as const } : {}),
    ...(tokenFile[0] ? { tokenFile: tokenFile[0] } : {}),
    ...(certificate[0] ? { clientCertificate: certificate[0] } : {}),
    ...(embedded.length > 0 ? { clientCertificateData: true as const } : {}),
  };
}
