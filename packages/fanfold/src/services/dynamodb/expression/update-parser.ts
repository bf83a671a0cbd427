/** Reads an `UpdateExpression`: SET, REMOVE, ADD and DELETE, each at most once. */
import { typeOf } from '../attribute.ts';
import type { Names } from './names.ts';
import { checkPaths, type Flaw, Reader } from './reader.ts';
import type { UpdateAction, UpdateValue } from './syntax.ts';

const ORDER: readonly Flaw[] = ['reserved', 'function', 'section', 'operands', 'overlap', 'conflict', 'types', 'calls'];

const READERS: Readonly<Record<UpdateAction['kind'], (reader: Reader) => UpdateAction>> = {
  SET: readSet,
  REMOVE: (reader) => ({ kind: 'REMOVE', path: reader.path() }),
  ADD: (reader) => readChange(reader, 'ADD'),
  DELETE: (reader) => readChange(reader, 'DELETE'),
};
const SECTIONS: readonly string[] = Object.keys(READERS);

/** @throws ServiceError ValidationException */
export function parseUpdate(parameter: string, text: string, names: Names): readonly UpdateAction[] {
  const reader = new Reader(parameter, text, names);
  const actions: UpdateAction[] = [];
  const seen = new Set<string>();
  do {
    if (!reader.isWord(...SECTIONS)) reader.syntaxError();
    const section = reader.next().text.toUpperCase() as UpdateAction['kind'];
    if (seen.has(section))
      reader.flaw('section', `The "${section}" section can only be used once in an update expression;`);
    seen.add(section);
    do {
      reader.operator();
      actions.push(READERS[section](reader));
    } while (reader.takeSign(','));
  } while (reader.token.kind !== 'end');
  const paths = actions.map(({ path }) => path);
  checkPaths(reader, paths);
  reader.finish(ORDER);
  return actions;
}

function readSet(reader: Reader): UpdateAction {
  const path = reader.path();
  reader.expectSign('=');
  return { kind: 'SET', path, value: readValue(reader) };
}

function readChange(reader: Reader, kind: 'ADD' | 'DELETE'): UpdateAction {
  const path = reader.path();
  const value = reader.value();
  const type = LONG_NAMES[typeOf(value)];
  if (type !== undefined && !(kind === 'ADD' && type === 'NUMBER'))
    reader.flaw('types', `Incorrect operand type for operator or function; operator: ${kind}, operand type: ${type}`);
  return { kind, path, value };
}

/** Of all types but the sets. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  NULL: 'NULL',
  BOOL: 'BOOLEAN',
  L: 'LIST',
  M: 'MAP',
};

/** An operand, or the sum or difference of two. */
function readValue(reader: Reader): UpdateValue {
  const left = readOperand(reader);
  if (!reader.isSign('+', '-')) return left;
  const kind = reader.next().text as '+' | '-';
  reader.operator();
  const right = readOperand(reader);
  for (const operand of [left, right]) checkType(reader, kind, operand, 'N');
  return { kind, left, right };
}

function readOperand(reader: Reader): UpdateValue {
  if (reader.takeSign('(')) {
    const value = reader.nested(() => readValue(reader));
    reader.expectSign(')');
    return value;
  }
  if (reader.isCall()) return reader.nested(() => readCall(reader));
  if (reader.token.kind === ':value') return { kind: 'value', value: reader.value() };
  return { kind: 'path', path: reader.path() };
}

function readCall(reader: Reader): UpdateValue {
  const name = reader.next().text;
  reader.expectSign('(');
  const operands = [readOperand(reader)];
  while (reader.takeSign(',')) operands.push(readOperand(reader));
  reader.expectSign(')');
  reader.operator();
  const [left, right] = operands as [UpdateValue, UpdateValue];
  if (name !== 'if_not_exists' && name !== 'list_append') {
    reader.flaw('function', unknownFunction(name));
    return left;
  }
  if (operands.length !== 2) {
    reader.flaw(
      'calls',
      `Incorrect number of operands for operator or function; operator or function: ${name}, ` +
        `number of operands: ${operands.length}`,
    );
    return left;
  }
  if (name === 'list_append') {
    for (const operand of operands) checkType(reader, name, operand, 'L');
    return { kind: name, left, right };
  }
  if (left.kind === 'path') return { kind: name, path: left.path, otherwise: right };
  reader.flaw('calls', `Operator or function requires a document path; operator or function: ${name}`);
  return right;
}

const OF_CONDITIONS: readonly string[] = [
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
];

function unknownFunction(name: string): string {
  return OF_CONDITIONS.includes(name)
    ? `The function is not allowed in an update expression; function: ${name}`
    : `Invalid function name; function: ${name}`;
}

function checkType(reader: Reader, name: string, operand: UpdateValue, wanted: string): void {
  const type = literalType(operand);
  if (type !== undefined && type !== wanted)
    reader.flaw(
      'calls',
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
}

/** Only of what stands there itself: what a function gives is seen when it is evaluated. */
function literalType(operand: UpdateValue): string | undefined {
  return operand.kind === 'value' ? typeOf(operand.value) : undefined;
}
