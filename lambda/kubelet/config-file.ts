/**
 * The text of a config file as settings. Nodes of one image have the same text but for the name of their instance, so
 * what was decoded is kept for the next one; whoever gets it changes nothing in it.
 */
import { type Decoded, decode } from './decode.ts';
import { readDocument } from './document.ts';
import { schemaOf } from './schema.ts';

/** A fleet has a text for each image and each size of instances. */
const MOST_TEXTS = 64;
const LONGEST_TEXT = 16_384;

/** As nodeadm and Bottlerocket write it (awslabs/amazon-eks-ami, nodeadm internal/kubelet/config.go). */
const PROVIDER_ID = /aws:\/\/\/[a-z0-9-]{1,30}\/i-[0-9a-f]{8,17}(?![\w/])/;
/** One that no instance has. */
const ANY = 'aws:///any/i-0';

const kept = new Map<string, Decoded>();

/** Decodes the text of --config as a kubelet of that minor does. Throws Exit where it refuses it. */
export function decodeConfigFile(text: string, minor: number): Decoded {
  if (text.length > LONGEST_TEXT) return decodeText(text, minor);
  const [own] = PROVIDER_ID.exec(text) ?? [];
  // What an anchor holds may stand in several places.
  if (own === undefined || text.includes('&') || text.includes(ANY)) return keptText(text, minor);
  const { found, unknown } = tryText(text.replace(own, ANY), minor) ?? decodeText(text, minor);
  if (found.get('providerID')?.value === ANY)
    return { found: new Map(found).set('providerID', { value: own }), unknown };
  return decodeText(text, minor);
}

/** Undefined where it is refused: the words for that may quote what stands in the own text. */
function tryText(text: string, minor: number): Decoded | undefined {
  try {
    return keptText(text, minor);
  } catch {
    return undefined;
  }
}

function keptText(text: string, minor: number): Decoded {
  const key = `${minor} ${text}`;
  const known = kept.get(key);
  if (known) return known;
  const decoded = decodeText(text, minor);
  if (kept.size >= MOST_TEXTS) kept.clear();
  kept.set(key, decoded);
  return decoded;
}

function decodeText(text: string, minor: number): Decoded {
  return decode(readDocument(text, 'file'), 'exact', schemaOf(minor));
}
