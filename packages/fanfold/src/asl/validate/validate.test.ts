import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../json.ts';
import { threadTime } from '../../testing/thread-time.fixture.ts';
import type { MachineType } from './context.ts';
import { validateText } from './validate.ts';

const WORK = 'arn:aws:lambda:us-east-1:000000000000:function:work';
const END = { Type: 'Pass', End: true };
const BLOCK = { StartAt: 'I', States: { I: END } };
const DISTRIBUTED = { ...BLOCK, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };

function one(state: JsonObject, more: JsonObject = {}): JsonObject {
  return { StartAt: 'A', States: { A: state }, ...more };
}

const pass = (more: JsonObject): JsonObject => one({ ...END, ...more });
const task = (more: JsonObject): JsonObject => one({ Type: 'Task', Resource: WORK, End: true, ...more });
const map = (more: JsonObject): JsonObject => one({ Type: 'Map', ItemProcessor: BLOCK, End: true, ...more });
const far = (more: JsonObject): JsonObject => map({ ItemProcessor: DISTRIBUTED, ...more });
const choice = (rule: JsonObject): JsonObject => ({
  StartAt: 'A',
  States: { A: { Type: 'Choice', Choices: [{ Next: 'B', ...rule }], Default: 'B' }, B: END },
});
const jsonata = (machine: JsonObject): JsonObject => ({ ...machine, QueryLanguage: 'JSONata' });

/** `code: message at location` of every error; the code is left out where it is the usual one. */
function errors(machine: Json, type: MachineType = 'STANDARD'): string[] {
  return validateText(JSON.stringify(machine), { type })
    .filter((finding) => finding.severity === 'ERROR')
    .map(
      ({ code, message, location }) =>
        `${code === 'SCHEMA_VALIDATION_FAILED' ? '' : `${code}: `}${message} at ${location}`,
    );
}

function warnings(machine: Json): string[] {
  return validateText(JSON.stringify(machine)).map(({ code, location }) => `${code} at ${location}`);
}

type Case = readonly [what: string, machine: Json, expected: readonly string[]];

function table(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    it.each(cases)('%s', (_, machine, expected) => {
      expect(errors(machine)).toEqual(expected);
    });
  });
}

const onlyFor = (here: string, field: string): string =>
  `The QueryLanguage is set to '${here}', but field '${field}' is only supported for the '${here === 'JSONata' ? 'JSONPath' : 'JSONata'}' QueryLanguage`;
const DOWNGRADE = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";

table('query languages', [
  ['JSONata in a state', pass({ QueryLanguage: 'JSONata', Output: '{% 1 %}' }), []],
  [
    'JSONPath in a state of a JSONata machine',
    jsonata(pass({ QueryLanguage: 'JSONPath', Output: 1 })),
    [`${DOWNGRADE} at /States/A`],
  ],
  [
    'fields of JSONata in JSONPath',
    task({ Output: 1, Arguments: {} }),
    [
      `${onlyFor('JSONPath', 'Output')} at /States/A/Output`,
      `${onlyFor('JSONPath', 'Arguments')} at /States/A/Arguments`,
    ],
  ],
  [
    'fields of JSONPath in JSONata',
    jsonata(pass({ InputPath: '$', Parameters: {}, Result: 1 })),
    ['InputPath', 'Parameters', 'Result'].map((field) => `${onlyFor('JSONata', field)} at /States/A/${field}`),
  ],
  [
    'a Map whose language does not reach its processor',
    map({
      QueryLanguage: 'JSONata',
      Items: [1],
      ItemProcessor: { StartAt: 'I', States: { I: { ...END, Output: 1 } } },
    }),
    [`${onlyFor('JSONPath', 'Output')} at /States/A/ItemProcessor/States/I/Output`],
  ],
  [
    'a language for a branch',
    one({ Type: 'Parallel', Branches: [{ ...BLOCK, QueryLanguage: 'JSONata' }], End: true }),
    ["Field 'QueryLanguage' is not supported at /States/A/Branches[0]/QueryLanguage"],
  ],
  [
    'no language that there is, taken for JSONata',
    pass({ QueryLanguage: 'jsonata', Output: 1 }),
    ['Value should be one of the following: [JSONPath, JSONata] at /States/A/QueryLanguage'],
  ],
  ['no text', { QueryLanguage: 5, ...one(END) }, ['Expected value of type [STRING] at /QueryLanguage']],
  ['Assign in both', pass({ Assign: { a: 1 } }), []],
  ['Assign in both', jsonata(pass({ Assign: { a: '{% 1 %}' } })), []],
]);

