/** Expressions made at random, over the data of language.fixture.ts. */
import * as fc from 'fast-check';

const NAMES = [
  'shop',
  'orders',
  'lines',
  'sku',
  'price',
  'quantity',
  'tags',
  'numbers',
  'words',
  'people',
  'id',
  'name',
];
const MORE_NAMES = ['missing', 'empty', 'none', 'single', 'x', 'matrix', 'text', 'nothing', 'note', 'dimensions', 'w'];

const leaf = fc.oneof(
  fc.constantFrom('$states.input', '$list', '$record', '$n', '$s', '$nil', '$v', '$'),
  fc.constantFrom('1', '0', '-2.5', '"a"', '"hat"', 'true', 'null', '[]', '{}', '[1, 2, 3]', '"The quick fox"'),
);

const name = fc.constantFrom(...NAMES, ...MORE_NAMES, '*', '**');

const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const inner = tie('expression');
  return {
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.tuple(inner, name).map(([left, step]) => `${left}.${step}`),
      fc.tuple(name, name, name).map(([a, b, c]) => `$states.input.${a}.${b}.${c}`),
      fc.tuple(inner, inner).map(([left, condition]) => `${left}[${condition}]`),
      fc.tuple(name, inner).map(([step, condition]) => `$states.input.${step}[${condition}]`),
      fc
        .tuple(inner, fc.constantFrom('+', '-', '*', '=', '!=', '<', '>=', '&', 'and', 'or', 'in'), inner)
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc.tuple(inner, inner, inner).map(([condition, then, other]) => `(${condition} ? ${then} : ${other})`),
      fc.tuple(inner, inner).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(fc.constantFrom('"k"', 'sku', '$string($)'), inner).map(([key, value]) => `{${key}: ${value}}`),
      fc.tuple(inner, fc.constantFrom('sku', 'name', '$string($)'), inner).map(([of, key, v]) => `${of}{${key}: ${v}}`),
      fc.tuple(inner, fc.constantFrom('', '<', '>'), name).map(([of, order, key]) => `${of}^(${order}${key})`),
      fc.tuple(inner, inner).map(([value, body]) => `($v := ${value}; ${body})`),
      fc.tuple(inner, inner).map(([items, body]) => `$map(${items}, function($v, $i) { ${body} })`),
      fc.tuple(inner, inner).map(([items, body]) => `$filter(${items}, function($v) { ${body} })`),
      fc.tuple(inner, inner).map(([items, body]) => `$reduce(${items}, function($a, $v) { [$a, ${body}] })`),
      fc.tuple(inner, inner).map(([value, body]) => `(function($v) { ${body} })(${value})`),
      fc
        .tuple(
          fc.constantFrom('count', 'sum', 'string', 'exists', 'keys', 'spread', 'type', 'boolean', 'not', 'distinct'),
          inner,
        )
        .map(([f, argument]) => `$${f}(${argument})`),
      fc
        .tuple(fc.constantFrom('reverse', 'sort', 'merge', 'uppercase', 'length', 'max', 'zip', 'trim'), inner)
        .map(([f, argument]) => `(${argument} ~> $${f}())`),
      fc.tuple(inner, inner).map(([a, b]) => `$append(${a}, ${b})`),
      fc.tuple(inner, name, inner).map(([of, step, update]) => `(${of} ~> |${step}|${update}|)`),
      fc.tuple(inner, name, name).map(([of, a, b]) => `${of}.${a}@$v.${b}#$i.[$v, $i]`),
      fc.tuple(inner, name).map(([of, step]) => `${of}.${step}.%`),
      inner.map((of) => `${of}[]`),
      fc.tuple(inner, inner).map(([a, b]) => `[${a}..${b}]`),
      fc.constantFrom('/a(b)?/', '/[a-f]+/i', '/\\w+\\s/').map((pattern) => `$match($states.input.text, ${pattern})`),
    ),
  };
});

export const anyExpression: fc.Arbitrary<string> = expression;
