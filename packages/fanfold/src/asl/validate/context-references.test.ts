import { expect, it } from 'vitest';
import { DEFAULT_BOUNDS } from '../jsonata/bounds.ts';
import { ENGINE } from '../jsonata/engine.ts';
import { contextReferences } from './context-references.ts';

it.each([
  ['phone', ['phone']],
  ['phone.number', ['phone']],
  ['$states.input.phone', []],
  ['$phone', []],
  ['$states.input.items[value > 3]', []],
  ['$states.input.items[value > $x].name', []],
  ['$map($states.input.a, function($x){ b })', ['b']],
  ['$sum($states.input.items.(price * quantity))', []],
  ['$states.input.items^(price)', []],
  ['$states.input.items{name: price}', []],
  ['{"a": b}', ['b']],
  ['{"a": $b}', []],
  ['$a > 1 ? b : $c', ['b']],
  ['($x := 1; $x + y)', ['y']],
  ['$states.input ~> |items|{"a": price}|', []],
  ['$$.a', ['$$']],
  ['$states.input.items[$ > 1]', []],
  ["'phone'", []],
  ['$f(a)', ['a']],
])('%s', (text, expected) => {
  expect(contextReferences(ENGINE.parse(text, DEFAULT_BOUNDS))).toEqual(expected);
});
