import { RecordError } from '../record-error.ts';

/**
 * The steps of a JSON pointer (RFC 6901); the empty pointer is the whole document.
 *
 * @throws RecordError BadOption
 */
export function parsePointer(pointer: string): readonly string[] {
  if (pointer !== '' && !pointer.startsWith('/')) throw bad(pointer, 'it does not start with "/"');
  if (/~(?![01])/.test(pointer)) throw bad(pointer, 'a "~" in it is not followed by 0 or 1');
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function bad(pointer: string, why: string): RecordError {
  return new RecordError(
    'BadOption',
    `${JSON.stringify(pointer)} is not a JSON pointer: ${why}. Write it as "/orders/items".`,
  );
}
