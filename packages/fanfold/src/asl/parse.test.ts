import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { findingLines, formatFindings } from './finding.ts';
import { parseDefinition, parseDefinitionSource } from './parse.ts';
import { validateText } from './validate/validate.ts';

const WORK = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const END = { Type: 'Pass', End: true };

/** Findings as `CODE: message at location`. */
function findings(definition: unknown): string[] {
  const found = validateText(typeof definition === 'string' ? definition : JSON.stringify(definition));
  return found.map((finding) => formatFindings([{ ...finding, severity: 'ERROR' }]));
}

function one(state: JsonObject, more: JsonObject = {}): JsonObject {
  return { StartAt: 'A', States: { A: state, ...more } };
}

const task = (more: JsonObject): JsonObject => one({ Type: 'Task', Resource: WORK, End: true, ...more });
const rule = { Variable: '$.a', IsNull: true, Next: 'B' };

describe('accepts', () => {
  const inner = { StartAt: 'I', States: { I: END } };
  const cases: readonly (readonly [string, JsonObject])[] = [
    ['the smallest machine', one(END)],
    [
      'every field of a machine',
      { Comment: 'c', Version: '1.0', QueryLanguage: 'JSONPath', TimeoutSeconds: 1, ...one(END) },
    ],
    [
      'every field of a Pass',
      one({ ...END, Comment: '', InputPath: null, OutputPath: '$', ResultPath: '$.x', Parameters: {}, Result: null }),
    ],
    [
      'every field of a retrier and a catcher',
      one(
        {
          Type: 'Task',
          Resource: WORK,
          TimeoutSeconds: 9,
          HeartbeatSeconds: 8,
          ResultSelector: {},
          Retry: [
            {
              ErrorEquals: ['A'],
              IntervalSeconds: 1,
              MaxAttempts: 0,
              BackoffRate: 1,
              MaxDelaySeconds: 2,
              JitterStrategy: 'FULL',
            },
            { ErrorEquals: ['States.ALL'] },
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B', ResultPath: null }],
          End: true,
        },
        { B: END },
      ),
    ],
    ['a Succeed that ends it', one({ Type: 'Succeed' })],
    ['a Fail that ends it', one({ Type: 'Fail', ErrorPath: '$.e', CausePath: "States.Format('x')" })],
    ['a loop with a way out', one({ Type: 'Choice', Choices: [{ ...rule, Next: 'A' }], Default: 'B' }, { B: END })],
    [
      'names of members of every object',
      { StartAt: 'toString', States: { toString: { Type: 'Pass', Next: 'constructor' }, constructor: END } },
    ],
    ['a Map', one({ Type: 'Map', ItemProcessor: { ...inner, ProcessorConfig: { Mode: 'INLINE' } }, End: true })],
    ['the older names of a Map', one({ Type: 'Map', Iterator: inner, Parameters: {}, End: true })],
  ];
  it.each(cases)('%s', (_, definition) => {
    expect(findings(definition)).toEqual([]);
  });
});

describe('refuses', () => {
  const cases: readonly (readonly [string, unknown, readonly string[]])[] = [
    ['what is no object', [], ['SCHEMA_VALIDATION_FAILED: Expected value of type [OBJECT] at /']],
    ['null', null, ['SCHEMA_VALIDATION_FAILED: Expected value of type [OBJECT] at /']],
    ['nothing at all', {}, ['SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /']],
    ['no states', { StartAt: 'A', States: {} }, ['SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States']],
    [
      'a StartAt that leads nowhere',
      { StartAt: 'B', States: { A: END } },
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /StartAt",
        'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
      ],
    ],
    [
      'a StartAt that every object has',
      { StartAt: 'toString', States: { A: END } },
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: toString at /StartAt",
        'MISSING_TRANSITION_TARGET: State "A" is not reachable. at /States/A',
      ],
    ],
    [
      'a StartAt of the wrong type',
      { StartAt: 1, States: { A: END } },
      ['SCHEMA_VALIDATION_FAILED: Expected value of type [STRING] at /StartAt'],
    ],
    [
      'a Next that leads nowhere',
      one({ Type: 'Pass', Next: 'B' }),
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
        'MISSING_END_STATE: Workflow has no terminal state at null',
      ],
    ],
    [
      'a Default that leads nowhere',
      one({ Type: 'Choice', Choices: [rule], Default: 'C' }, { B: END }),
      ["MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Default"],
    ],
    [
      'a rule that leads nowhere',
      one({ Type: 'Choice', Choices: [rule, { ...rule, Next: 'C' }] }, { B: END }),
      ["MISSING_TRANSITION_TARGET: Missing 'Next' target: C at /States/A/Choices[1]/Next"],
    ],
    [
      'a catcher that leads nowhere',
      task({ Catch: [{ ErrorEquals: ['X'], Next: 'Z' }] }),
      ["MISSING_TRANSITION_TARGET: Missing 'Next' target: Z at /States/A/Catch[0]/Next"],
    ],
    [
      'a state that cannot be reached',
      one(END, { B: END }),
      ['MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B'],
    ],
    [
      'a machine without an end',
      one({ Type: 'Pass', Next: 'B' }, { B: { Type: 'Pass', Next: 'A' } }),
      ['MISSING_END_STATE: Workflow has no terminal state at null'],
    ],
    [
      'a state without a way on',
      one({ Type: 'Pass' }, {}),
      ['SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: [Next, End] at /States/A'],
    ],
    [
      'an unknown field of the machine',
      { ...one(END), Foo: 1 },
      ["SCHEMA_VALIDATION_FAILED: Field 'Foo' is not supported at /Foo"],
    ],
    [
      'an unknown field of a state',
      one({ ...END, Seconds: 1 }),
      ["SCHEMA_VALIDATION_FAILED: Field 'Seconds' is not supported at /States/A/Seconds"],
    ],
    [
      'a field that every object has',
      one(JSON.parse('{"Type":"Pass","End":true,"toString":1,"__proto__":2}') as JsonObject),
      [
        "SCHEMA_VALIDATION_FAILED: Field 'toString' is not supported at /States/A/toString",
        "SCHEMA_VALIDATION_FAILED: Field '__proto__' is not supported at /States/A/__proto__",
      ],
    ],
    [
      'an unknown type',
      one({ Type: 'Nap', End: true }),
      [
        'SCHEMA_VALIDATION_FAILED: Value should be one of the following: [Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map] at /States/A/Type',
      ],
    ],
    [
      'a type that every object has',
      one({ Type: 'constructor', End: true }),
      [
        'SCHEMA_VALIDATION_FAILED: Value should be one of the following: [Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map] at /States/A/Type',
      ],
    ],
    [
      'a state that is no object',
      { StartAt: 'A', States: { A: 'Pass', B: END } },
      [
        'SCHEMA_VALIDATION_FAILED: Expected value of type [OBJECT] at /States/A',
        'MISSING_TRANSITION_TARGET: State "B" is not reachable. at /States/B',
      ],
    ],
    [
      'a field of the wrong type',
      one({ ...END, InputPath: 5 }),
      ['SCHEMA_VALIDATION_FAILED: Expected value of type [STRING] at /States/A/InputPath'],
    ],
    [
      'seconds that are no whole number',
      one({ Type: 'Wait', Seconds: 1.5, End: true }),
      ['SCHEMA_VALIDATION_FAILED: Expected value of type Integer at /States/A/Seconds'],
    ],
    [
      'Next beside End',
      one({ Type: 'Pass', Next: 'B', End: true }, { B: END }),
      ['SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [Next, End] at /States/A'],
    ],
    [
      'two times to wait for',
      one({ Type: 'Wait', Seconds: 1, TimestampPath: '$.t', End: true }),
      [
        'SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A',
      ],
    ],
    [
      'no time to wait for',
      one({ Type: 'Wait', End: true }),
      [
        'SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: [SecondsPath, Seconds, TimestampPath, Timestamp] at /States/A',
      ],
    ],
    [
      'Error beside ErrorPath',
      one({ Type: 'Fail', Error: 'x', ErrorPath: '$.x' }),
      ['SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [Error, ErrorPath] at /States/A'],
    ],
    [
      'a Task without a resource',
      one({ Type: 'Task', End: true }),
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [Resource] at /States/A'],
    ],
    [
      'a heartbeat as long as the timeout',
      task({ TimeoutSeconds: 10, HeartbeatSeconds: 10 }),
      ['SCHEMA_VALIDATION_FAILED: HeartbeatSeconds must be less than TimeoutSeconds at /States/A'],
    ],
    [
      'a rule without Next',
      one({ Type: 'Choice', Choices: [{ Variable: '$', IsNull: true }], Default: 'B' }, { B: END }),
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/A/Choices[0]'],
    ],
    [
      'no rules',
      one({ Type: 'Choice', Choices: [], Default: 'B' }, { B: END }),
      ['SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/A/Choices'],
    ],
    [
      'a retrier without errors',
      task({ Retry: [{ ErrorEquals: [] }] }),
      ['SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/A/Retry[0]/ErrorEquals'],
    ],
    [
      'a retrier that is no object',
      task({ Retry: ['X'] }),
      ['SCHEMA_VALIDATION_FAILED: Expected value of type [OBJECT] at /States/A/Retry[0]'],
    ],
    [
      'a backoff below 1',
      task({ Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }] }),
      ['SCHEMA_VALIDATION_FAILED: Minimum value is 1 at /States/A/Retry[0]/BackoffRate'],
    ],
    [
      'an interval above its bound',
      task({ Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 5, MaxDelaySeconds: 5 }] }),
      [
        'SCHEMA_VALIDATION_FAILED: MaxDelaySeconds must be greater than IntervalSeconds at /States/A/Retry[0]/MaxDelaySeconds',
      ],
    ],
    [
      'States.ALL before others',
      task({ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['X'] }] }),
      ['SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and at end of list at /States/A/Retry[0]'],
    ],
    [
      'States.ALL among others',
      one(
        { Type: 'Task', Resource: WORK, End: true, Catch: [{ ErrorEquals: ['X', 'States.ALL'], Next: 'B' }] },
        { B: END },
      ),
      ['SCHEMA_VALIDATION_FAILED: States.ALL must appear alone and at end of list at /States/A/Catch[0]/ErrorEquals'],
    ],
    [
      'a catcher without Next',
      task({ Catch: [{ ErrorEquals: ['X'] }] }),
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [Next] at /States/A/Catch[0]'],
    ],
    [
      'no branches',
      one({ Type: 'Parallel', Branches: [], End: true }),
      ['SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/A/Branches'],
    ],
    [
      'a branch that is not complete',
      one({ Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: END } }, { StartAt: 'C' }], End: true }),
      ['SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /States/A/Branches[1]'],
    ],
    [
      'a way out of a branch',
      one(
        {
          Type: 'Parallel',
          Branches: [{ StartAt: 'X', States: { X: { Type: 'Pass', Next: 'B' }, Y: END } }],
          Next: 'B',
        },
        { B: END },
      ),
      [
        "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Branches[0]/States/X/Next",
        'MISSING_TRANSITION_TARGET: State "Y" is not reachable. at /States/A/Branches[0]/States/Y',
      ],
    ],
    [
      'a name used twice',
      one({
        Type: 'Parallel',
        Branches: [
          { StartAt: 'B', States: { B: END } },
          { StartAt: 'B', States: { B: END } },
        ],
        End: true,
      }),
      ['DUPLICATE_STATE_NAME: Duplicate State name: B at /States/A/Branches[1]/States/B'],
    ],
    [
      'a Map without a processor',
      one({ Type: 'Map', End: true }),
      [
        'SCHEMA_VALIDATION_FAILED: This object should have only one of the following fields: [ItemProcessor, Iterator] at /States/A',
      ],
    ],
    [
      'a Map with two processors',
      one({
        Type: 'Map',
        ItemProcessor: { StartAt: 'B', States: { B: END } },
        Iterator: { StartAt: 'C', States: { C: END } },
        End: true,
      }),
      [
        'SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [ItemProcessor, Iterator] at /States/A',
      ],
    ],
    [
      'two limits of concurrency',
      one({
        Type: 'Map',
        MaxConcurrency: 1,
        MaxConcurrencyPath: '$.m',
        ItemProcessor: { StartAt: 'B', States: { B: END } },
        End: true,
      }),
      [
        'SCHEMA_VALIDATION_FAILED: There should only be one of the following fields: [MaxConcurrency, MaxConcurrencyPath] at /States/A',
      ],
    ],
    [
      'a name of 81 characters',
      { StartAt: 'x'.repeat(81), States: { ['x'.repeat(81)]: END } },
      [
        `INVALID_STATE_NAME: The state name '${'x'.repeat(81)}' exceeds the 80-character limit allowed by the service at /States/${'x'.repeat(81)}`,
      ],
    ],
  ];
  it.each(cases)('%s', (_, definition, expected) => {
    expect(findings(definition)).toEqual(expected);
  });
});