describe('accepts in JSONata', () => {
  const cases: readonly (readonly [string, JsonObject])[] = [
    [
      'every field of a Task',
      task({
        Arguments: { a: '{% $states.input %}' },
        Output: [1],
        Assign: { x: 1 },
        TimeoutSeconds: '{% 9 %}',
        HeartbeatSeconds: '{% 8 %}',
        Credentials: { RoleArn: '{% $role %}' },
      }),
    ],
    [
      'a catcher',
      {
        StartAt: 'A',
        States: {
          A: {
            Type: 'Task',
            Resource: WORK,
            Next: 'B',
            Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Assign: { e: 1 }, Next: 'B' }],
          },
          B: END,
        },
      },
    ],
    ['Arguments as one expression', task({ Arguments: '{% $states.input %}' })],
    ['a Wait', one({ Type: 'Wait', Seconds: '{% $states.input.s %}', End: true })],
    ['a Wait for a time', one({ Type: 'Wait', Timestamp: '{% $states.input.t %}', End: true })],
    ['a Fail', one({ Type: 'Fail', Error: '{% $e %}', Cause: '{% $c %}' })],
    ['a Succeed', one({ Type: 'Succeed', Output: '{% 1 %}' })],
    ['a rule', choice({ Condition: '{% $states.input.a > 1 %}', Assign: { a: 1 }, Output: 2 })],
    ['a rule that is always true', choice({ Condition: true })],
    [
      'a Map',
      map({
        Items: '{% [1,2] %}',
        ItemSelector: { a: '{% $states.context.Map.Item.Value %}' },
        MaxConcurrency: '{% 2 %}',
        ToleratedFailureCount: '{% 1 %}',
      }),
    ],
    ['a Map of literal items', map({ Items: [1, '{% 2 %}'] })],
    ['a Parallel', one({ Type: 'Parallel', Arguments: { a: 1 }, Branches: [BLOCK], End: true })],
    [
      'a distributed Map',
      far({
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          Arguments: { Bucket: 'b', Key: 'k' },
          ReaderConfig: { InputType: 'JSON', MaxItems: '{% 2 %}' },
        },
        ItemBatcher: { MaxItemsPerBatch: '{% 1 %}', BatchInput: '{% 1 %}' },
      }),
    ],
    ['keys that end in .$', pass({ Output: { 'a.$': '$.b' } })],
    ['text around delimiters', pass({ Output: ' {% nothing %} ' })],
  ];
  it.each(cases)('%s', (_, machine) => {
    expect(errors(jsonata(machine))).toEqual([]);
  });
});

