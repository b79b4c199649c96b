/**
 * Judges owners: root:root is user 0 and group 0, whatever the node calls them.
 * Tested by test/rules/kubelet-config-ownership.test.ts.
 */
import { fileAttribute } from './file-attribute.ts';
import type { Rule } from './rule.ts';
import type { FindSubject } from './subject.ts';

/** A check that passes where every file belongs to user 0 and group 0. */
export function fileOwner(find: FindSubject): Rule['check'] {
  return fileAttribute(find, {
    name: 'owner',
    show: ({ uid, gid }) => (uid === undefined || gid === undefined ? undefined : `owner ${id(uid)}:${id(gid)}`),
    keeps: ({ uid, gid }) => uid === 0 && gid === 0,
    wanted: () => 'root:root only',
    command: () => 'chown root:root',
  });
}

function id(number: number): string {
  return number === 0 ? 'root' : String(number);
}
