import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../json.ts';
import { ServiceError } from '../../../ports/service-error.ts';
import type { AttributeValue, Item } from '../../../ports/tables.ts';
import { parseCondition } from './condition-parser.ts';
import { meets } from './condition.ts';
import { readKeyCondition } from './key-condition.ts';
import { namesOf } from './names.ts';
import { project } from './path.ts';
import { parseProjection } from './projection-parser.ts';
import { parseUpdate } from './update-parser.ts';
import { applyUpdate } from './update.ts';

const ITEM: Item = {
  id: { S: 'a1' },
  n: { N: '10' },
  txt: { S: 'hello' },
  bytes: { B: 'AQID' },
  tags: { SS: ['x', 'y'] },
  nums: { NS: ['1', '2'] },
  lst: { L: [{ N: '1' }, { S: 'two' }, { M: { three: { BOOL: true } } }] },
  mp: { M: { nest: { M: { deep: { S: 'd' } } }, 'a.b': { N: '7' } } },
  nul: { NULL: true },
};

const NAMES = { '#s': 'size', '#ab': 'a.b', '#missing': 'gone' };
const VALUES: Readonly<Record<string, AttributeValue>> = {
  ':ten': { N: '10' },
  ':nine': { N: '9' },
  ':two': { N: '2' },
  ':one': { N: '1' },
  ':h': { S: 'h' },
  ':ell': { S: 'ell' },
  ':b': { B: 'AQI=' },
  ':x': { S: 'x' },
  ':S': { S: 'S' },
  ':tags': { SS: ['y', 'x'] },
  ':list': { L: [{ N: '1' }, { S: 'two' }, { M: { three: { BOOL: true } } }] },
  ':empty': { L: [] },
  ':map': { M: {} },
  ':true': { BOOL: true },
  ':nothing': { NULL: true },
  ':ns': { NS: ['2', '3'] },
};

/** Names and values that nobody has to use. */
function names(): ReturnType<typeof namesOf> {
  const request = { ConditionExpression: 'x', ExpressionAttributeNames: NAMES, ExpressionAttributeValues: VALUES };
  return namesOf(request as JsonObject, ['ConditionExpression']);
}

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    expect(error).toMatchObject({ code: 'ValidationException', status: 400 });
    return (error as ServiceError).message;
  }
  throw new Error('It was not refused.');
}

