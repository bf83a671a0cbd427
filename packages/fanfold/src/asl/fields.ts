/**
 * Which fields a part of a definition may have, which it must have, and what they hold. What is not in these tables is
 * refused: nothing is accepted and ignored.
 */
import { isArray, isObject, type Json } from '../json.ts';
import type { StateType } from './definition.ts';

/** Says what is wanted; `test` tells whether the value is that. */
export interface FieldCheck {
  readonly wanted: string;
  readonly test: (value: Json) => boolean;
}

export interface Fields {
  readonly required: readonly string[];
  readonly fields: Readonly<Record<string, FieldCheck>>;
  /** Groups of fields of which at most one may stand. */
  readonly exclusive?: readonly (readonly string[])[];
}

const text: FieldCheck = { wanted: 'a string', test: (value) => typeof value === 'string' };
const anything: FieldCheck = { wanted: 'JSON', test: () => true };
const object: FieldCheck = { wanted: 'an object', test: isObject };
const flag: FieldCheck = { wanted: 'true or false', test: (value) => typeof value === 'boolean' };
const texts: FieldCheck = {
  wanted: 'a list of strings that is not empty',
  test: (value) => isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'),
};
const list: FieldCheck = { wanted: 'a list that is not empty', test: (value) => isArray(value) && value.length > 0 };
const pathOrNull: FieldCheck = {
  wanted: 'a JSONPath or null',
  test: (value) => value === null || (typeof value === 'string' && value.startsWith('$')),
};
const path: FieldCheck = { wanted: 'a JSONPath', test: (value) => typeof value === 'string' && value.startsWith('$') };
const pathOrCall: FieldCheck = {
  wanted: 'a JSONPath or an intrinsic function',
  test: (value) => typeof value === 'string' && (value.startsWith('$') || value.startsWith('States.')),
};

function integer(least: number, most: number): FieldCheck {
  return {
    wanted: `a whole number from ${least} to ${most}`,
    test: (value) => typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most,
  };
}

function oneOf(...values: readonly string[]): FieldCheck {
  return {
    wanted: values.map((value) => `"${value}"`).join(' or '),
    test: (value) => values.includes(value as string),
  };
}

/** AWS's bound for times in seconds: more than three years. */
const SECONDS = 99_999_999;

const common = {
  Type: text,
  Comment: text,
  InputPath: pathOrNull,
  OutputPath: pathOrNull,
  QueryLanguage: oneOf('JSONPath'),
};
const flow = { Next: text, End: flag };
const shaping = { Parameters: anything, ResultPath: pathOrNull };
const failing = { ResultSelector: object, Retry: list, Catch: list };
const NEXT_OR_END = ['Next', 'End'];

export const STATE_FIELDS: Readonly<Record<StateType, Fields>> = {
  Pass: { required: ['Type'], fields: { ...common, ...flow, ...shaping, Result: anything }, exclusive: [NEXT_OR_END] },
  Task: {
    required: ['Type', 'Resource'],
    fields: {
      ...common,
      ...flow,
      ...shaping,
      ...failing,
      Resource: text,
      TimeoutSeconds: integer(1, SECONDS),
      TimeoutSecondsPath: path,
      HeartbeatSeconds: integer(1, SECONDS),
      HeartbeatSecondsPath: path,
    },
    exclusive: [NEXT_OR_END, ['TimeoutSeconds', 'TimeoutSecondsPath'], ['HeartbeatSeconds', 'HeartbeatSecondsPath']],
  },
  Choice: { required: ['Type', 'Choices'], fields: { ...common, Choices: list, Default: text } },
  Wait: {
    required: ['Type'],
    fields: {
      ...common,
      ...flow,
      Seconds: integer(0, SECONDS),
      SecondsPath: path,
      Timestamp: text,
      TimestampPath: path,
    },
    exclusive: [NEXT_OR_END, ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath']],
  },
  Succeed: { required: ['Type'], fields: common },
  Fail: {
    required: ['Type'],
    fields: {
      Type: text,
      Comment: text,
      QueryLanguage: oneOf('JSONPath'),
      Error: text,
      ErrorPath: pathOrCall,
      Cause: text,
      CausePath: pathOrCall,
    },
    exclusive: [
      ['Error', 'ErrorPath'],
      ['Cause', 'CausePath'],
    ],
  },
  Parallel: {
    required: ['Type', 'Branches'],
    fields: { ...common, ...flow, ...shaping, ...failing, Branches: list },
    exclusive: [NEXT_OR_END],
  },
  Map: {
    required: ['Type'],
    fields: {
      ...common,
      ...flow,
      ...shaping,
      ...failing,
      ItemsPath: path,
      ItemSelector: anything,
      ItemProcessor: object,
      Iterator: object,
      MaxConcurrency: integer(0, SECONDS),
      MaxConcurrencyPath: path,
    },
    exclusive: [
      NEXT_OR_END,
      ['ItemProcessor', 'Iterator'],
      ['ItemSelector', 'Parameters'],
      ['MaxConcurrency', 'MaxConcurrencyPath'],
    ],
  },
};

export const MACHINE_FIELDS: Fields = {
  required: ['States', 'StartAt'],
  fields: {
    Comment: text,
    StartAt: text,
    States: object,
    TimeoutSeconds: integer(1, SECONDS),
    Version: oneOf('1.0'),
    QueryLanguage: oneOf('JSONPath'),
  },
};

export const BLOCK_FIELDS: Fields = {
  required: ['States', 'StartAt'],
  fields: { Comment: text, StartAt: text, States: object },
};

export const PROCESSOR_FIELDS: Fields = {
  ...BLOCK_FIELDS,
  fields: { ...BLOCK_FIELDS.fields, ProcessorConfig: object },
};

export const PROCESSOR_CONFIG_FIELDS: Fields = { required: [], fields: { Mode: oneOf('INLINE') } };

export const RETRIER_FIELDS: Fields = {
  required: ['ErrorEquals'],
  fields: {
    Comment: text,
    ErrorEquals: texts,
    IntervalSeconds: integer(1, SECONDS),
    MaxAttempts: integer(0, SECONDS),
    BackoffRate: { wanted: 'a number of at least 1', test: (value) => typeof value === 'number' && value >= 1 },
    MaxDelaySeconds: integer(1, 31_622_400),
    JitterStrategy: oneOf('FULL', 'NONE'),
  },
};

export const CATCHER_FIELDS: Fields = {
  required: ['ErrorEquals', 'Next'],
  fields: { Comment: text, ErrorEquals: texts, Next: text, ResultPath: pathOrNull },
};
