import { describe, expect, it } from 'vitest';
import { ProjectError } from './project-error.ts';
import { substitute } from './substitute.ts';

describe('definition substitutions', () => {
  it('replaces ${Name} and <NAME>, each as often as it stands there', () => {
    const text = '{"a": "${Fn}", "b": "<TABLE_NAME>", "c": "${Fn}/${Fn}", "d": ${Size}, "e": ${On}}';
    const values = { Fn: 'arn:f', TABLE_NAME: 'orders', Size: 5, On: false };
    expect(JSON.parse(substitute(text, values, 'm.asl.json'))).toEqual({
      a: 'arn:f',
      b: 'orders',
      c: 'arn:f/arn:f',
      d: 5,
      e: false,
    });
  });

  it.each(['say "hi"', 'C:\\temp', 'two\nlines', '\u0000', '$& $1 $$', '${Other}', 'ü 日本 😀'])(
    'keeps %j what it is inside the JSON text, and replaces nothing in it',
    (value) => {
      expect(JSON.parse(substitute('{"a": "<VALUE>"}', { VALUE: value, Other: 'no' }, 'f'))).toEqual({ a: value });
    },
  );

  it.each(['{"a": "$.b", "c": "$$.Execution.Id"}', '"${1}"', '"<a>"', '"< B >"', '"a < b > c"', '"<A>"', '"${}"'])(
    'leaves %s alone',
    (text) => {
      expect(substitute(text, {}, 'f')).toBe(text);
    },
  );

  it('lists every name without a value, once, with the file and the next move', () => {
    const work = () => substitute('${A} ${Known} <B-C> ${A} ${constructor}', { Known: 1 }, 'm.asl.json');
    expect(work).toThrow(ProjectError);
    expect(work).toThrow(
      'm.asl.json needs values for ${A}, <B-C>, ${constructor}. Add them to definitionSubstitutions in the project file.',
    );
  });
});
