/** What the collector prints anew of a kubeconfig → KubeconfigShape. */
import { isObject, type Json, kindOf, parseJson } from '../../go/json.ts';
import { parseYaml } from '../../go/yaml/compose.ts';
import type { KubeconfigShape } from '../../kubelet/evidence.ts';

/** What the collector writes for a text that it does not send. */
const REDACTED = 'REDACTED';

/** A value has another type than the kubelet takes: it refuses the whole file. */
class Misshapen extends Error {}

/** The value of the last key of this name, as Go's decoder sees it. */
function member(value: Json | undefined, name: string): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new Misshapen(`what should hold ${name} is no map`);
  return value.members.findLast(({ key }) => key === name)?.value;
}

/** YAML 1.1 takes `n` and `no` for booleans, and client-go refuses a boolean where a name must stand. */
function text(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name);
  if (found === undefined || found === null) return undefined;
  if (typeof found !== 'string') throw new Misshapen(`${name} is ${kindOf(found)}, not a text`);
  return found;
}

function named(value: Json | undefined, list: string, name: string): Json | undefined {
  const entries = member(value, list) ?? [];
  if (!Array.isArray(entries)) throw new Misshapen(`${list} is no list`);
  return entries.findLast((entry) => text(entry, 'name') === name);
}

/**
 * Reads the shape of one kubeconfig. User and cluster are the current context's, as client-go chooses them
 * (k8s.io/client-go tools/clientcmd DirectClientConfig). What cannot be understood becomes `problem`, never a guess.
 */
export function kubeconfigShape(path: string, content: string): KubeconfigShape {
  const unreadable = (problem: string): KubeconfigShape => ({ path, state: 'unreadable', problem });
  try {
    const root = content.trimStart().startsWith('{') ? parseJson(content) : parseYaml(content, false);
    return shapeOf(path, root, unreadable);
  } catch (error) {
    return unreadable(
      error instanceof Misshapen
        ? `the kubelet refuses ${path}: ${error.message}`
        : `the structure of ${path} could not be understood`,
    );
  }
}

function shapeOf(path: string, root: Json, unreadable: (problem: string) => KubeconfigShape): KubeconfigShape {
  const current = text(root, 'current-context');
  if (!current) return unreadable(`${path} has no current-context`);
  const context = member(named(root, 'contexts', current), 'context');
  const name = text(context, 'user');
  const entry = name ? named(root, 'users', name) : undefined;
  if (!name || !entry) {
    return unreadable(`the user of the current context ${JSON.stringify(current)} of ${path} is not in it`);
  }
  const user = member(entry, 'user');
  const exec = member(user, 'exec');
  const command = text(exec, 'command');
  const clusterName = text(context, 'cluster');
  const cluster = member(clusterName ? named(root, 'clusters', clusterName) : undefined, 'cluster');
  const [tokenFile, clientCertificate] = [text(user, 'tokenFile'), text(user, 'client-certificate')];
  const certificateAuthority = text(cluster, 'certificate-authority');
  if ([current, name, command, tokenFile, clientCertificate, certificateAuthority].includes(REDACTED)) {
    return unreadable(`a name or path in ${path} has characters that the collector does not send`);
  }
  const other = text(user, 'username')
    ? 'basic authentication'
    : member(user, 'auth-provider')
      ? 'an auth-provider'
      : undefined;
  return {
    path,
    state: 'read',
    user: name,
    ...(exec ? { exec: { command: command ?? '' } } : {}),
    ...(text(user, 'token') ? { token: true as const } : {}),
    ...(tokenFile ? { tokenFile } : {}),
    ...(clientCertificate ? { clientCertificate } : {}),
    ...(text(user, 'client-certificate-data') ? { clientCertificateData: true as const } : {}),
    ...(certificateAuthority ? { certificateAuthority } : {}),
    ...(text(cluster, 'certificate-authority-data') ? { certificateAuthorityData: true as const } : {}),
    ...(other ? { other } : {}),
  };
}
