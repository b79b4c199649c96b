/**
 * The SSM documents: what the scanner may run on a node, and nothing else. Windows has one of its own: the two scripts share
 * the list of what may leave a node, which steps of one document cannot, and both with it twice would not fit into one.
 *
 * Its name holds the hash of its content, so a name means one content for ever: permission to send the document is
 * permission to run exactly this script, the version to send is always 1, and a changed script is a new document that
 * CloudFormation creates before it deletes the old one (a fixed name could not be replaced, and an updated document may
 * keep its old default version).
 */
import { createHash } from 'node:crypto';
import { SCANNER } from '../settings.ts';
import { EXECUTION_SECONDS } from './outcome.ts';
import { checked, collector, windowsCollector } from './script.ts';

/** The content of an SSM document may be this large (Systems Manager quotas, "Maximum size of a document"). */
const DOCUMENT_BYTES = 64 * 1024;

export type CollectDocument = {
  name: string;
  version: '1';
  /** SHA-256 of the content, lower-case hexadecimal: what SSM calls the document's hash. */
  hash: string;
  content: string;
};

/**
 * Makes the document of `script`. Throws an Error that says what to change if SSM would take the script for something
 * else than it is.
 */
export function collectDocument(script: string = collector(), scanner: string = SCANNER): CollectDocument {
  return documentWith({ action: 'aws:runShellScript', platform: 'Linux' }, script, scanner);
}

/** The same for nodes that run Windows. */
export function windowsDocument(script: string = windowsCollector(), scanner: string = SCANNER): CollectDocument {
  return documentWith({ action: WINDOWS_ACTION, platform: 'Windows' }, script, scanner);
}

const WINDOWS_ACTION = 'aws:runPowerShellScript';

function documentWith(
  { action, platform }: { action: string; platform: 'Linux' | 'Windows' },
  script: string,
  scanner: string,
): CollectDocument {
  const content = JSON.stringify({
    schemaVersion: '2.2',
    description: 'kubevigil: reads what the kubelets of this node run with. Changes nothing.',
    mainSteps: [
      {
        action,
        name: 'collect',
        precondition: { StringEquals: ['platformType', platform] },
        inputs: {
          timeoutSeconds: String(EXECUTION_SECONDS),
          // One string: a list of its lines would be a kilobyte longer.
          runCommand: [checked(script).replace(/\n$/, '')],
        },
      },
    ],
  });
  const bytes = Buffer.byteLength(content);
  if (bytes > DOCUMENT_BYTES) {
    throw new Error(
      `the collector makes an SSM document of ${bytes} bytes, but SSM takes ${DOCUMENT_BYTES}: shorten it`,
    );
  }
  return documentOf(content, scanner);
}

/** The document of a scanner that has this content. */
export function documentOf(content: string, scanner: string): CollectDocument {
  const hash = createHash('sha256').update(content).digest('hex');
  const { mainSteps } = JSON.parse(content) as { mainSteps: { action: string }[] };
  const windows = mainSteps.some(({ action }) => action === WINDOWS_ACTION) ? 'windows-' : '';
  return { name: `${scanner}-collect-${windows}${hash.slice(0, 16)}`, version: '1', hash, content };
}
