/**
 * Which fields a part of a definition may have, which it must have, and what they hold. What is not in these tables is
 * refused: nothing is accepted and ignored. Which state takes which field was measured on AWS by others with
 * ValidateStateMachineDefinition; the bounds are those of AWS, too.
 */
import type { QueryLanguage, StateType } from './definition.ts';
import {
  anything,
  filledList,
  filledObject,
  flag,
  flagOrExpression,
  integer,
  itemsOrExpression,
  list,
  matching,
  number,
  numeric,
  object,
  objectOrExpression,
  oneOf,
  path,
  pathOrCall,
  pathOrNull,
  type Rule,
  text,
  texts,
  timestamp,
} from './rule.ts';

export interface Field {
  readonly rule: Rule;
  /** The only query language that has the field. */
  readonly language?: QueryLanguage;
  /** Whether JSONata may stand in place of what the rule wants. */
  readonly expression?: true;
  /**
   * What is compiled: a JSONPath, one that names a single value, one that names where a value is put, a path or an intrinsic
   * function, or data with any of these (or JSONata) inside.
   */
  readonly holds?: 'path' | 'single path' | 'target path' | 'path or call' | 'template';
}

export interface Fields {
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, Field>>;
  /** Groups of fields of which at most one may stand. */
  readonly exclusive?: readonly (readonly string[])[];
  /** Groups of fields of which one must stand. */
  readonly needed?: readonly (readonly string[])[];
  /** Whether other fields are not judged. */
  readonly open?: true;
  /** Fields of other parts that AWS reports at the part as a whole. */
  readonly misplaced?: readonly string[];
}

/** AWS's bound for times in seconds: more than three years. */
const SECONDS = 99_999_999;

const jsonPath = { language: 'JSONPath' } as const;
const jsonata = { language: 'JSONata' } as const;
const template = { rule: anything, holds: 'template' } as const;

const common = {
  Type: { rule: text },
  Comment: { rule: text },
  QueryLanguage: { rule: oneOf('JSONPath', 'JSONata') },
} satisfies Fields['fields'];
const paths = {
  InputPath: { rule: pathOrNull, holds: 'path', ...jsonPath },
  OutputPath: { rule: pathOrNull, holds: 'path', ...jsonPath },
} satisfies Fields['fields'];
const output = { Output: { ...template, ...jsonata } } satisfies Fields['fields'];
const assign = { Assign: { rule: object, holds: 'template' } } satisfies Fields['fields'];
const flow = { Next: { rule: text }, End: { rule: flag } } satisfies Fields['fields'];
const target = { ResultPath: { rule: pathOrNull, holds: 'target path', ...jsonPath } } satisfies Fields['fields'];
const parameters = { Parameters: { ...template, ...jsonPath } } satisfies Fields['fields'];
const args = { Arguments: { rule: objectOrExpression, holds: 'template', ...jsonata } } satisfies Fields['fields'];
const failing = {
  ResultSelector: { rule: object, holds: 'template', ...jsonPath },
  Retry: { rule: list },
  Catch: { rule: list },
} satisfies Fields['fields'];

/** A number, JSONata that gives one, or in a field of its own a path to one. */
function numberOrPath(name: string, rule: Rule): Fields['fields'] {
  return {
    [name]: { rule, expression: true },
    [`${name}Path`]: { rule: path, holds: 'single path', ...jsonPath },
  };
}

const NEXT_OR_END = ['Next', 'End'];