describe('a condition', () => {
  const holds = (text: string): boolean => meets(ITEM, parseCondition('ConditionExpression', text, names()));

  it.each([
    'n = :ten',
    ':ten = n',
    'n <> :nine',
    'n > :nine',
    'n >= :ten AND n <= :ten',
    'n BETWEEN :nine AND :ten',
    'n IN (:one, :ten)',
    'gone <> :one',
    'NOT gone = :one',
    'NOT gone < :one',
    'attribute_exists(mp.nest.deep)',
    'attribute_not_exists(mp.nest.deeper)',
    'attribute_not_exists(lst[3])',
    'attribute_exists(lst[2].three)',
    'attribute_not_exists(txt.x)',
    'attribute_type(txt, :S)',
    'begins_with(txt, :h)',
    'begins_with(bytes, :b)',
    'contains(txt, :ell)',
    'contains(tags, :x)',
    'contains(nums, :two)',
    'contains(lst, :one)',
    'contains(bytes, :b)',
    'size(txt) > :two',
    'size(tags) = :two',
    'size(lst) = size(bytes)',
    ':two = size(nums)',
    'tags = :tags',
    'lst = :list',
    'nul = :nothing',
    'mp.#ab > :two',
    'lst[0] = :one',
    'txt > :h',
    '(n = :nine OR n = :ten) AND NOT (n = :one)',
    'n = :nine OR n = :ten AND n > :nine',
    'NOT n = :nine and not (n = :one or n = :two)',
    '(n) = (:ten)',
    ' n\t=\n:ten ',
  ])('holds: %s', (text) => expect(holds(text)).toBe(true));

  it.each([
    'n = :nine',
    'n = :x',
    'n > :x',
    'gone = :one',
    'gone < :one',
    'size(n) > :one',
    'size(gone) >= :one',
    'contains(txt, :ten)',
    'contains(tags, :one)',
    'begins_with(gone, :h)',
    'attribute_type(gone, :S)',
    'NOT (n = :ten)',
    'NOT n = :ten AND n = :ten',
    'gone = #missing.x',
    'lst[0] = lst[1]',
    'n BETWEEN :one AND :nine',
    'n IN (:one)',
  ])('does not hold: %s', (text) => expect(holds(text)).toBe(false));

  it('compares numbers by their value, exactly', () => {
    const big = { a: { N: '12345678901234567890123456789012345678' } };
    const values = { ':v': { N: '12345678901234567890123456789012345677' } };
    const given = namesOf({ ConditionExpression: 'x', ExpressionAttributeValues: values }, ['ConditionExpression']);
    expect(meets(big, parseCondition('ConditionExpression', 'a > :v', given))).toBe(true);
  });

  const FUNCTION = 'operator or function: ';
  it.each(
    [
      ['', 'The expression can not be empty;'],
      ['   ', 'The expression can not be empty;'],
      ['n', 'Syntax error; token: "<EOF>", near: "n"'],
      ['n = ', 'Syntax error; token: "<EOF>", near: "= "'],
      ['n == :ten', 'Syntax error; token: "=", near: "== :ten"'],
      ['n = :ten AND', 'Syntax error; token: "<EOF>", near: "AND"'],
      ['n = :ten n', 'Syntax error; token: "n", near: ":ten n"'],
      ['(n = :ten', 'Syntax error; token: "<EOF>"'],
      ['n = :ten)', 'Syntax error; token: ")"'],
      ['n ! :ten', 'Syntax error; token: "!", near: "n ! :ten"'],
      ["n = 'x'", 'Syntax error; token: "\'"'],
      ['n[x] = :ten', 'Syntax error; token: "x"'],
      ['n. = :ten', 'Syntax error; token: "="'],
      ['AND = :ten', 'Syntax error; token: "AND"'],
      ['_n = :ten', 'Syntax error; token: "_n"'],
      ['n IN ()', 'Syntax error; token: ")"'],
      ['n BETWEEN :one', 'Syntax error; token: "<EOF>"'],
      ['a = b = c', 'Syntax error; token: "="'],
      ['n = 5', 'Syntax error; token: "5"'],
      ['size = :ten', 'Attribute name is a reserved keyword; reserved keyword: size'],
      ['mp.Name = :ten', 'Attribute name is a reserved keyword; reserved keyword: Name'],
      ['#nope = :ten', 'An expression attribute name used in the document path is not defined; attribute name: #nope'],
      ['n = :nope', 'An expression attribute value used in expression is not defined; attribute value: :nope'],
      ['((n = :ten))', 'The expression has redundant parentheses;'],
      ['nope(n)', 'Invalid function name; function: nope'],
      ['if_not_exists(n, :ten)', 'Invalid function name; function: if_not_exists'],
      ['size(n)', 'The function is not allowed to be used this way in an expression; function: size'],
      [
        'contains(n, :ten) = :ten',
        'The function is not allowed to be used this way in an expression; function: contains',
      ],
      ['attribute_exists(:ten)', `Operator or function requires a document path; ${FUNCTION}attribute_exists`],
      [
        'attribute_exists(n, n)',
        `Incorrect number of operands for operator or function; ${FUNCTION}attribute_exists, number of operands: 2`,
      ],
      [
        'begins_with(n, :ten)',
        `Incorrect operand type for operator or function; ${FUNCTION}begins_with, operand type: N`,
      ],
      ['size(:ten) = :ten', `Incorrect operand type for operator or function; ${FUNCTION}size, operand type: N`],
      ['attribute_type(n, :x)', 'Invalid attribute type name found; type: x, valid types: {'],
      [
        'attribute_type(n, :ten)',
        `Incorrect operand type for operator or function; ${FUNCTION}attribute_type, operand type: N`,
      ],
      [
        'n = n',
        'The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]',
      ],
      ['n < :map', 'Incorrect operand type for operator or function; operator: <, operand type: M'],
      [
        'n BETWEEN :ten AND :nine',
        'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:10}, upper bound operand: AttributeValue: {N:9}',
      ],
      ['n BETWEEN :ten AND :x', 'The BETWEEN operator requires same data type for lower and upper bounds; lower'],
      [`n IN (${Array.from({ length: 101 }, () => ':one').join(', ')})`, `${FUNCTION}IN, number of operands: 102`],
      ['x'.repeat(4097), 'Expression size has exceeded the maximum allowed size; expression size: 4097'],
      [
        Array.from({ length: 302 }, () => 'n=:one').join(' OR '),
        'The expression contains more than the maximum allowed number of operators; maximum: 300',
      ],
      ['('.repeat(2000), 'The expression has exceeded the maximum allowed nesting depth;'],
      ['NOT '.repeat(1000), 'The expression has exceeded the maximum allowed nesting depth;'],
      [`a${'.b'.repeat(32)} = :one`, 'The document path has too many nesting elements; nesting elements: 33'],
    ].map(([text = '', message = ''], i) => [i, message, text] as const),
  )('is refused: %i, %s', (_, message, text) => {
    const said = refusal(() => parseCondition('ConditionExpression', text, names()));
    expect(said).toContain('Invalid ConditionExpression: ');
    expect(said).toContain(message);
  });
});

