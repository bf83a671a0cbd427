/** What a `KeyConditionExpression` asks for: one partition, and a range of its sort keys. */
import type { AttributeValue, TableDescription } from '../../../ports/tables.ts';
import { typeOf } from '../attribute.ts';
import { compareValues } from '../compare.ts';
import { type SortRange, sortRange } from '../sort-range.ts';
import { encodePartition } from '../table-key.ts';
import { invalidValues, validationError } from '../validation.ts';
import { parseCondition } from './condition-parser.ts';
import type { Names } from './names.ts';
import type { Condition } from './syntax.ts';

const PARAMETER = 'KeyConditionExpression';

export interface KeyCondition {
  readonly partition: string;
  readonly range: SortRange;
}

/** One condition on one attribute. */
interface Limit {
  readonly name: string;
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'BETWEEN' | 'begins_with';
  readonly values: readonly AttributeValue[];
}

/** @throws ServiceError ValidationException */
export function readKeyCondition(description: TableDescription, text: string, names: Names): KeyCondition {
  const limits = new Map<string, Limit>();
  for (const condition of parts(parseCondition(PARAMETER, text, names))) {
    const limit = limitOf(condition);
    if (limits.has(limit.name))
      throw validationError('KeyConditionExpressions must only contain one condition per key');
    limits.set(limit.name, limit);
  }
  const { partitionKey, sortKey } = description;
  if (limits.size > (sortKey ? 2 : 1)) throw validationError('Query key condition not supported');
  const partition = limits.get(partitionKey.name);
  if (!partition) throw missed(partitionKey.name);
  const sort = sortKey && limits.get(sortKey.name);
  if (limits.size === 2 && !sort) throw missed(sortKey?.name ?? '');
  if (partition.operator !== '=') throw validationError('Query key condition not supported');
  checkType(partition, partitionKey.type);
  if (sort && sortKey) checkType(sort, sortKey.type);
  return {
    partition: encodePartition(partitionKey, partition.values[0] as AttributeValue),
    range: sort && sortKey ? sortRange(sortKey, sort.operator, sort.values) : {},
  };
}

function* parts(condition: Condition): Generator<Condition> {
  if (condition.kind !== 'and') yield condition;
  else for (const each of condition.all) yield* parts(each);
}

const TURNED = { '=': '=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

function limitOf(condition: Condition): Limit {
  switch (condition.kind) {
    case 'compare': {
      const { comparator, left, right } = condition;
      if (comparator === '<>') throw notHere('<>');
      if (left.kind === 'path' && right.kind === 'path') throw severalNames();
      if (left.kind === 'path') return limit(left, comparator, [right]);
      return limit(right, TURNED[comparator], [left]);
    }
    case 'between':
      return limit(condition.operand, 'BETWEEN', [condition.low, condition.high]);
    case 'call': {
      const [first, ...others] = condition.operands;
      if (condition.name !== 'begins_with') throw notHere(condition.name);
      return limit(first as Operand, 'begins_with', others);
    }
    case 'in':
    case 'or':
    case 'not':
      throw notHere(condition.kind.toUpperCase());
    default:
      throw notHere('AND');
  }
}

type Operand = Extract<Condition, { readonly kind: 'compare' }>['left'];

function limit(of: Operand, operator: Limit['operator'], operands: readonly Operand[]): Limit {
  if ([of, ...operands].some(({ kind }) => kind === 'size')) throw notHere('size');
  if (of.kind !== 'path') throw validationError(`Invalid ${PARAMETER}: No key attribute specified`);
  const values = operands.map((operand) => {
    if (operand.kind !== 'value') throw severalNames();
    return operand.value;
  });
  const [name] = of.path;
  if (of.path.length > 1 || typeof name !== 'string')
    throw validationError(`${PARAMETER}s cannot have conditions on nested attributes`);
  const [low, high] = values;
  if (low && high && (compareValues(low, high) ?? 0) > 0)
    throw invalidValues(
      'The BETWEEN condition was provided a range where the lower bound is greater than the upper bound',
    );
  return { name, operator, values };
}

function checkType({ values }: Limit, type: string): void {
  if (values.some((value) => typeOf(value) !== type))
    throw invalidValues('Condition parameter type does not match schema type');
}

function missed(name: string): Error {
  return validationError(`Query condition missed key schema element: ${name}`);
}

function notHere(operator: string): Error {
  return validationError(`Invalid operator used in ${PARAMETER}: ${operator}`);
}

function severalNames(): Error {
  return validationError(`Invalid condition in ${PARAMETER}: Multiple attribute names used in one condition`);
}
