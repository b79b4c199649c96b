/** What the collector prints anew of a kubeconfig → KubeconfigShape. */
import { isObject, type Json, kindOf } from '../../go/json.ts';
import { Exit } from '../../go/outcome.ts';
import { parseYaml } from '../../go/yaml/compose.ts';
import type { KubeconfigShape } from '../../kubelet/evidence.ts';

/** What the collector writes for a text that it does not send. */
const REDACTED = 'REDACTED';

/** No kubelet can use such a kubeconfig (k8s.io/client-go tools/clientcmd, Load and validation.go). */
class Refused extends Error {}

/** The value of the last key of this name, as Go's decoder sees it. */
function member(value: Json | undefined, name: string): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) throw new Refused(`what should hold ${name} is no map`);
  return value.members.findLast(({ key }) => key === name)?.value;
}

/** YAML 1.1 takes `n` and `no` for booleans, and client-go refuses a boolean where a name must stand. */
function text(value: Json | undefined, name: string): string | undefined {
  const found = member(value, name);
  if (found === undefined || found === null) return undefined;
  if (typeof found !== 'string') throw new Refused(`${name} is ${kindOf(found)}, not a text`);
  return found;
}

function named(value: Json | undefined, list: string, name: string): Json | undefined {
  const entries = member(value, list) ?? [];
  if (!Array.isArray(entries)) throw new Refused(`${list} is no list`);
  return entries.findLast((entry) => text(entry, 'name') === name);
}

/**
 * Reads the shape of one kubeconfig. User and cluster are the current context's, as client-go chooses them
 * (k8s.io/client-go tools/clientcmd DirectClientConfig). What cannot be understood becomes `problem`, never a guess.
 */
export function kubeconfigShape(path: string, content: string): KubeconfigShape {
  try {
    // YAML whatever it begins with (client-go tools/clientcmd/api/latest), of which JSON is a part.
    return shapeOf(path, parseYaml(content, false));
  } catch (error) {
    if (error instanceof Refused) {
      return { path, state: 'refused', problem: `the kubelet refuses ${path}: ${error.message}` };
    }
    const why = error instanceof Exit ? 'refused' : 'unreadable';
    return { path, state: why, problem: `the structure of ${path} could not be understood` };
  }
}

function shapeOf(path: string, root: Json): KubeconfigShape {
  const current = text(root, 'current-context');
  if (!current) throw new Refused('it has no current-context');
  const context = member(named(root, 'contexts', current), 'context');
  const [userName, clusterName] = [text(context, 'user'), text(context, 'cluster')];
  const [userEntry, clusterEntry] = [
    userName ? named(root, 'users', userName) : undefined,
    clusterName ? named(root, 'clusters', clusterName) : undefined,
  ];
  const unsent: KubeconfigShape = {
    path,
    state: 'unreadable',
    problem: `a name or path in ${path} has characters that the collector does not send`,
  };
  if ([current, userName, clusterName].includes(REDACTED)) return unsent;
  if (!userName || !userEntry)
    throw new Refused(`the user of the current context ${JSON.stringify(current)} is not in it`);
  if (!clusterEntry) throw new Refused(`the cluster of the current context ${JSON.stringify(current)} is not in it`);
  const user = member(userEntry, 'user');
  const cluster = member(clusterEntry, 'cluster');
  const exec = member(user, 'exec');
  const command = text(exec, 'command');
  const tokenFile = text(user, 'tokenFile');
  const clientCertificate = text(user, 'client-certificate');
  const clientCertificateData = text(user, 'client-certificate-data');
  const clientKey = text(user, 'client-key');
  const certificateAuthority = text(cluster, 'certificate-authority');
  if ([command, tokenFile, clientCertificate, clientKey, certificateAuthority].includes(REDACTED)) return unsent;
  if ((clientCertificate || clientCertificateData) && !clientKey && !text(user, 'client-key-data')) {
    throw new Refused('its user has a client certificate without a key');
  }
  const other = text(user, 'username')
    ? 'basic authentication'
    : member(user, 'auth-provider')
      ? 'an auth-provider'
      : undefined;
  return {
    path,
    state: 'read',
    user: userName,
    ...(exec ? { exec: { command: command ?? '' } } : {}),
    ...(text(user, 'token') ? { token: true as const } : {}),
    ...(tokenFile ? { tokenFile } : {}),
    ...(clientCertificate ? { clientCertificate } : {}),
    ...(clientCertificateData ? { clientCertificateData: true as const } : {}),
    ...(clientKey ? { clientKey } : {}),
    ...(certificateAuthority ? { certificateAuthority } : {}),
    ...(text(cluster, 'certificate-authority-data') ? { certificateAuthorityData: true as const } : {}),
    ...(other ? { other } : {}),
  };
}