describe('an update', () => {
  const update = (text: string, item: Item = ITEM): Item =>
    applyUpdate(item, parseUpdate('UpdateExpression', text, names()));
  const L = (...texts: readonly string[]): AttributeValue => ({ L: texts.map((text) => ({ S: text })) });
  const letters: Item = { l: L('a', 'b', 'c', 'd', 'e'), n: { N: '0.1' } };

  it.each<[string, Item, Item]>([
    ['SET a = :x', {}, { a: { S: 'x' } }],
    ['SET a = n + :two', { n: { N: '0.1' } }, { n: { N: '0.1' }, a: { N: '2.1' } }],
    ['SET n = n - :ten', { n: { N: '1' } }, { n: { N: '-9' } }],
    ['SET n = if_not_exists(n, :ten) + :one', {}, { n: { N: '11' } }],
    ['SET n = if_not_exists(n, :ten) + :one', { n: { N: '1' } }, { n: { N: '2' } }],
    ['SET l = list_append(if_not_exists(l, :empty), :empty)', {}, { l: { L: [] } }],
    ['set l = list_append(l, l)', { l: L('a') }, { l: L('a', 'a') }],
    ['SET l[1] = :x', { l: L('a', 'b') }, { l: L('a', 'x') }],
    ['SET l[9] = :x, l[5] = :h', { l: L('a') }, { l: L('a', 'h', 'x') }],
    ['SET a = b, b = a', { a: { N: '1' }, b: { N: '2' } }, { a: { N: '2' }, b: { N: '1' } }],
    ['SET m.a.b = :x', { m: { M: { a: { M: {} } } } }, { m: { M: { a: { M: { b: { S: 'x' } } } } } }],
    ['REMOVE l[1], l[2]', { l: L('a', 'b', 'c', 'd', 'e') }, { l: L('a', 'd', 'e') }],
    ['REMOVE l[9], gone', { l: L('a') }, { l: L('a') }],
    ['REMOVE l[0] SET l[1] = :x', { l: L('a', 'b', 'c') }, { l: L('x', 'c') }],
    ['ADD n :two', {}, { n: { N: '2' } }],
    ['ADD n :two', { n: { N: '-0.5' } }, { n: { N: '1.5' } }],
    ['ADD s :tags', { s: { SS: ['x', 'z'] } }, { s: { SS: ['x', 'z', 'y'] } }],
    ['ADD s :tags', {}, { s: { SS: ['y', 'x'] } }],
    ['DELETE s :tags', { s: { SS: ['x', 'z'] } }, { s: { SS: ['z'] } }],
    ['DELETE s :tags', { s: { SS: ['x', 'y'] } }, {}],
    ['DELETE s :tags', {}, {}],
    ['REMOVE a ADD n :one DELETE s :tags SET b = :x', { a: { N: '1' } }, { n: { N: '1' }, b: { S: 'x' } }],
    ['SET #s = (:ten)', {}, { size: { N: '10' } }],
  ])('%s', (text, before, after) => {
    const copy = structuredClone(before);
    expect(update(text, before)).toEqual(after);
    expect(before).toEqual(copy);
  });

  it.each([
    ['SET a = gone', 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET a.b = :x', 'The document path provided in the update expression is invalid for update'],
    ['SET n.b = :x', 'The document path provided in the update expression is invalid for update'],
    ['SET n[0] = :x', 'The document path provided in the update expression is invalid for update'],
    ['REMOVE gone.x', 'The document path provided in the update expression is invalid for update'],
    ['SET a = l + :one', 'An operand in the update expression has an incorrect data type'],
    ['SET a = list_append(n, :empty)', 'An operand in the update expression has an incorrect data type'],
    ['ADD l :one', 'An operand in the update expression has an incorrect data type'],
    ['DELETE n :tags', 'An operand in the update expression has an incorrect data type'],
  ])('cannot be done: %s', (text, message) => expect(refusal(() => update(text, letters))).toBe(message));

  it.each([
    ['', 'The expression can not be empty;'],
    ['a = :x', 'Syntax error; token: "a", near: "a ="'],
    ['SET a', 'Syntax error; token: "<EOF>"'],
    ['SET a = :x,', 'Syntax error; token: "<EOF>"'],
    ['SET a = :x, SET b = :x', 'Syntax error; token: "b"'],
    ['SET a = :one + :one + :one', 'Syntax error; token: "+"'],
    ['ADD a b', 'Syntax error; token: "b"'],
    ['SET a = :x SET b = :x', 'The "SET" section can only be used once in an update expression;'],
    [
      'SET a = :x REMOVE a',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]',
    ],
    [
      'SET a.b = :x, a = :x',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a]',
    ],
    [
      'SET a.b = :x, a[0] = :x',
      'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [0]]',
    ],
    ['SET name = :x', 'Attribute name is a reserved keyword; reserved keyword: name'],
    ['SET a = size(b)', 'The function is not allowed in an update expression; function: size'],
    ['SET a = nope(b)', 'Invalid function name; function: nope'],
    [
      'SET a = if_not_exists(:x, :x)',
      'Operator or function requires a document path; operator or function: if_not_exists',
    ],
    [
      'SET a = list_append(b)',
      'Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1',
    ],
    ['SET a = b + :x', 'Incorrect operand type for operator or function; operator or function: +, operand type: S'],
    ['ADD a :x', 'Incorrect operand type for operator or function; operator: ADD, operand type: STRING'],
    ['DELETE a :one', 'Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER'],
  ])('is refused: %s', (text, message) =>
    expect(refusal(() => parseUpdate('UpdateExpression', text, names()))).toContain(
      `Invalid UpdateExpression: ${message}`,
    ),
  );
});

