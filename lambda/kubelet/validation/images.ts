/**
 * Patterns of images that need no credentials.
 * Source: kubernetes pkg/kubelet/images/pullmanager/image_pull_policies.go, getAllowlistImagePattern, 1.33 to 1.37;
 * github.com/distribution/reference, Parse.
 * Tested by test/kubelet/validation/validate.test.ts.
 */
import { trimSpace } from '../../go/literals.ts';

/** What is wrong with a pattern, if anything is. */
export function imageProblem(pattern: string): string | undefined {
  if (pattern !== trimSpace(pattern)) return `leading/trailing spaces are not allowed: ${pattern}`;
  const isWildcard = pattern.endsWith('/*');
  const trimmed = isWildcard ? pattern.slice(0, -1) : pattern;
  if (trimmed === '') return `the supplied pattern is too short: ${pattern}`;
  if (trimmed.includes('*')) {
    return `not a valid wildcard pattern, only patterns ending with '/*' are allowed: ${pattern}`;
  }
  if (isWildcard) return trimmed.length === 1 ? 'at least registry hostname is required' : undefined;
  return referenceProblem(trimmed, pattern);
}

const COMPONENT = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)';
const DOMAIN = `(?:${COMPONENT}(?:\\.${COMPONENT})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const PATH = '[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*';
const REFERENCE = new RegExp(
  `^((?:${DOMAIN}/)?${PATH}(?:/${PATH})*)(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);

/** Longer names are refused in any case; and none shall cost time. */
const LONGEST_NAME = 255;
const LONGEST_REFERENCE = 1024;

function referenceProblem(image: string, pattern: string): string | undefined {
  const failed = (why: string) => `failed to parse as an image name: ${why}`;
  if (image.length > LONGEST_REFERENCE) return failed('invalid reference format');
  const [, name, tag, digest] = REFERENCE.exec(image) ?? [];
  if (name === undefined) {
    return failed(
      REFERENCE.test(image.toLowerCase()) ? 'repository name must be lowercase' : 'invalid reference format',
    );
  }
  if (name.length > LONGEST_NAME) return failed('repository name must not be more than 255 characters');
  if (digest !== undefined && !/^sha(?:256:[0-9a-f]{64}|384:[0-9a-f]{96}|512:[0-9a-f]{128})$/.test(digest)) {
    return failed(
      /^sha(?:256|384|512):/.test(digest) ? 'invalid checksum digest length' : 'unsupported digest algorithm',
    );
  }
  if (tag !== undefined || digest !== undefined) {
    return `neither tag nor digest is accepted in an image reference: ${pattern}`;
  }
  return undefined;
}
