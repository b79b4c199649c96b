/** What the collector prints anew of a kubeconfig → KubeconfigShape. */
import { isObject, type Json, kindOf } from '../../go/json.ts';
import { Exit } from '../../go/outcome.ts';
import { parseYaml } from '../../go/yaml/compose.ts';
import type { KubeconfigShape } from '../../kubelet/evidence.ts';

/** What the collector writes for a text that it does not send. */
const REDACTED = 'REDACTED';

/**
 * No kubelet can use such a kubeconfig (k8s.io/client-go tools/clientcmd: Load, validation.go, and api/v1/conversion.go,
 * which takes no two entries of one name).
 */
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
  const names = entries.map((entry) => text(entry, 'name') ?? '');
  const twice = names.find((each, index) => each !== REDACTED && names.indexOf(each) !== index);
  if (twice !== undefined) throw new Refused(`${list} has two entries of the name ${JSON.stringify(twice)}`);
  return entries[names.indexOf(name)];
}

/** Clusters times the ways in which their nodes authenticate. */
const MOST_KEPT = 256;
/** Larger ones are nobody's but the node's that sent them. Characters. */
const LONGEST_KEY = 8_192;
/** How a node's credentials name it (Kubernetes documentation, "Using Node Authorization"), in lines that stay short by any name. */
const OWN = /system:node:[a-z0-9.-]{1,253}/;
const LONG_LINE = /^[^\n]{400}/m;
/** What stands in its place; no node is called so (RFC 2606). */
const ANY = 'system:node:any-node.invalid';

/** Of one that says its name elsewhere than as its user nothing is kept. */
const kept = new Map<string, KubeconfigShape | 'alone'>();

/**
 * The shape of one kubeconfig; whoever gets it changes nothing in it. Nodes of a cluster have the same one but for their own name, and
 * its YAML is a quarter of what reading an answer costs, so it is read once for all of them.
 */
export function kubeconfigShape(path: string, content: string): KubeconfigShape {
  const own = ownName(content);
  const like = own === undefined ? content : content.replaceAll(own, ANY);
  // With how long the path is, which says where it ends.
  const key = `${path.length} ${path}${like}`;
  if (key.length > LONGEST_KEY) return readShape(path, content);
  const shape = kept.get(key) ?? keep(key, path, like);
  if (shape === 'alone') return readShape(path, content);
  return shape.user === undefined || own === undefined ? shape : { ...shape, user: shape.user.replaceAll(ANY, own) };
}

function ownName(content: string): string | undefined {
  const [own] = OWN.exec(content) ?? [];
  return own === undefined || content.includes(ANY) || LONG_LINE.test(content) ? undefined : own;
}

function keep(key: string, path: string, content: string): KubeconfigShape | 'alone' {
  // Parsed back they are texts of their own; what was cut out of an answer would hold all of it.
  const shape = readShape(...(JSON.parse(JSON.stringify([path, content])) as [string, string]));
  const isAlone = JSON.stringify({ ...shape, user: '' }).includes(ANY);
  const [oldest] = kept.keys();
  if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(key, isAlone ? 'alone' : shape);
  return isAlone ? 'alone' : shape;
}

/**
 * The same, read each time. User and cluster are the current context's, as client-go chooses them
 * (k8s.io/client-go tools/clientcmd DirectClientConfig). What cannot be understood becomes `problem`, never a guess.
 */
export function readShape(path: string, content: string): KubeconfigShape {
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
  const [userEntry, clusterEntry] = [named(root, 'users', userName ?? ''), named(root, 'clusters', clusterName ?? '')];
  const unsent: KubeconfigShape = {
    path,
    state: 'unreadable',
    problem: `a name or path in ${path} has characters that the collector does not send`,
  };
  if ([current, userName, clusterName].includes(REDACTED)) return unsent;
  if (!clusterName || !clusterEntry)
    throw new Refused(`the cluster of the current context ${JSON.stringify(current)} is not in it`);
  const user = member(userEntry, 'user');
  const cluster = member(clusterEntry, 'cluster');
  const exec = member(user, 'exec');
  const command = text(exec, 'command');
  const tokenFile = text(user, 'tokenFile');
  const clientCertificate = text(user, 'client-certificate');
  const clientCertificateData = text(user, 'client-certificate-data');
  const clientKey = text(user, 'client-key');
  const certificateAuthority = text(cluster, 'certificate-authority');
  const certificateAuthorityData = text(cluster, 'certificate-authority-data');
  const clientKeyData = text(user, 'client-key-data');
  if ([command, tokenFile, clientCertificate, clientKey, certificateAuthority].includes(REDACTED)) return unsent;
  if (certificateAuthority && certificateAuthorityData) throw new Refused(both('its cluster', 'certificate-authority'));
  if (clientCertificate || clientCertificateData) {
    if (clientCertificate && clientCertificateData) throw new Refused(both('its user', 'client-certificate'));
    if (clientKey && clientKeyData) throw new Refused(both('its user', 'client-key'));
    if (!clientKey && !clientKeyData) throw new Refused('its user has a client certificate without a key');
  }
  const [username, provider] = [text(user, 'username'), member(user, 'auth-provider')];
  if (text(user, 'token') && username) throw new Refused('its user has both a token and a password');
  if (exec && !command) throw new Refused('the exec plugin of its user has no command');
  if (exec && provider) throw new Refused('its user has both an exec plugin and an auth-provider');
  const other = username ? 'basic authentication' : provider ? 'an auth-provider' : undefined;
  return {
    path,
    state: 'read',
    // A user who is not in the list is nobody, and refused by nothing (client_config.go, getAuthInfo).
    ...(userName ? { user: userName } : {}),
    ...(exec ? { exec: { command: command ?? '' } } : {}),
    ...(text(user, 'token') ? { token: true as const } : {}),
    ...(tokenFile ? { tokenFile } : {}),
    ...(clientCertificate ? { clientCertificate } : {}),
    ...(clientCertificateData ? { clientCertificateData: true as const } : {}),
    ...(clientKey ? { clientKey } : {}),
    ...(certificateAuthority ? { certificateAuthority } : {}),
    ...(certificateAuthorityData ? { certificateAuthorityData: true as const } : {}),
    ...(other ? { other } : {}),
  };
}

const both = (whose: string, field: string) => `${whose} has both ${field} and ${field}-data`;