describe('accepts in JSONPath', () => {
  const cases: readonly (readonly [string, JsonObject])[] = [
    [
      'every field of a distributed Map',
      far({
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          Parameters: { 'Bucket.$': '$.b', Key: 'k' },
          ReaderConfig: {
            InputType: 'CSV',
            CSVHeaderLocation: 'GIVEN',
            CSVHeaders: ['a'],
            CSVDelimiter: 'PIPE',
            MaxItemsPath: '$max',
          },
        },
        ItemBatcher: { MaxItemsPerBatchPath: '$n', MaxInputBytesPerBatch: 1, BatchInput: { a: 1 } },
        ResultWriter: {
          Resource: 'arn:aws:states:::s3:putObject',
          Parameters: { Bucket: 'b' },
          WriterConfig: { Transformation: 'FLATTEN', OutputType: 'JSONL' },
        },
        Label: 'far',
        ToleratedFailureCountPath: '$.c',
        ToleratedFailurePercentage: 12.5,
        MaxConcurrency: 9007199254740991,
      }),
    ],
    [
      'variables in paths',
      task({ InputPath: '$a.b', OutputPath: '$$.Execution', TimeoutSecondsPath: '$t', Assign: { 'x.$': '$.a' } }),
    ],
    ['a rule with Assign', choice({ Variable: '$v', StringEqualsPath: '$.a', Assign: { 'x.$': '$.a' } })],
    ['no handlers', task({ Retry: [], Catch: [] })],
    ['a retry at once', task({ Retry: [{ ErrorEquals: ['X'], IntervalSeconds: 0 }] })],
    ['"End": false beside Next', { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B', End: false }, B: END } }],
    [
      'an endless loop in a branch',
      one({ Type: 'Parallel', Branches: [{ StartAt: 'I', States: { I: { Type: 'Pass', Next: 'I' } } }], End: true }),
    ],
  ];
  it.each(cases)('%s', (_, machine) => {
    expect(errors(machine)).toEqual([]);
  });
});

table('fields', [
  [
    'on a type that has it not',
    pass({ Retry: [], TimeoutSeconds: 1 }),
    [
      "Field 'Retry' is not supported at /States/A/Retry",
      "Field 'TimeoutSeconds' is not supported at /States/A/TimeoutSeconds",
    ],
  ],
  [
    'Next on a Succeed',
    { StartAt: 'A', States: { A: { Type: 'Succeed', Next: 'B' }, B: END } },
    ["Field 'Next' is not supported at /States/A"],
  ],
  ['Assign on a Fail', one({ Type: 'Fail', Assign: {} }), ["Field 'Assign' is not supported at /States/A/Assign"]],
  ['below the least', task({ TimeoutSeconds: 0 }), ['Minimum value is 1 at /States/A/TimeoutSeconds']],
  ['above the most', task({ TimeoutSeconds: 1e8 }), ['Maximum value is 99999999 at /States/A/TimeoutSeconds']],
  [
    'JSONata in JSONPath',
    task({ TimeoutSeconds: '{% 1 %}' }),
    ['Expected value of type Integer at /States/A/TimeoutSeconds'],
  ],
  [
    'a time without its T',
    one({ Type: 'Wait', Timestamp: '2016-03-14 01:59:00Z', End: true }),
    ['String does not match RFC3339 timestamp at /States/A/Timestamp'],
  ],
  [
    'a literal time in JSONata',
    jsonata(one({ Type: 'Wait', Timestamp: 'soon', End: true })),
    ['String does not match RFC3339 timestamp at /States/A/Timestamp'],
  ],
  ['another version', { ...one(END), Version: '2.0' }, ['Value should be one of the following: [1.0] at /Version']],
  ['Assign that is no object', pass({ Assign: 1 }), ['Expected value of type [OBJECT] at /States/A/Assign']],
]);

table('paths', [
  ['broken', pass({ InputPath: '$.[' }), ['Value must be a valid JSONPath. at /States/A/InputPath']],
  ['not a path', pass({ OutputPath: 'x' }), ['Value must be a valid JSONPath. at /States/A/OutputPath']],
  [
    'to many values',
    task({ TimeoutSecondsPath: '$.a[*]' }),
    ['Value is not a Reference Path at /States/A/TimeoutSecondsPath'],
  ],
  ['into the context', pass({ ResultPath: '$$.a' }), ['Value is not a Reference Path at /States/A/ResultPath']],
  [
    'of a catcher',
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Task', Resource: WORK, Next: 'B', Catch: [{ ErrorEquals: ['X'], Next: 'B', ResultPath: '$..a' }] },
        B: END,
      },
    },
    ['Value is not a Reference Path at /States/A/Catch[0]/ResultPath'],
  ],
  [
    'a call that is broken',
    one({ Type: 'Fail', CausePath: "States.Format('{}'" }),
    ['Value must be a valid JSONPath. at /States/A/CausePath'],
  ],
]);

const notDynamic = (key: string): string =>
  `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`;

table('templates', [
  [
    'every mistake',
    pass({ Parameters: { 'a.$': 'x', b: [{ 'c.$': 1 }], 'd.$': '$.d' } }),
    [`${notDynamic('a.$')} at /States/A/Parameters`, `${notDynamic('c.$')} at /States/A/Parameters`],
  ],
  [
    'an escape that needs none',
    pass({ Parameters: { 'a.$': String.raw`States.Format('a\q')` } }),
    [`${notDynamic('a.$')} at /States/A/Parameters`],
  ],
  [
    'a key twice',
    pass({ Parameters: { a: { 'b.$': '$', b: 1 } } }),
    ["The field 'b' is given twice: as it is and as 'b.$' at /States/A/Parameters"],
  ],
  ['of Assign', pass({ Assign: { 'a.$': 'x' } }), [`${notDynamic('a.$')} at /States/A/Assign`]],
  [
    'of a rule',
    choice({ Variable: '$', IsNull: true, Assign: { 'a.$': 'x' } }),
    [`${notDynamic('a.$')} at /States/A/Choices[0]/Assign`],
  ],
  [
    'of an ItemReader',
    far({ ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Parameters: { 'Bucket.$': 1 } } }),
    [`${notDynamic('Bucket.$')} at /States/A/ItemReader/Parameters`],
  ],
]);

