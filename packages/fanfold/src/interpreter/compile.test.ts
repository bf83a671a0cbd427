import { describe, expect, it } from 'vitest';
import type { Definition } from '../asl/definition.ts';
import { machineOf } from '../testing/simulate.fixture.ts';
import { compileMachine } from './compile.ts';

const WORK = 'arn:aws:lambda:us-east-1:000000000000:function:work';

/** What compiling alone says: reading a definition finds most of it before. */
function findings(state: object): string[] {
  const ends = !['Choice', 'Fail', 'Succeed'].includes((state as { Type: string }).Type);
  const more = JSON.stringify(state).includes('"Next":"B"') ? { B: { Type: 'Succeed' } } : {};
  const states = { A: ends ? { ...state, End: true } : state, ...more };
  const compiled = compileMachine({ StartAt: 'A', States: states } as unknown as Definition);
  return compiled.ok ? [] : compiled.error.map(({ code, message, location }) => `${code}: ${message} at ${location}`);
}

describe('finds what only compiling shows', () => {
  const choice = (rule: object): object => ({ Type: 'Choice', Choices: [{ Next: 'B', ...rule }] });
  const map = (more: object): object => ({
    Type: 'Map',
    ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Succeed' } } },
    ...more,
  });
  const cases: readonly (readonly [object, string, string])[] = [
    [{ Type: 'Pass', InputPath: '$.' }, 'a property name is missing', '/States/A/InputPath'],
    [{ Type: 'Succeed', OutputPath: '$[' }, 'an index', '/States/A/OutputPath'],
    [{ Type: 'Pass', ResultPath: '$.a[*]' }, "The ResultPath '$.a[*]' is not a reference path", '/States/A/ResultPath'],
    [{ Type: 'Pass', ResultPath: '$$.a' }, "The ResultPath '$$.a' is not a reference path", '/States/A/ResultPath'],
    [
      { Type: 'Pass', Parameters: { deep: { 'x.$': 'nope' } } },
      "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call",
      '/States/A/Parameters',
    ],
    [{ Type: 'Task', Resource: 'work' }, "The resource 'work' is not the ARN", '/States/A/Resource'],
    [
      { Type: 'Task', Resource: WORK, ResultSelector: { 'x.$': 1 } },
      "The value for the field 'x.$'",
      '/States/A/ResultSelector',
    ],
    [{ Type: 'Task', Resource: WORK, TimeoutSecondsPath: '$.a b' }, 'unexpected', '/States/A/TimeoutSecondsPath'],
    [
      { Type: 'Task', Resource: WORK, Catch: [{ ErrorEquals: ['X'], Next: 'B', ResultPath: '$..a' }] },
      "The ResultPath '$..a' is not a reference path",
      '/States/A/Catch[0]/ResultPath',
    ],
    [choice({ Variable: '$.a', Nope: 1 }), 'there is no comparison Nope', '/States/A/Choices[0]/Nope'],
    [choice({ And: [{ Variable: '$.', IsNull: true }] }), 'a property name', '/States/A/Choices[0]/And[0]/Variable'],
    [{ Type: 'Wait', Timestamp: 'soon' }, 'String does not match RFC3339 timestamp', '/States/A/Timestamp'],
    [{ Type: 'Wait', SecondsPath: '$.' }, 'a property name is missing', '/States/A/SecondsPath'],
    [{ Type: 'Wait', TimestampPath: '$.' }, 'a property name is missing', '/States/A/TimestampPath'],
    [{ Type: 'Fail', CausePath: 'States.Nope()' }, 'there is no intrinsic function', '/States/A/CausePath'],
    [map({ ItemsPath: '$.' }), 'a property name is missing', '/States/A/ItemsPath'],
    [map({ ItemSelector: { 'x.$': '$.' } }), "The value for the field 'x.$'", '/States/A/ItemSelector'],
    [map({ Parameters: { 'x.$': '$.' } }), "The value for the field 'x.$'", '/States/A/Parameters'],
    [map({ MaxConcurrencyPath: '$.' }), 'a property name is missing', '/States/A/MaxConcurrencyPath'],
    [
      {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'X', States: { X: { Type: 'Succeed' } } },
          { StartAt: 'Y', States: { Y: { Type: 'Succeed', InputPath: '$.' } } },
        ],
      },
      'a property name is missing',
      '/States/A/Branches[1]/States/Y/InputPath',
    ],
    [
      map({ ItemProcessor: { StartAt: 'I', States: { I: { Type: 'Succeed', InputPath: '$.' } } } }),
      'a property name is missing',
      '/States/A/ItemProcessor/States/I/InputPath',
    ],
  ];
  it.each(cases)('%j', (state, message, location) => {
    const found = findings(state);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`SCHEMA_VALIDATION_FAILED: ${message}`);
    expect(found[0]?.endsWith(` at ${location}`)).toBe(true);
  });
});

it('gives all findings at once', () => {
  expect(findings({ Type: 'Pass', InputPath: '$.', OutputPath: '$[', ResultPath: '$.*' })).toHaveLength(3);
});

it('numbers the blocks and keeps the resources of all Task states', () => {
  const task = (name: string): object => ({
    StartAt: name,
    States: { [name]: { Type: 'Task', Resource: WORK, End: true } },
  });
  const machine = machineOf({
    StartAt: 'Both',
    TimeoutSeconds: 60,
    States: { Both: { Type: 'Parallel', Branches: [task('X'), task('Y')], End: true } },
  });
  expect(machine.blocks.map((block) => block.startAt)).toEqual(['Both', 'X', 'Y']);
  expect([...machine.resources.keys()]).toEqual(['X', 'Y']);
  expect(machine.timeoutSeconds).toBe(60);
});
