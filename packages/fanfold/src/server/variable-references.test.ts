import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { variableReferences } from './variable-references.ts';

const END = { End: true };
const of = (state: Json, more: object = {}): Json =>
  variableReferences(JSON.stringify({ StartAt: 'S', States: { S: state }, ...more }))['S'] ?? null;

describe('what a state reads', () => {
  it.each<[string, Json, Json]>([
    ['a path', { Type: 'Pass', InputPath: '$in.a', OutputPath: '$out', ...END }, ['in', 'out']],
    ['a template', { Type: 'Pass', Parameters: { 'a.$': '$x', b: [{ 'c.$': '$y[0]' }], d: '$z' }, ...END }, ['x', 'y']],
    [
      'a call',
      { Type: 'Pass', Parameters: { 'a.$': "States.Format('$no {}', $yes, $$.State.Name, $.x)" }, ...END },
      ['yes'],
    ],
    ['an assignment', { Type: 'Pass', Assign: { 'a.$': '$a', b: '$b' }, ...END }, ['a']],
    ['no result', { Type: 'Pass', Result: { 'a.$': '$a' }, ResultPath: '$.b', Comment: '$c', ...END }, null],
    [
      'rules of a choice',
      {
        Type: 'Choice',
        Choices: [
          { And: [{ Variable: '$a', StringEqualsPath: '$b' }, { Not: { Variable: '$.x', IsNull: true } }], Next: 'S' },
          { Variable: '$c', IsNull: true, Next: 'S', Assign: { 'd.$': '$d' } },
        ],
      },
      ['a', 'b', 'c', 'd'],
    ],
    [
      'fields of a task',
      {
        Type: 'Task',
        Resource: 'arn:$no',
        TimeoutSecondsPath: '$t',
        Credentials: { 'RoleArn.$': '$r' },
        Catch: [{ ErrorEquals: ['$no'], Next: 'S', Assign: { 'e.$': '$e' }, ResultPath: '$.no' }],
        ...END,
      },
      ['e', 'r', 't'],
    ],
    ['a variable once', { Type: 'Wait', SecondsPath: '$w', Assign: { 'a.$': '$w' }, ...END }, ['w']],
  ])('JSONPath: %s', (_, state, names) => {
    expect(of(state)).toEqual(names);
  });

  it.each<[string, Json]>([
    ['{% $a + $b.c %}', ['a', 'b']],
    ['{% $states.input.x & $states.context %}', null],
    ['{% $sum($a) + $map($b, $string) %}', ['a', 'b']],
    ['{% ($x := $y; $x * 2) %}', ['y']],
    ['{% $reduce($a, function($i, $j) { $i + $j + $k }) %}', ['a', 'k']],
    ['{% \'$no\' & "$no" & `$no` /* $no */ & $yes %}', ['yes']],
    ['$no', null],
  ])('JSONata: %s', (Output, names) => {
    expect(of({ Type: 'Pass', Output, ...END }, { QueryLanguage: 'JSONata' })).toEqual(names);
    expect(of({ Type: 'Pass', Output: { deep: [Output] }, ...END, QueryLanguage: 'JSONata' })).toEqual(names);
  });

  it('is told for states inside of others, each by its own name', () => {
    const inner = (name: string): Json => ({
      StartAt: name,
      States: { [name]: { Type: 'Pass', Parameters: { 'a.$': `$${name}` }, End: true } },
    });
    const definition = {
      StartAt: 'P',
      States: {
        P: { Type: 'Parallel', Branches: [inner('x'), inner('y')], Next: 'M' },
        M: { Type: 'Map', ItemsPath: '$m', ItemProcessor: inner('__proto__'), End: true },
      },
    };
    const found = variableReferences(JSON.stringify(definition));
    expect(Object.entries(found)).toEqual([
      ['x', ['x']],
      ['y', ['y']],
      ['M', ['m']],
      ['__proto__', ['__proto__']],
    ]);
  });
});