table('variables', [
  [
    'the reserved one',
    pass({ Assign: { states: 1 } }),
    ["Cannot assign to reserved variable '$states'. at /States/A/Assign"],
  ],
  [
    'the reserved one, from a path',
    pass({ Assign: { 'states.$': '$' } }),
    ["Cannot assign to reserved variable '$states'. at /States/A/Assign"],
  ],
  [
    'a digit first',
    pass({ Assign: { '1x': 1 } }),
    ["Invalid variable name '1x': the variable name contains invalid characters. at /States/A/Assign"],
  ],
  ['letters of any script', pass({ Assign: { größe: 1, 数: 2, a_1: 3 } }), []],
  [
    'too long',
    pass({ Assign: { ['x'.repeat(81)]: 1 } }),
    [`Invalid variable name '${'x'.repeat(81)}': the variable name exceeds 80 characters. at /States/A/Assign`],
  ],
  [
    'of an outer scope, assigned inside',
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { x: 1 }, Next: 'P' },
        P: {
          Type: 'Parallel',
          Branches: [
            { StartAt: 'B', States: { B: { Type: 'Pass', Assign: { 'x.$': '$', y: 1 }, End: true } } },
            { StartAt: 'C', States: { C: { Type: 'Pass', Assign: { y: 2 }, End: true } } },
          ],
          Assign: { z: 1 },
          Catch: [{ ErrorEquals: ['States.ALL'], Assign: { z: 2 }, Next: 'M' }],
          Next: 'M',
        },
        M: {
          Type: 'Map',
          ItemProcessor: { StartAt: 'D', States: { D: { Type: 'Pass', Assign: { z: 1, y: 3 }, End: true } } },
          End: true,
        },
      },
    },
    [
      "Invalid variable name 'x': a variable of this name is assigned in an outer scope. at /States/P/Branches[0]/States/B/Assign",
      "Invalid variable name 'z': a variable of this name is assigned in an outer scope. at /States/M/ItemProcessor/States/D/Assign",
    ],
  ],
]);

table('JSONata', [
  [
    'that cannot be read',
    jsonata(pass({ Output: { a: ['{% 1 + %}'] } })),
    ['Unexpected end of expression at /States/A/Output/a[0]'],
  ],
  [
    'that is not closed',
    jsonata(pass({ Output: '{% 1' })),
    ['JSONata string must start with {% and end with %} at /States/A/Output'],
  ],
  [
    'of a number',
    jsonata(task({ TimeoutSeconds: '{% ( %}' })),
    ['Expected ")" before end of expression at /States/A/TimeoutSeconds'],
  ],
  [
    'of a rule',
    jsonata(choice({ Condition: '{% ) %}' })),
    [expect.stringContaining('at /States/A/Choices[0]/Condition') as string],
  ],
  [
    'a name of no context',
    jsonata(pass({ Output: '{% phone %}' })),
    ["UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/A/Output"],
  ],
  [
    'the root of the context',
    jsonata(pass({ Output: '{% $$.a %}' })),
    ["UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at /States/A/Output"],
  ],
  ['in JSONPath it is text', pass({ Parameters: { a: '{% 1 + %}' } }), []],
]);

table('choices', [
  [
    'no condition',
    choice({}),
    [
      'The object must have only one of the following fields, [And, Or, Not, Variable, Condition] at /States/A/Choices[0]',
    ],
  ],
  [
    'no comparison',
    choice({ Variable: '$.a' }),
    ['A comparison is missing, such as StringEquals at /States/A/Choices[0]'],
  ],
  ['no variable', choice({ StringEquals: 'a' }), ['These fields are required: [Variable] at /States/A/Choices[0]']],
  [
    'two comparisons',
    choice({ Variable: '$', StringEquals: 'a', NumericEquals: 1 }),
    ['There should only be one of the following fields: [StringEquals, NumericEquals] at /States/A/Choices[0]'],
  ],
  [
    'another kind',
    choice({ Variable: '$', NumericEquals: 'a' }),
    ['Expected value of type [NUMBER] at /States/A/Choices[0]/NumericEquals'],
  ],
  [
    'no time',
    choice({ Not: { Variable: '$', TimestampLessThan: 'yesterday' } }),
    ['String does not match RFC3339 timestamp at /States/A/Choices[0]/Not/TimestampLessThan'],
  ],
  ['no rules to combine', choice({ And: [] }), ['Value cannot be empty at /States/A/Choices[0]/And']],
  [
    'Next inside',
    choice({ Or: [{ Variable: '$', IsNull: true, Next: 'B' }] }),
    ["Field 'Next' is not supported at /States/A/Choices[0]/Or[0]"],
  ],
  [
    'an unknown comparison',
    choice({ Variable: '$', toString: 'a', IsNull: true }),
    ["Field 'toString' is not supported at /States/A/Choices[0]/toString"],
  ],
  ['no condition in JSONata', jsonata(choice({})), ['These fields are required: [Condition] at /States/A/Choices[0]']],
  [
    'a comparison in JSONata',
    jsonata(choice({ Variable: '$', Condition: true })),
    [`${onlyFor('JSONata', 'Variable')} at /States/A/Choices[0]/Variable`],
  ],
]);

const unknown = (arn: string): string =>
  `The resource provided ${arn} is not recognized. The value is not a valid resource ARN, or the resource is not available in this region. at /States/A`;
const call = (resource: string, more: JsonObject = { Parameters: {} }): JsonObject =>
  task({ Resource: resource, ...more });