describe('refuses text that is not JSON', () => {
  it.each(['', 'not a definition', '{"StartAt": "A",}', '{} {}', '// comment\n{}'])('%j', (text) => {
    const parsed = parseDefinition(text);
    expect(parsed).toMatchObject({ ok: false, error: [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION' }] });
  });
});

describe('refuses what is nested too deeply, at once', () => {
  const nested = (depth: number): string => {
    let text = '{"StartAt":"N","States":{"N":{"Type":"Succeed"}}}';
    for (let i = 0; i < depth; i++)
      text = `{"StartAt":"N${i}","States":{"N${i}":{"Type":"Parallel","End":true,"Branches":[${text}]}}}`;
    return text;
  };
  it('takes 32 states in one another', () => {
    expect(findings(nested(32))).toEqual([]);
  });
  it.each([33, 40, 20_000])('refuses %i', (depth) => {
    const parsed = parseDefinition(nested(depth));
    expect(parsed).toMatchObject({ ok: false, error: [{ code: 'TOO_DEEPLY_NESTED' }] });
  });
  it('refuses deep data and deep rules', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const data = `{"StartAt":"A","States":{"A":{"Type":"Pass","Result":${deep},"End":true}}}`;
    expect(findings(data)).toEqual([expect.stringMatching(/^TOO_DEEPLY_NESTED: .* more than 1000 levels deep/)]);
  });
  it('takes deep data within the bound', () => {
    const deep = `${'['.repeat(900)}"{% 1 %}"${']'.repeat(900)}`;
    const field = (name: string, language: string): string =>
      `{"QueryLanguage":"${language}","StartAt":"A","States":{"A":{"Type":"Pass","${name}":${deep},"End":true}}}`;
    expect(findings(field('Parameters', 'JSONPath'))).toEqual([]);
    expect(findings(field('Output', 'JSONata'))).toEqual([]);
  });
});

it('gives all findings at once, in the order of the text', () => {
  const definition = {
    StartAt: 'A',
    Foo: 1,
    States: { A: { Type: 'Pass', Next: 'Z', Bar: 1 }, B: { Type: 'Wait', End: true } },
  };
  const places = validateText(JSON.stringify(definition, null, 1)).map(({ location, line }) => [location, line]);
  expect(places).toEqual([
    ['/Foo', 3],
    ['/States/A/Next', 7],
    ['/States/A/Bar', 8],
    ['/States/B', 10],
    ['/States/B', 10],
  ]);
});

it('is not failed by warnings', () => {
  expect(parseDefinition(JSON.stringify(one({ ...END, Result: '$.a' })))).toMatchObject({ ok: true });
});

it('refuses for EXPRESS what only STANDARD machines can do', () => {
  const text = JSON.stringify(one({ Type: 'Task', Resource: 'arn:aws:states:us-east-1:1:activity:x', End: true }));
  expect(parseDefinition(text)).toMatchObject({ ok: true });
  expect(parseDefinition(text, { type: 'EXPRESS' })).toMatchObject({ ok: false });
});

it('reads YAML and JSON with comments', async () => {
  const yaml = 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n';
  expect(await parseDefinitionSource(yaml, 'yaml')).toEqual({ ok: true, value: one(END) });
  expect(await parseDefinitionSource(`// mine\n${JSON.stringify(one(END))}`, 'jsonc')).toMatchObject({ ok: true });
  expect(await parseDefinitionSource(yaml.replace('End: true', 'Next: B'), 'yaml')).toMatchObject({
    ok: false,
    error: [
      { code: 'MISSING_TRANSITION_TARGET', location: '/States/A/Next', line: 5, column: 5 },
      { code: 'MISSING_END_STATE' },
    ],
  });
});

it('shows a text that cannot be read by its place, and does not quote it', () => {
  expect([...findingLines('m.json', validateText('{"a": 1,\n "b": tru}'))]).toEqual([
    "m.json:2:7: ERROR INVALID_JSON_DESCRIPTION: Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
  ]);
  expect([...findingLines('m.json', validateText('{"a": [1'))]).toEqual([
    'm.json:1:9: ERROR INVALID_JSON_DESCRIPTION: Unexpected end-of-input: expected close marker for Array',
  ]);
});

it('shows a name that would steer a terminal or forge a line, and does not obey it', () => {
  const json = { StartAt: 'A', States: { A: END, 'x\u001b[2J\ny: OK\u202e': END } };
  expect([...findingLines('m.json', validateText(JSON.stringify(json)))]).toEqual([
    String.raw`m.json:1:57: ERROR MISSING_TRANSITION_TARGET: State "x\u{1b}[2J\ny: OK\u{202e}" is not reachable. at /States/x\u{1b}[2J\ny: OK\u{202e}`,
  ]);
});
