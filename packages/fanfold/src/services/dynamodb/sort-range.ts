/** A range of encoded sort keys. */
import type { AttributeValue, KeyAttribute } from '../../ports/tables.ts';
import { encodeSort } from './table-key.ts';
import { validationError } from './validation.ts';

export interface Bound {
  readonly key: string;
  readonly inclusive: boolean;
}

/** Without a bound it goes on to the end. */
export interface SortRange {
  readonly low?: Bound;
  readonly high?: Bound;
}

type Operator = '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'begins_with';

/** @throws ServiceError ValidationException */
export function sortRange(attribute: KeyAttribute, operator: Operator, values: readonly AttributeValue[]): SortRange {
  const [first, second] = values.map((value) => encodeSort(attribute, value)) as [string, string];
  const bound = (key: string, inclusive: boolean): Bound => ({ key, inclusive });
  switch (operator) {
    case '=':
      return { low: bound(first, true), high: bound(first, true) };
    case '<':
    case '<=':
      return { high: bound(first, operator === '<=') };
    case '>':
    case '>=':
      return { low: bound(first, operator === '>=') };
    case 'BETWEEN':
      return { low: bound(first, true), high: bound(second, true) };
    case 'begins_with': {
      if (attribute.type === 'N')
        throw validationError(
          'Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: ' +
            'begins_with, operand type: N',
        );
      const end = behindPrefix(attribute, first);
      return { low: bound(first, true), ...(end !== undefined && { high: bound(end, false) }) };
    }
    default:
      return operator satisfies never;
  }
}

/** The first text behind all that begin with the prefix, in the order of their UTF-8 bytes. */
function behindPrefix({ type }: KeyAttribute, prefix: string): string | undefined {
  // Bytes are hexadecimal digits here, and `g` comes behind all of them.
  if (type === 'B') return `${prefix}g`;
  const points = [...prefix];
  while (points.at(-1) === '\u{10ffff}') points.pop();
  const last = points.pop()?.codePointAt(0);
  if (last === undefined) return undefined;
  // Half surrogates are no characters.
  return points.join('') + String.fromCodePoint(last === 0xd7ff ? 0xe000 : last + 1);
}