table('resources', [
  ['no ARN', call('lambda'), ['Value is not a valid resource ARN at /States/A/Resource']],
  ['an action that AWS has not', call('arn:aws:states:::dynamodb:query'), [unknown('arn:aws:states:::dynamodb:query')]],
  [
    'a service that AWS has not',
    call('arn:aws:states:::toString:invoke'),
    [unknown('arn:aws:states:::toString:invoke')],
  ],
  [
    'a pattern that the action has not',
    call('arn:aws:states:::lambda:invoke.sync'),
    [unknown('arn:aws:states:::lambda:invoke.sync')],
  ],
  [
    'a pattern that only one has',
    call('arn:aws:states:::batch:submitJob.sync:2'),
    [unknown('arn:aws:states:::batch:submitJob.sync:2')],
  ],
  [
    'the SDK, in camel case',
    call('arn:aws:states:::aws-sdk:s3:GetObject'),
    [unknown('arn:aws:states:::aws-sdk:s3:GetObject')],
  ],
  ['the SDK', call('arn:aws-cn:states:::aws-sdk:s3:listBuckets.waitForTaskToken'), []],
  ['the SDK, of another service', call('arn:aws:states:::aws-sdk:config:describeConfigRules'), []],
  [
    'a service that the SDK has not',
    call('arn:aws:states:::aws-sdk:nosuchservice:doThings'),
    [unknown('arn:aws:states:::aws-sdk:nosuchservice:doThings')],
  ],
  [
    'a service of the SDK by the name of its package',
    call('arn:aws:states:::aws-sdk:secrets-manager:getSecretValue'),
    [unknown('arn:aws:states:::aws-sdk:secrets-manager:getSecretValue')],
  ],
  [
    'no parameters',
    call('arn:aws:states:::sns:publish', {}),
    ['Parameters field is required for resource ARN: arn:aws:states:::sns:publish at /States/A'],
  ],
  [
    'no arguments',
    jsonata(call('arn:aws:states:::sns:publish', {})),
    ['Arguments field is required for resource ARN: arn:aws:states:::sns:publish at /States/A'],
  ],
  [
    'a parameter that is missing',
    call('arn:aws:states:::sqs:sendMessage', { Parameters: { 'QueueUrl.$': '$.q' } }),
    ["The field 'MessageBody' is required but was missing at /States/A/Parameters"],
  ],
  [
    'arguments that are computed',
    jsonata(call('arn:aws:states:::sqs:sendMessage', { Arguments: '{% $states.input %}' })),
    [],
  ],
]);

describe('EXPRESS', () => {
  it.each([
    [
      'arn:aws:states:us-east-1:1:activity:x',
      'Express state machine does not support Activity ARN at /States/A/Resource',
    ],
    [
      'arn:aws:states:::states:startExecution.sync:2',
      "Express state machine does not support '.sync' service integration at /States/A/Resource",
    ],
    [
      'arn:aws:states:::sns:publish.waitForTaskToken',
      "Express state machine does not support '.waitForTaskToken' service integration  at /States/A/Resource",
    ],
  ])('%s', (resource, expected) => {
    expect(errors(call(resource), 'EXPRESS')).toEqual([expected]);
  });
  it('a distributed Map', () => {
    expect(errors(far({}), 'EXPRESS')).toEqual([
      "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines at /States/A/ItemProcessor/ProcessorConfig/Mode",
    ]);
  });
});

table('credentials', [
  [
    'without a role',
    task({ Credentials: {} }),
    ["The field 'RoleArn' is required but was missing at /States/A/Credentials"],
  ],
  ['a role from a path', task({ Credentials: { 'RoleArn.$': '$.r' } }), []],
  ['null', task({ Credentials: null }), ['Expected value of type [OBJECT] at /States/A/Credentials']],
  [
    'for an activity',
    call('arn:aws:states:us-east-1:1:activity:x', { Credentials: { RoleArn: 'r' } }),
    ["The field 'Credentials' is not supported for activities at /States/A/Credentials"],
  ],
]);

const s3 = 'arn:aws:states:::s3:getObject';
const config = (ReaderConfig: JsonObject): JsonObject =>
  far({ ItemReader: { Resource: s3, Parameters: { Bucket: 'b' }, ReaderConfig } });
const listing = (ReaderConfig: JsonObject): JsonObject =>
  far({
    ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Parameters: { Bucket: 'b' }, ReaderConfig },
  });
const CONFIG = '/States/A/ItemReader/ReaderConfig';