export const STATE_FIELDS: Readonly<Record<StateType, Fields>> = {
  Pass: {
    required: ['Type'],
    fields: {
      ...common,
      ...paths,
      ...output,
      ...assign,
      ...flow,
      ...target,
      ...parameters,
      Result: { rule: anything, ...jsonPath },
    },
    exclusive: [NEXT_OR_END],
    needed: [NEXT_OR_END],
  },
  Task: {
    required: ['Type', 'Resource'],
    fields: {
      ...common,
      ...paths,
      ...output,
      ...assign,
      ...flow,
      ...target,
      ...parameters,
      ...args,
      ...failing,
      Resource: { rule: text },
      Credentials: { rule: objectOrExpression, holds: 'template' },
      ...numberOrPath('TimeoutSeconds', integer(1, SECONDS)),
      ...numberOrPath('HeartbeatSeconds', integer(1, SECONDS)),
    },
    exclusive: [NEXT_OR_END, pair('TimeoutSeconds'), pair('HeartbeatSeconds')],
    needed: [NEXT_OR_END],
  },
  Choice: {
    required: ['Type', 'Choices'],
    fields: { ...common, ...paths, ...output, ...assign, Choices: { rule: filledList }, Default: { rule: text } },
    misplaced: NEXT_OR_END,
  },
  Wait: {
    required: ['Type'],
    fields: {
      ...common,
      ...paths,
      ...output,
      ...assign,
      ...flow,
      ...numberOrPath('Seconds', integer(0, SECONDS)),
      Timestamp: { rule: timestamp, expression: true },
      TimestampPath: { rule: path, holds: 'single path', ...jsonPath },
    },
    exclusive: [NEXT_OR_END, ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp']],
    needed: [NEXT_OR_END, ['SecondsPath', 'Seconds', 'TimestampPath', 'Timestamp']],
  },
  Succeed: { required: ['Type'], fields: { ...common, ...paths, ...output }, misplaced: NEXT_OR_END },
  Fail: {
    required: ['Type'],
    fields: {
      ...common,
      Error: { rule: text, expression: true },
      ErrorPath: { rule: pathOrCall, holds: 'path or call', ...jsonPath },
      Cause: { rule: text, expression: true },
      CausePath: { rule: pathOrCall, holds: 'path or call', ...jsonPath },
    },
    exclusive: [pair('Error'), pair('Cause')],
    misplaced: NEXT_OR_END,
  },
  Parallel: {
    required: ['Type', 'Branches'],
    fields: {
      ...common,
      ...paths,
      ...output,
      ...assign,
      ...flow,
      ...target,
      ...parameters,
      ...args,
      ...failing,
      Branches: { rule: filledList },
    },
    exclusive: [NEXT_OR_END],
    needed: [NEXT_OR_END],
  },
  Map: {
    required: ['Type'],
    fields: {
      ...common,
      ...paths,
      ...output,
      ...assign,
      ...flow,
      ...target,
      ...parameters,
      ...failing,
      ItemsPath: { rule: path, holds: 'path', ...jsonPath },
      Items: { rule: itemsOrExpression, holds: 'template', ...jsonata },
      ItemSelector: template,
      ItemProcessor: { rule: object },
      Iterator: { rule: object },
      ItemReader: { rule: object },
      ItemBatcher: { rule: object },
      ResultWriter: { rule: object },
      Label: { rule: text },
      ...numberOrPath('MaxConcurrency', integer(0)),
      ...numberOrPath('ToleratedFailureCount', integer(0)),
      ...numberOrPath('ToleratedFailurePercentage', numeric(0, 100)),
    },
    exclusive: [
      NEXT_OR_END,
      ['ItemProcessor', 'Iterator'],
      ['ItemSelector', 'Parameters'],
      pair('MaxConcurrency'),
      pair('ToleratedFailureCount'),
      pair('ToleratedFailurePercentage'),
    ],
    needed: [NEXT_OR_END, ['ItemProcessor', 'Iterator']],
  },
};

/** What stands for a state whose type is not known. */
export const UNKNOWN_STATE_FIELDS: Fields = {
  required: ['Type'],
  fields: { Type: { rule: oneOf(...Object.keys(STATE_FIELDS)) } },
  open: true,
};

export const MACHINE_FIELDS: Fields = {
  required: ['States', 'StartAt'],
  fields: {
    Comment: { rule: text },
    StartAt: { rule: text },
    States: { rule: filledObject },
    TimeoutSeconds: { rule: integer(0, SECONDS) },
    Version: { rule: oneOf('1.0') },
    QueryLanguage: { rule: oneOf('JSONPath', 'JSONata') },
  },
};

export const BLOCK_FIELDS: Fields = {
  required: ['States', 'StartAt'],
  fields: { Comment: { rule: text }, StartAt: { rule: text }, States: { rule: filledObject } },
};

export const PROCESSOR_FIELDS: Fields = {
  ...BLOCK_FIELDS,
  fields: { ...BLOCK_FIELDS.fields, ProcessorConfig: { rule: object } },
};

export const PROCESSOR_CONFIG_FIELDS: Fields = {
  required: [],
  fields: {
    Mode: { rule: oneOf('INLINE', 'DISTRIBUTED') },
    ExecutionType: { rule: oneOf('STANDARD', 'EXPRESS') },
  },
};

export const READER_FIELDS: Fields = {
  required: ['Resource'],
  fields: {
    Resource: { rule: matching('Resource', /^arn:[^:]+:states:::s3:(getObject|listObjectsV2)$/) },
    ReaderConfig: { rule: object },
    ...parameters,
    ...args,
  },
};

export const READER_CONFIG_FIELDS: Fields = {
  required: [],
  fields: {
    InputType: { rule: oneOf('CSV', 'JSON', 'JSONL', 'MANIFEST', 'PARQUET') },
    Transformation: { rule: oneOf('NONE', 'LOAD_AND_FLATTEN') },
    ManifestType: { rule: oneOf('ATHENA_DATA', 'S3_INVENTORY') },
    CSVHeaderLocation: { rule: oneOf('FIRST_ROW', 'GIVEN') },
    CSVHeaders: { rule: texts },
    CSVDelimiter: { rule: oneOf('COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB') },
    ItemsPointer: { rule: text },
    ...numberOrPath('MaxItems', integer(0, 100_000_000)),
  },
  exclusive: [pair('MaxItems')],
};

export const BATCHER_FIELDS: Fields = {
  required: [],
  fields: {
    BatchInput: template,
    ...numberOrPath('MaxItemsPerBatch', integer(1)),
    ...numberOrPath('MaxInputBytesPerBatch', integer(1, 262_144)),
  },
  exclusive: [pair('MaxItemsPerBatch'), pair('MaxInputBytesPerBatch')],
};

export const WRITER_FIELDS: Fields = {
  required: [],
  fields: {
    Resource: { rule: matching('Resource', /^arn:[^:]+:states:::s3:putObject$/) },
    WriterConfig: { rule: object },
    ...parameters,
    ...args,
  },
};

export const WRITER_CONFIG_FIELDS: Fields = {
  required: ['Transformation', 'OutputType'],
  fields: {
    Transformation: { rule: oneOf('NONE', 'COMPACT', 'FLATTEN') },
    OutputType: { rule: oneOf('JSON', 'JSONL') },
  },
};

export const RETRIER_FIELDS: Fields = {
  required: ['ErrorEquals'],
  fields: {
    Comment: { rule: text },
    ErrorEquals: { rule: texts },
    IntervalSeconds: { rule: integer(0, SECONDS) },
    MaxAttempts: { rule: integer(0, SECONDS) },
    BackoffRate: { rule: numeric(1) },
    MaxDelaySeconds: { rule: integer(1, 31_622_400) },
    JitterStrategy: { rule: oneOf('NONE', 'FULL') },
  },
};

export const CATCHER_FIELDS: Fields = {
  required: ['ErrorEquals', 'Next'],
  fields: {
    Comment: { rule: text },
    ErrorEquals: { rule: texts },
    Next: { rule: text },
    ...target,
    ...output,
    ...assign,
  },
};

const ORDERS = ['Equals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'];
const OPERANDS: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...ORDERS.flatMap((order): [string, Rule][] => [
    [`String${order}`, text],
    [`Numeric${order}`, number],
    [`Timestamp${order}`, timestamp],
  ]),
  ['BooleanEquals', flag],
]);

