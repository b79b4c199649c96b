/** What collect.sh lets through of a kubeconfig → KubeconfigShape. */
import { load } from 'js-yaml';
import * as v from 'valibot';
import type { KubeconfigShape } from '../../kubelet/evidence.ts';

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
  'current-context': Text,
  contexts: v.optional(
    v.nullable(v.array(v.object({ name: Text, context: v.optional(v.nullable(v.object({ user: Text }))) }))),
  ),
  users: v.optional(v.nullable(v.array(v.object({ name: Text, user: v.optional(v.nullable(User)) })))),
});

/** What the collector writes for a text that it does not let through. */
const REDACTED = 'REDACTED';

/**
 * Reads the shape lines of one kubeconfig. The user is the current context's, as client-go chooses it
 * (k8s.io/client-go tools/clientcmd DirectClientConfig). What cannot be understood becomes `problem`, never a guess.
 */
export function kubeconfigShape(path: string, lines: string): KubeconfigShape {
  const unreadable = (problem: string): KubeconfigShape => ({ path, state: 'unreadable', problem });
  const [, style, text = ''] = /^style: (\w+)(?:\n(.*))?$/s.exec(lines) ?? [];
  if (style === 'alias') return unreadable(`${path} uses YAML aliases`);
  if (style === 'other')
    return unreadable(`${path} is written in a style that cannot be read without its secrets: write it in block style`);
  let parsed: unknown;
  try {
    parsed = style === 'json' ? JSON.parse(text) : load(text);
  } catch {
    return unreadable(`the structure of ${path} could not be understood`);
  }
  const shape = v.safeParse(Shape, parsed);
  if (!shape.success) return unreadable(`the structure of ${path} could not be understood`);
  const { contexts, users, 'current-context': current } = shape.output;
  if (!current) return unreadable(`${path} has no current-context`);
  const context = contexts?.find(({ name }) => name === current);
  const name = context?.context?.user;
  const user = users?.find((one) => one.name === name)?.user;
  if (!name || !users?.some((one) => one.name === name)) {
    return unreadable(`the user of the current context ${JSON.stringify(current)} of ${path} is not in it`);
  }
  const needed = [current, name, user?.exec?.command, user?.tokenFile, user?.['client-certificate']];
  if (needed.includes(REDACTED))
    return unreadable(`a name or path in ${path} has characters that the collector does not send`);
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
      : user?.['auth-provider']
        ? { other: 'an auth-provider' }
        : {}),
  };
}