table('distributed Maps', [
  [
    'no execution type',
    map({ ItemProcessor: { ...BLOCK, ProcessorConfig: { Mode: 'DISTRIBUTED' } } }),
    ['These fields are required: [ExecutionType] at /States/A/ItemProcessor/ProcessorConfig'],
  ],
  [
    'an execution type inline',
    map({ ItemProcessor: { ...BLOCK, ProcessorConfig: { Mode: 'INLINE', ExecutionType: 'EXPRESS' } } }),
    ["Field 'ExecutionType' is not supported at /States/A/ItemProcessor/ProcessorConfig/ExecutionType"],
  ],
  [
    'their fields inline',
    map({
      Label: 'x',
      ItemBatcher: { MaxItemsPerBatch: 1 },
      ItemProcessor: { ...BLOCK, ProcessorConfig: { Mode: 'INLINE' } },
    }),
    [
      "Field 'Label' is not supported at /States/A/Label",
      "Field 'ItemBatcher' is not supported at /States/A/ItemBatcher",
    ],
  ],
  ['members of an object as items', jsonata(far({ Items: { a: 1 } })), []],
  [
    'members of an object as items inline',
    jsonata(map({ Items: { a: 1 } })),
    ['Expected value of type [ARRAY] at /States/A/Items'],
  ],
  [
    'another mode',
    map({ ItemProcessor: { ...BLOCK, ProcessorConfig: { Mode: 'REMOTE' } } }),
    ['Value should be one of the following: [INLINE, DISTRIBUTED] at /States/A/ItemProcessor/ProcessorConfig/Mode'],
  ],
  [
    'too much tolerance',
    far({ ToleratedFailurePercentage: 101 }),
    ['Maximum value is 100 at /States/A/ToleratedFailurePercentage'],
  ],
  [
    'a reader of nothing',
    far({ ItemReader: { Resource: s3 } }),
    [`Parameters field is required for resource ARN: ${s3} at /States/A/ItemReader`],
  ],
  [
    'another reader',
    far({ ItemReader: { Resource: 'arn:aws:states:::s3:putObject', Parameters: {} } }),
    ["The field 'Resource' does not match any of the allowed values at /States/A/ItemReader/Resource"],
  ],
  ['CSV without headers', config({ InputType: 'CSV' }), [`The field 'CSVHeaderLocation' is required at ${CONFIG}`]],
  [
    'given headers that are not',
    config({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }),
    [`These fields are required: [CSVHeaders] at ${CONFIG}`],
  ],
  [
    'given headers that are not used',
    config({ InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', CSVHeaders: ['a'] }),
    [`Field 'CSVHeaders' is not supported at ${CONFIG}/CSVHeaders`],
  ],
  [
    'headers of JSON',
    config({ InputType: 'JSON', CSVHeaderLocation: 'FIRST_ROW' }),
    [`Field 'CSVHeaderLocation' is not supported at ${CONFIG}/CSVHeaderLocation`],
  ],
  [
    'headers of an inventory, which has names',
    config({ InputType: 'MANIFEST', CSVHeaderLocation: 'FIRST_ROW', CSVHeaders: ['a'] }),
    [`Field 'CSVHeaders' is not supported at ${CONFIG}/CSVHeaders`],
  ],
  [
    'a pointer into lines',
    config({ InputType: 'JSONL', ItemsPointer: '/a' }),
    [`Field 'ItemsPointer' is not supported at ${CONFIG}/ItemsPointer`],
  ],
  ['an inventory', config({ ManifestType: 'S3_INVENTORY' }), []],
  ['an inventory by its type', config({ InputType: 'MANIFEST' }), []],
  ['what Athena wrote', config({ ManifestType: 'ATHENA_DATA', InputType: 'CSV' }), []],
  [
    'what Athena wrote, and does not tell',
    config({ ManifestType: 'ATHENA_DATA' }),
    [`The field 'InputType' is required at ${CONFIG}`],
  ],
  [
    'what Athena does not write',
    config({ ManifestType: 'ATHENA_DATA', InputType: 'JSON' }),
    [`Value should be one of the following: [CSV, JSONL, PARQUET] at ${CONFIG}/InputType`],
  ],
  [
    'an inventory of lines',
    config({ ManifestType: 'S3_INVENTORY', InputType: 'JSONL' }),
    [`Value should be one of the following: [MANIFEST] at ${CONFIG}/InputType`],
  ],
  [
    'a listing of a manifest',
    listing({ ManifestType: 'S3_INVENTORY' }),
    [`Field 'ManifestType' is not supported at ${CONFIG}/ManifestType`],
  ],
  [
    'one object that is loaded and flattened',
    config({ InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' }),
    [`Field 'Transformation' is not supported at ${CONFIG}/Transformation`],
  ],
  ['objects that are', listing({ InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN', ItemsPointer: '/a' }), []],
  [
    'objects of nobody knows what',
    listing({ Transformation: 'LOAD_AND_FLATTEN' }),
    [`The field 'InputType' is required at ${CONFIG}`],
  ],
  [
    'manifests in a listing',
    listing({ Transformation: 'LOAD_AND_FLATTEN', InputType: 'MANIFEST' }),
    [`Value should be one of the following: [CSV, JSON, JSONL, PARQUET] at ${CONFIG}/InputType`],
  ],
  [
    'two limits',
    config({ InputType: 'JSON', MaxItems: 1, MaxItemsPath: '$.n' }),
    [`There should only be one of the following fields: [MaxItems, MaxItemsPath] at ${CONFIG}`],
  ],
  ['an empty batcher', far({ ItemBatcher: {} }), [expect.stringContaining('at /States/A/ItemBatcher') as string]],
  [
    'an empty writer',
    far({ ResultWriter: {} }),
    ['One of these fields is required: [Resource, WriterConfig] at /States/A/ResultWriter'],
  ],
  [
    'half a writer configuration',
    far({ ResultWriter: { WriterConfig: { OutputType: 'JSON' } } }),
    ['These fields are required: [Transformation] at /States/A/ResultWriter/WriterConfig'],
  ],
]);

table('labels', [
  ['fine', far({ Label: 'Read-the_files.1' }), []],
  ['empty', far({ Label: '' }), ['INVALID_LABEL_NAME: The label name cannot be empty at /States/A/Label']],
  [
    '41 characters',
    far({ Label: 'x'.repeat(41) }),
    [
      `INVALID_LABEL_NAME: The label name '${'x'.repeat(41)}' exceeds the 40-character limit allowed by the service at /States/A/Label`,
    ],
  ],
  ...[
    ' ',
    '?',
    '*',
    '<',
    '{',
    '[',
    ':',
    ';',
    ',',
    '\\',
    '|',
    '^',
    '~',
    '$',
    '#',
    '%',
    '&',
    '`',
    '"',
    '\n',
    '\u0085',
  ].map((character): Case => [
    JSON.stringify(character),
    far({ Label: `x${character}` }),
    [`INVALID_LABEL_NAME: The label name 'x${character}' contains characters that are not allowed at /States/A/Label`],
  ]),
  [
    'twice',
    {
      StartAt: 'A',
      States: {
        A: { Type: 'Map', Label: 'x', ItemProcessor: DISTRIBUTED, Next: 'B' },
        B: { Type: 'Map', Label: 'x', ItemProcessor: { ...DISTRIBUTED, StartAt: 'J', States: { J: END } }, End: true },
      },
    },
    ['DUPLICATE_LABEL_NAME: Duplicate Label name: x at /States/B/Label'],
  ],
]);

describe('names', () => {
  it('counts characters, not UTF-16 units', () => {
    expect(errors({ StartAt: '😀'.repeat(80), States: { ['😀'.repeat(80)]: END } })).toEqual([]);
  });
  it('finds a state that is given twice in one block', () => {
    const text = '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true},\n"A":{"Type":"Succeed"}}}';
    expect(validateText(text)).toMatchObject([
      { code: 'DUPLICATE_STATE_NAME', severity: 'ERROR', location: '/States/A', line: 2 },
    ]);
  });
  it('warns of other keys that are given twice', () => {
    expect(validateText('{"StartAt":"A","StartAt":"A","States":{"A":{"Type":"Succeed"}}}')).toMatchObject([
      { code: 'DUPLICATE_FIELD', severity: 'WARNING', location: '/StartAt' },
    ]);
  });
  it('keeps slashes and brackets of names apart', () => {
    const machine = { StartAt: 'a/b[0]', States: { 'a/b[0]': { Type: 'Pass', Next: 'x' }, x: END, a: END } };
    expect(validateText(JSON.stringify(machine, null, 1))).toMatchObject([
      { location: '/States/a', message: 'State "a" is not reachable.', line: 12 },
    ]);
  });
});

describe('places of a template', () => {
  const states = (more: JsonObject): JsonObject => ({
    StartAt: 'A',
    States: {
      A: {
        Type: 'Task',
        Resource: '${work_fn}',
        TimeoutSeconds: '${Limit}',
        Parameters: { 'a.$': '$.<THE-NAME>' },
        Next: 'W',
      },
      W: { Type: 'Wait', Seconds: '${Wait}', End: true, ...more },
    },
  });
  const found = (more: JsonObject, openPlaces: boolean): string[] =>
    validateText(JSON.stringify(states(more)), { openPlaces }).map(({ code, location }) => `${code} at ${location}`);

  it('that are open are only told', () => {
    expect(found({}, true)).toEqual([
      'VALUE_NEEDED at /States/A/Resource',
      'VALUE_NEEDED at /States/A/TimeoutSeconds',
      'VALUE_NEEDED at /States/A/Parameters',
      'VALUE_NEEDED at /States/W/Seconds',
    ]);
  });
  it('are errors as any other text where nothing will fill them', () => {
    expect(found({}, false)).toEqual([
      'SCHEMA_VALIDATION_FAILED at /States/A/Resource',
      'SCHEMA_VALIDATION_FAILED at /States/A/TimeoutSeconds',
      'SCHEMA_VALIDATION_FAILED at /States/A/Parameters',
      'SCHEMA_VALIDATION_FAILED at /States/W/Seconds',
    ]);
  });
  it.each<readonly [JsonObject, string]>([
    [{ Type: '${Type}' }, 'SCHEMA_VALIDATION_FAILED at /States/W/Type'],
    [{ End: '${End}' }, 'SCHEMA_VALIDATION_FAILED at /States/W/End'],
    [{ Seconds: 'five' }, 'SCHEMA_VALIDATION_FAILED at /States/W/Seconds'],
    [{ SecondsPath: '${Path}' }, 'SCHEMA_VALIDATION_FAILED at /States/W'],
  ])('do not hide %j', (more, expected) => {
    expect(found(more, true)).toContain(expected);
  });
});

describe('warnings', () => {
  it.each<readonly [string, Json, readonly string[]]>([
    ['a path as a result', pass({ Result: { a: ['$.b'] } }), ['PASS_RESULT_IS_STATIC at /States/A/Result']],
    [
      'a path without .$',
      pass({ Parameters: { a: { b: '$.c', 'd.$': '$.d', e: '$5' } } }),
      ['NO_DOLLAR at /States/A/Parameters/a/b'],
    ],
    ['a call without .$', pass({ Parameters: { a: 'States.UUID()' } }), ['NO_DOLLAR at /States/A/Parameters/a']],
    [
      'a path in a field for text',
      one({ Type: 'Fail', Error: '$.e', Cause: 'costs $.5?' }),
      ['NO_PATH at /States/A/Error'],
    ],
    [
      'a path as an operand',
      choice({ Variable: '$.a', StringEquals: '$.b' }),
      ['NO_PATH at /States/A/Choices[0]/StringEquals'],
    ],
    [
      'a resource that nothing answers',
      call('arn:aws:swf:us-east-1:1:task:X', {}),
      ['INVALID_RESOURCE at /States/A/Resource'],
    ],
    [
      'tolerances inline',
      map({ ToleratedFailureCount: 1, ToleratedFailurePercentagePath: '$.p' }),
      [
        'TOLERANCE_HAS_NO_EFFECT at /States/A/ToleratedFailureCount',
        'TOLERANCE_HAS_NO_EFFECT at /States/A/ToleratedFailurePercentagePath',
      ],
    ],
    ['nothing of tolerances of a distributed Map', far({ ToleratedFailureCount: 1 }), []],
    ['nothing in JSONata', jsonata(pass({ Output: { a: '$.b' } })), []],
  ])('%s', (_, machine, expected) => {
    expect(warnings(machine)).toEqual(expected);
    expect(errors(machine)).toEqual([]);
  });
  it('of numbers that lost digits', () => {
    const text = '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":12345678901234567890,"End":true}}}';
    expect(validateText(text)).toMatchObject([
      { code: 'NUMBER_ROUNDED', severity: 'WARNING', location: '/States/A/Result' },
    ]);
  });
});

it('says what AWS does not say in hints', () => {
  const [finding] = validateText(JSON.stringify(task({ timeoutSeconds: 1 })));
  expect(finding).toMatchObject({ location: '/States/A/timeoutSeconds', hint: "Did you mean 'TimeoutSeconds'?" });
});

it('points at the key inside of a template', () => {
  const text = JSON.stringify(pass({ Parameters: { a: { 'b.$': 'x' } } }), null, 1);
  expect(validateText(text)).toMatchObject([{ location: '/States/A/Parameters', line: 9, column: 6 }]);
});

it('takes large definitions in their stride', () => {
  const States = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, i) => [
      `S${i}`,
      { Type: 'Pass', Next: `S${i + 1}`, Parameters: { 'a.$': '$.b' }, x: 1 },
    ]),
  );
  const text = JSON.stringify({ StartAt: 'S0', States });
  expect(threadTime(() => expect(validateText(text).length).toBe(1002))).toBeLessThan(5000);
});

it('does not slow down where very much is wrong deep down', () => {
  const wrong = Array.from({ length: 50_000 }, () => '{"a.$":1}').join();
  const text = `{"StartAt":"A","States":{"A":{"Type":"Pass","End":true,"Parameters":${'['.repeat(900)}${wrong}${']'.repeat(900)}}}}`;
  expect(threadTime(() => expect(validateText(text).length).toBe(1000))).toBeLessThan(5000);
});