/** The comparisons of a Choice rule, by name. */
const COMPARISONS: Fields['fields'] = {
  ...Object.fromEntries(
    [...OPERANDS].flatMap(([name, rule]): [string, Field][] => [
      [name, { rule, ...jsonPath }],
      [`${name}Path`, { rule: path, holds: 'path', ...jsonPath }],
    ]),
  ),
  StringMatches: { rule: text, ...jsonPath },
  ...Object.fromEntries(
    ['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'].map((name): [string, Field] => [
      name,
      { rule: flag, ...jsonPath },
    ]),
  ),
};

export const COMPARISON_NAMES: ReadonlySet<string> = new Set(Object.keys(COMPARISONS));

const condition = {
  Comment: { rule: text },
  Variable: { rule: path, holds: 'path', ...jsonPath },
  And: { rule: filledList, ...jsonPath },
  Or: { rule: filledList, ...jsonPath },
  Not: { rule: object, ...jsonPath },
  ...COMPARISONS,
} satisfies Fields['fields'];

export const RULE_FIELDS: Fields = {
  required: ['Next'],
  fields: {
    ...condition,
    Next: { rule: text },
    Condition: { rule: flagOrExpression, expression: true, ...jsonata },
    ...output,
    ...assign,
  },
};

/** A rule inside of another: only the outermost says where to go on. */
export const INNER_RULE_FIELDS: Fields = { required: [], fields: condition, misplaced: ['Next'] };

function pair(name: string): readonly string[] {
  return [name, `${name}Path`];
}
