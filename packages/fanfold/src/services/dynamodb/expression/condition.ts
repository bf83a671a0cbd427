/** Whether an item meets a condition. */
import type { AttributeValue, Item } from '../../../ports/tables.ts';
import { typeOf } from '../attribute.ts';
import { bytesOf, compareValues, elementsOf, equalValues } from '../compare.ts';
import { valueAt } from './path.ts';
import type { Comparator, Condition, ConditionFunction, Operand } from './syntax.ts';

/** @param item without attributes where there is none */
export function meets(item: Item, condition: Condition): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.all.every((each) => meets(item, each));
    case 'or':
      return condition.all.some((each) => meets(item, each));
    case 'not':
      return !meets(item, condition.condition);
    case 'compare':
      return compare(condition.comparator, resolve(item, condition.left), resolve(item, condition.right));
    case 'between': {
      const operand = resolve(item, condition.operand);
      return (
        compare('>=', operand, resolve(item, condition.low)) && compare('<=', operand, resolve(item, condition.high))
      );
    }
    case 'in': {
      const operand = resolve(item, condition.operand);
      return condition.list.some((each) => compare('=', operand, resolve(item, each)));
    }
    case 'call': {
      const [first, second] = condition.operands.map((operand) => resolve(item, operand));
      return FUNCTIONS[condition.name](first, second);
    }
    default:
      return condition satisfies never;
  }
}

const ORDERED: Readonly<Record<Exclude<Comparator, '=' | '<>'>, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

type Found = AttributeValue | undefined;

/** What is not there is equal to nothing. */
function compare(comparator: Comparator, left: Found, right: Found): boolean {
  if (comparator === '<>') return !compare('=', left, right);
  if (!left || !right) return false;
  if (comparator === '=') return equalValues(left, right);
  const order = compareValues(left, right);
  return order !== undefined && ORDERED[comparator](order);
}

const FUNCTIONS: Readonly<Record<ConditionFunction, (first: Found, second: Found) => boolean>> = {
  attribute_exists: (value) => value !== undefined,
  attribute_not_exists: (value) => value === undefined,
  attribute_type: (value, type) => value !== undefined && type !== undefined && 'S' in type && typeOf(value) === type.S,
  begins_with: beginsWith,
  contains,
};

function beginsWith(value: Found, prefix: Found): boolean {
  if (!value || !prefix) return false;
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if (!('B' in value && 'B' in prefix)) return false;
  const bytes = bytesOf(prefix.B);
  return bytesOf(value.B).subarray(0, bytes.length).equals(bytes);
}

function contains(value: Found, part: Found): boolean {
  if (!value || !part) return false;
  if ('S' in value && 'S' in part) return value.S.includes(part.S);
  if ('B' in value && 'B' in part) return bytesOf(value.B).includes(bytesOf(part.B));
  if ('L' in value) return value.L.some((element) => equalValues(element, part));
  const isOfSet = typeOf(value) === `${typeOf(part)}S`;
  return isOfSet && (elementsOf(value)?.includes(Object.values(part)[0] as string) ?? false);
}

function resolve(item: Item, operand: Operand): Found {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'path') return valueAt(item, operand.path);
  const size = sizeOf(resolve(item, operand.of));
  return size === undefined ? undefined : { N: String(size) };
}

/** Characters, bytes, elements. Undefined for what has no size. */
function sizeOf(value: Found): number | undefined {
  if (!value) return undefined;
  if ('S' in value) return value.S.length;
  if ('B' in value) return bytesOf(value.B).length;
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return elementsOf(value)?.length;
}
