/** Reads a condition: `ConditionExpression`, `FilterExpression`, `KeyConditionExpression`. */
import type { AttributeValue } from '../../../ports/tables.ts';
import { typeOf } from '../attribute.ts';
import { compareValues } from '../compare.ts';
import type { Names } from './names.ts';
import { type Flaw, Reader } from './reader.ts';
import { type Comparator, type Condition, type ConditionFunction, type Operand, showPath } from './syntax.ts';

/** Of a part in parentheses it is open, until what stands behind it is seen, whether it is an operand or a condition. */
type Part = (
  | { readonly kind: 'operand'; readonly operand: Operand }
  | { readonly kind: 'condition'; readonly condition: Condition; readonly call?: string }
) & { readonly inParentheses?: true };

const ORDER: readonly Flaw[] = ['parentheses', 'function', 'misuse', 'reserved', 'operands', 'types'];
const COMPARATORS: readonly string[] = ['=', '<>', '<', '<=', '>', '>='];
const OPERAND_COUNTS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    attribute_exists: 1,
    attribute_not_exists: 1,
    attribute_type: 2,
    begins_with: 2,
    contains: 2,
    size: 1,
  }),
);
const TYPES: readonly string[] = ['S', 'N', 'B', 'SS', 'NS', 'BS', 'L', 'M', 'BOOL', 'NULL'];
const MOST_IN_LIST = 100;

/** @throws ServiceError ValidationException */
export function parseCondition(parameter: string, text: string, names: Names): Condition {
  const reader = new Reader(parameter, text, names);
  const condition = asCondition(reader, readOr(reader));
  reader.finish(ORDER);
  return condition;
}

function readOr(reader: Reader): Part {
  return readJoined(reader, 'or', readAnd);
}

function readAnd(reader: Reader): Part {
  return readJoined(reader, 'and', readNot);
}

function readJoined(reader: Reader, kind: 'and' | 'or', read: (reader: Reader) => Part): Part {
  const first = read(reader);
  if (!reader.isWord(kind.toUpperCase())) return first;
  const all = [asCondition(reader, first)];
  while (reader.takeWord(kind.toUpperCase())) {
    reader.operator();
    all.push(asCondition(reader, read(reader)));
  }
  return { kind: 'condition', condition: { kind, all } };
}

function readNot(reader: Reader): Part {
  if (!reader.takeWord('NOT')) return readComparison(reader);
  reader.operator();
  return {
    kind: 'condition',
    condition: {
      kind: 'not',
      condition: asCondition(
        reader,
        reader.nested(() => readNot(reader)),
      ),
    },
  };
}

function readComparison(reader: Reader): Part {
  const part = readPart(reader);
  const { text } = reader.token;
  if (reader.isSign(...COMPARATORS)) {
    reader.next();
    const left = asOperand(reader, part);
    const right = asOperand(reader, readPart(reader));
    reader.operator();
    checkComparison(reader, text as Comparator, left, right);
    return { kind: 'condition', condition: { kind: 'compare', comparator: text as Comparator, left, right } };
  }
  if (reader.takeWord('BETWEEN')) return readBetween(reader, asOperand(reader, part));
  if (reader.takeWord('IN')) return readIn(reader, asOperand(reader, part));
  return part;
}

function readBetween(reader: Reader, operand: Operand): Part {
  const low = asOperand(reader, readPart(reader));
  reader.expectWord('AND');
  const high = asOperand(reader, readPart(reader));
  reader.operator();
  if (low.kind === 'value' && high.kind === 'value') checkBounds(reader, low.value, high.value);
  return { kind: 'condition', condition: { kind: 'between', operand, low, high } };
}

function readIn(reader: Reader, operand: Operand): Part {
  const list = readList(reader);
  reader.operator();
  if (list.length > MOST_IN_LIST)
    reader.flaw(
      'operands',
      `Incorrect number of operands for operator or function; operator or function: IN, number of operands: ${list.length + 1}`,
    );
  return { kind: 'condition', condition: { kind: 'in', operand, list } };
}

/** `(a, b, …)` */
function readList(reader: Reader): readonly Operand[] {
  reader.expectSign('(');
  const list = [
    asOperand(
      reader,
      reader.nested(() => readPart(reader)),
    ),
  ];
  while (reader.takeSign(','))
    list.push(
      asOperand(
        reader,
        reader.nested(() => readPart(reader)),
      ),
    );
  reader.expectSign(')');
  return list;
}

function readPart(reader: Reader): Part {
  if (reader.isCall() && !reader.isWord('AND', 'OR', 'NOT', 'BETWEEN', 'IN')) return readCall(reader);
  if (reader.token.kind === ':value') return { kind: 'operand', operand: { kind: 'value', value: reader.value() } };
  if (!reader.takeSign('(')) {
    if (reader.isWord('AND', 'OR', 'NOT', 'BETWEEN', 'IN')) reader.syntaxError();
    return { kind: 'operand', operand: { kind: 'path', path: reader.path() } };
  }
  const part = reader.nested(() => readOr(reader));
  if (part.inParentheses) reader.flaw('parentheses', 'The expression has redundant parentheses;');
  reader.expectSign(')');
  return { ...part, inParentheses: true };
}