describe('a projection', () => {
  const only = (text: string): Item => project(ITEM, parseProjection('ProjectionExpression', text, names()));

  it.each<[string, Item]>([
    ['n', { n: { N: '10' } }],
    ['gone, n', { n: { N: '10' } }],
    ['lst[2], lst[0]', { lst: { L: [{ N: '1' }, { M: { three: { BOOL: true } } }] } }],
    ['lst[2].three, lst[9]', { lst: { L: [{ M: { three: { BOOL: true } } }] } }],
    ['mp.nest.deep, mp.#ab', { mp: { M: { nest: { M: { deep: { S: 'd' } } }, 'a.b': { N: '7' } } } }],
    ['mp.gone', {}],
  ])('%s', (text, kept) => expect(only(text)).toEqual(kept));

  it.each([
    ['n,', 'Syntax error; token: "<EOF>"'],
    ['mp, mp.nest', 'Two document paths overlap with each other'],
    ['mp.nest, mp[0]', 'Two document paths conflict with each other'],
    ['count', 'Attribute name is a reserved keyword; reserved keyword: count'],
  ])('is refused: %s', (text, message) =>
    expect(refusal(() => only(text))).toContain(`Invalid ProjectionExpression: ${message}`),
  );
});

describe('a key condition', () => {
  const read = (text: string, type: 'S' | 'N' | 'B' = 'S') =>
    readKeyCondition(
      { table: 't', partitionKey: { name: 'id', type: 'S' }, sortKey: { name: 'sort', type } },
      text,
      names(),
    );
  const bound = (key: string, inclusive: boolean) => ({ key, inclusive });

  it.each([
    ['id = :x', {}],
    ['id = :x AND sort = :h', { low: bound('h', true), high: bound('h', true) }],
    ['sort < :h AND :x = id', { high: bound('h', false) }],
    ['id = :x AND :h < sort', { low: bound('h', false) }],
    ['id = :x AND sort BETWEEN :ell AND :h', { low: bound('ell', true), high: bound('h', true) }],
    ['(id = :x) AND begins_with(sort, :ell)', { low: bound('ell', true), high: bound('elm', false) }],
  ])('%s', (text, range) => expect(read(text)).toEqual({ partition: 'x', range }));

  it('finds all bytes with a prefix', () => {
    expect(read('id = :x AND begins_with(sort, :b)', 'B').range).toEqual({
      low: bound('0102', true),
      high: bound('0102g', false),
    });
  });

  it.each([
    ['sort = :x', 'Query condition missed key schema element: id'],
    ['id = :x AND another = :x', 'Query condition missed key schema element: sort'],
    ['id = :x AND sort = :x AND another = :x', 'Query key condition not supported'],
    ['id > :x', 'Query key condition not supported'],
    ['id = :x AND id = :h', 'KeyConditionExpressions must only contain one condition per key'],
    ['id = :x OR sort = :x', 'Invalid operator used in KeyConditionExpression: OR'],
    ['NOT id = :x', 'Invalid operator used in KeyConditionExpression: NOT'],
    ['id <> :x', 'Invalid operator used in KeyConditionExpression: <>'],
    ['id = :x AND sort IN (:x)', 'Invalid operator used in KeyConditionExpression: IN'],
    ['id = :x AND contains(sort, :x)', 'Invalid operator used in KeyConditionExpression: contains'],
    ['id = :x AND size(sort) = :one', 'Invalid operator used in KeyConditionExpression: size'],
    ['id = sort', 'Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition'],
    ['id = :one', 'Condition parameter type does not match schema type'],
    ['id = :x AND sort = :one', 'Condition parameter type does not match schema type'],
    ['id.a = :x', 'KeyConditionExpressions cannot have conditions on nested attributes'],
  ])('is refused: %s', (text, message) => expect(refusal(() => read(text))).toContain(message));
});