function readCall(reader: Reader): Part {
  const name = reader.next().text;
  const operands = readList(reader);
  reader.operator();
  const count = OPERAND_COUNTS.get(name);
  if (count === undefined) reader.flaw('function', `Invalid function name; function: ${name}`);
  else if (count !== operands.length)
    reader.flaw(
      'operands',
      `Incorrect number of operands for operator or function; operator or function: ${name}, ` +
        `number of operands: ${operands.length}`,
    );
  else checkCall(reader, name, operands);
  if (name === 'size') return { kind: 'operand', operand: { kind: 'size', of: operands[0] as Operand } };
  return { kind: 'condition', condition: { kind: 'call', name: name as ConditionFunction, operands }, call: name };
}

/** An operand alone is no condition; of functions only `size` gives a value. */
function asCondition(reader: Reader, part: Part): Condition {
  if (part.kind === 'condition') return part.condition;
  if (part.operand.kind !== 'size') return reader.syntaxError();
  misused(reader, 'size');
  return { kind: 'in', operand: part.operand, list: [] };
}

function asOperand(reader: Reader, part: Part): Operand {
  if (part.kind === 'operand') return part.operand;
  if (part.call === undefined) return reader.syntaxError();
  misused(reader, part.call);
  return { kind: 'value', value: { BOOL: true } };
}

function misused(reader: Reader, name: string): void {
  const isKnown = OPERAND_COUNTS.has(name);
  if (isKnown)
    reader.flaw('misuse', `The function is not allowed to be used this way in an expression; function: ${name}`);
}

function checkComparison(reader: Reader, comparator: Comparator, left: Operand, right: Operand): void {
  checkDistinct(reader, comparator, [left, right]);
  if (comparator === '=' || comparator === '<>') return;
  const wrong = [left, right].map(literalType).find((type) => type !== undefined && !['S', 'N', 'B'].includes(type));
  if (wrong !== undefined)
    reader.flaw(
      'types',
      `Incorrect operand type for operator or function; operator: ${comparator}, operand type: ${wrong}`,
    );
}

function checkBounds(reader: Reader, low: AttributeValue, high: AttributeValue): void {
  const shown = (value: AttributeValue): string =>
    `AttributeValue: {${typeOf(value)}:${String(Object.values(value)[0])}}`;
  const bounds = `lower bound operand: ${shown(low)}, upper bound operand: ${shown(high)}`;
  if (typeOf(low) !== typeOf(high))
    reader.flaw('operands', `The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
  else if ((compareValues(low, high) ?? 0) > 0)
    reader.flaw(
      'operands',
      `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
    );
}

const NO_SIZE: readonly string[] = ['N', 'BOOL', 'NULL'];
const HAVE_PREFIX: readonly string[] = ['S', 'B'];

/** What can be seen before there is an item. */
function checkCall(reader: Reader, name: string, operands: readonly Operand[]): void {
  checkDistinct(reader, name, operands);
  const [first, second] = operands;
  const wrongType = (type: string): void =>
    reader.flaw(
      'operands',
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
  const types = operands.map(literalType);
  if ((name === 'attribute_exists' || name === 'attribute_not_exists') && first?.kind !== 'path')
    reader.flaw('operands', `Operator or function requires a document path; operator or function: ${name}`);
  if (name === 'begins_with') {
    const wrong = types.find((type) => type !== undefined && !HAVE_PREFIX.includes(type));
    if (wrong !== undefined) wrongType(wrong);
  }
  if (name === 'size' && types[0] !== undefined && NO_SIZE.includes(types[0])) wrongType(types[0]);
  if (name !== 'attribute_type') return;
  if (second?.kind !== 'value' || !('S' in second.value))
    return wrongType(types[1] ?? '{NS,SS,L,BS,N,M,B,BOOL,NULL,S}');
  if (!TYPES.includes(second.value.S))
    reader.flaw(
      'operands',
      `Invalid attribute type name found; type: ${second.value.S}, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`,
    );
}

function checkDistinct(reader: Reader, operator: string, [first, second]: readonly Operand[]): void {
  if (first?.kind !== 'path' || second?.kind !== 'path' || showPath(first.path) !== showPath(second.path)) return;
  reader.flaw(
    'operands',
    'The first operand must be distinct from the remaining operands for this operator or function; ' +
      `operator: ${operator}, first operand: ${showPath(first.path)}`,
  );
}

/** The type of what does not depend on the item. */
function literalType(operand: Operand): string | undefined {
  if (operand.kind === 'size') return 'N';
  return operand.kind === 'value' ? typeOf(operand.value) : undefined;
}