describe('names and values', () => {
  const ask = (request: JsonObject) => () => {
    const found = namesOf(request, ['UpdateExpression', 'ConditionExpression']);
    found.checkUse();
  };
  it.each<[JsonObject, string]>([
    [
      { ExpressionAttributeNames: { '#a': 'a' } },
      'ExpressionAttributeNames can only be specified when using expressions',
    ],
    [
      { ExpressionAttributeValues: { ':a': { S: 'a' } } },
      'ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null',
    ],
    [{ ConditionExpression: 'x', ExpressionAttributeNames: {} }, 'ExpressionAttributeNames must not be empty'],
    [{ ConditionExpression: 'x', ExpressionAttributeValues: {} }, 'ExpressionAttributeValues must not be empty'],
    [
      { ConditionExpression: 'x', ExpressionAttributeNames: { a: 'a' } },
      'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"',
    ],
    [
      { ConditionExpression: 'x', ExpressionAttributeValues: { ':a-b': { S: 'a' } } },
      'ExpressionAttributeValues contains invalid key: Syntax error; key: ":a-b"',
    ],
    [
      { ConditionExpression: 'x', ExpressionAttributeValues: { ':a': { N: 'abc' } } },
      'ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: abc for key :a',
    ],
    [
      { ConditionExpression: 'x', ExpressionAttributeNames: { '#a': 'a', '#b': 'b' } },
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}',
    ],
    [
      { ConditionExpression: 'x', ExpressionAttributeValues: { ':a': { S: 'a' } } },
      'Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}',
    ],
  ])('%j', (request, message) => expect(refusal(ask(request))).toBe(message));

  it('are data, whatever they are called', () => {
    const request = { ConditionExpression: 'x', ExpressionAttributeNames: { '#p': '__proto__' } };
    const given = namesOf(request, ['ConditionExpression']);
    const actions = parseUpdate('UpdateExpression', 'REMOVE #p', given);
    expect(Object.keys(applyUpdate({}, actions))).toEqual([]);
    expect(meets({}, parseCondition('ConditionExpression', 'attribute_exists(hasOwnProperty)', names()))).toBe(false);
  });
});
