/**
 * A batch as a state machine: plain Amazon States Language, whose tasks are ordinary invocations of the functions that
 * every project with batches has.
 */
import type { Json, JsonObject } from '../json.ts';
import type { Batch } from './batch.ts';
import type { BatchSettings, SinkSettings } from './settings.ts';
import { FUNCTIONS } from './function-names.ts';

/** What is tried again: what the Lambda service gets wrong, as AWS advises. */
const RETRY: readonly Json[] = [
  {
    ErrorEquals: [
      'Lambda.ClientExecutionTimeoutException',
      'Lambda.ServiceException',
      'Lambda.AWSLambdaException',
      'Lambda.SdkClientException',
      'Lambda.TooManyRequestsException',
    ],
    IntervalSeconds: 2,
    MaxAttempts: 6,
    BackoffRate: 2,
  },
];

/** What all functions are told: variables of the state machine, set by its first state. */
const RUN: JsonObject = { batch: '{% $batch %}', run: '{% $run %}', settings: '{% $settings %}' };
const FOLD: JsonObject = { ...RUN, source: '{% $source %}' };
const STORE: JsonObject = { ...FOLD, totals: '{% $totals %}' };

/** What the execution of a chunk is begun with, which sees no variables of the run; its functions are told the same. */
const CHUNK: JsonObject = { ...STORE, chunk: '{% $states.context.Map.Item.Value %}' };
const CHUNK_EVENT = '{% $states.context.Execution.Input %}';

const FAILED: Json = { ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Failed' };

/** Telling somebody is tried for longer: about ten minutes. */
const RETRY_TELLING: Json = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 5, MaxAttempts: 7, BackoffRate: 2 }];

/** What goes on when nobody could be told; of a run that has succeeded it is the account. */
const NOT_TOLD =
  '{% $merge([$states.input, {"notTold": {"error": $states.errorOutput.Error, "cause": $states.errorOutput.Cause}}]) %}';

/** An endpoint that does not answer is tried for about a quarter of an hour. */
const RETRY_SEND: Json = [
  ...RETRY,
  { ErrorEquals: ['Fanfold.SinkUnavailable'], IntervalSeconds: 15, MaxAttempts: 5, BackoffRate: 2 },
];

/** How a task ends whose worker has ended: a crash, not enough memory, no answer in time. */
const CRASHES: Json = ['Runtime.ExitError', 'Sandbox.Timedout', 'States.Timeout'];

/** Of the input: chunks of as many bytes are loaded together. */
const LOADED_AT_ONCE = 41_943_040;

/** So many records of one chunk may end their worker; with more, it is not the records. */
const MOST_DEADLY = 10;

/** The definition of the batch's state machine. */
export function compile(batch: Batch): JsonObject {
  const stages = stagesOf(batch);
  const ofSuccess = tellers(batch, 'success');
  const ofFailure = tellers(batch, 'failure');
  return {
    Comment: `The batch ${batch.name}: split, process, check, fold.`,
    QueryLanguage: 'JSONata',
    StartAt: 'Begin',
    States: {
      Begin: {
        Type: 'Pass',
        Assign: {
          batch: batch.name,
          run: '{% $states.context.Execution.Name %}',
          settings: batch.settings as unknown as JsonObject,
          totals: [],
        },
        Next: 'Split',
      },
      Split: {
        ...invoke(FUNCTIONS.split, { ...RUN, input: '{% $states.input %}' }),
        Assign: { source: '{% $states.result.Payload.source %}', place: '{% $states.result.Payload.place %}' },
        Output: '{% $states.result.Payload.published %}',
        Catch: [FAILED],
        Next: 'Published before?',
      },
      'Published before?': {
        Type: 'Choice',
        Choices: [{ Condition: '{% $states.input != null %}', Next: 'Skipped' }],
        Default: 'Process',
      },
      Skipped: { Type: 'Succeed' },
      Process: { ...overChunks(batch.concurrency, processChunk(batch)), Next: 'Check' },
      Check: {
        ...invoke(FUNCTIONS.check, FOLD),
        Assign: { checked: '{% $states.result.Payload %}' },
        Output: {},
        Catch: [FAILED],
        Next: stages[0]?.[0] ?? 'Fold',
      },
      ...Object.fromEntries(
        stages.map(([name, stage], index) => [
          name,
          { Catch: [FAILED], ...stage, Output: {}, Next: stages[index + 1]?.[0] ?? 'Fold' },
        ]),
      ),
      Fold: {
        ...invoke(FUNCTIONS.fold, {
          ...STORE,
          counts: '{% $checked.counts %}',
          rejects: '{% $checked.rejects %}',
        }),
        Output: '{% $states.result.Payload %}',
        Catch: [FAILED],
        Next: ofSuccess[0]?.[0] ?? 'Done',
      },
      ...telling(ofSuccess, 'Done'),
      Done: { Type: 'Succeed' },
      'Find cause': {
        ...invoke(FUNCTIONS.cause, { ...RUN, source: '{% $source %}', failure: '{% $states.input %}' }),
        Output: '{% $states.result.Payload %}',
        Catch: [FAILED],
        Next: 'Failed',
      },
      Failed: { Type: 'Pass', Next: ofFailure[0]?.[0] ?? 'Fail' },
      ...telling(ofFailure, 'Fail'),
      Fail: { Type: 'Fail', Error: '{% $states.input.Error %}', Cause: '{% $states.input.Cause %}' },
    },
  };
}

/**
 * The one place that says how chunks are gone through: as the manifest lists them, however many there are. Each is an
 * execution of its own, and why one has failed is among the results, not in the error of the state.
 */
function overChunks(concurrency: number, processor: JsonObject): JsonObject {
  return {
    Type: 'Map',
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON', ItemsPointer: '/chunks' },
      Arguments: { Bucket: '{% $source.bucket %}', Key: '{% $place.manifest %}' },
    },
    ItemSelector: CHUNK,
    MaxConcurrency: concurrency,
    // A chunk may take longer than EXPRESS executions last.
    ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...processor },
    ResultWriter: {
      Resource: 'arn:aws:states:::s3:putObject',
      WriterConfig: { Transformation: 'COMPACT', OutputType: 'JSON' },
      Arguments: { Bucket: '{% $source.bucket %}', Prefix: '{% $place.maps %}' },
    },
    Output: {},
    Catch: [
      {
        ErrorEquals: ['States.ExceedToleratedFailureThreshold'],
        Output: '{% $states.errorOutput %}',
        Next: 'Find cause',
      },
      FAILED,
    ],
  };
}

/**
 * What is done with a run that is in order, one after the other, as far as the batch has anything for it. Tables come
 * before endpoints, because what an endpoint has taken cannot be taken back; objects are published last of all.
 */
function stagesOf({ settings }: Batch): readonly Stage[] {
  const { sinks, totals } = settings;
  const isTable = ({ kind }: SinkSettings): boolean => kind === 'table';
  const takes = (deliver: 'records' | 'output') => (sink: SinkSettings) =>
    sink.kind === 'http' && sink.deliver === deliver;
  const ofTotals = totals.flatMap((own) => own.sinks);
  const stages: readonly (readonly [name: string, isWanted: boolean, state: JsonObject])[] = [
    [
      'Total',
      totals.length > 0,
      { ...invoke(FUNCTIONS.total, FOLD), Assign: { totals: '{% $states.result.Payload %}' } },
    ],
    // One chunk after the other: of two records with the same key the later one of the file stays.
    [
      'Load',
      sinks.some(isTable),
      settings.onChunkFailure === 'keep' ? loadChunks(settings) : overChunks(1, loadChunk()),
    ],
    ['Load totals', ofTotals.some(isTable), invoke(FUNCTIONS.load, STORE)],
    ['Send', sinks.some(takes('records')), overChunks(1, sendChunk())],
    [
      'Send all',
      sinks.some(takes('output')) || ofTotals.some(({ kind }) => kind === 'http'),
      { ...invoke(FUNCTIONS.send, STORE), Retry: RETRY_SEND },
    ],
  ];
  return stages.flatMap(([name, isWanted, state]) => (isWanted ? [[name, state] as const] : []));
}

/** Several at once: the more items are put in the order of their keys, the fewer pages of the table are written twice. */
function loadChunks({ chunk: { bytes } }: BatchSettings): JsonObject {
  const atOnce = Math.max(1, Math.floor(LOADED_AT_ONCE / bytes));
  const event =
    '{% $merge([$states.context.Execution.Input.BatchInput, {"items": $states.context.Execution.Input.Items}]) %}';
  const load: JsonObject = { ...invoke(FUNCTIONS.load, event), Output: {}, End: true };
  return {
    ...overChunks(1, { StartAt: 'Load chunks', States: { 'Load chunks': load } }),
    ItemSelector: { chunk: CHUNK.chunk as Json },
    ItemBatcher: { MaxItemsPerBatch: atOnce, BatchInput: STORE },
  };
}

function loadChunk(): JsonObject {
  const load: JsonObject = { ...invoke(FUNCTIONS.load, CHUNK_EVENT), Output: {}, End: true };
  const assign: JsonObject = { failure: '{% $states.errorOutput %}' };
  return {
    StartAt: 'Load chunk',
    States: {
      'Load chunk': { ...load, Catch: [{ ErrorEquals: ['States.ALL'], Assign: assign, Next: 'Undo chunk' }] },
      'Undo chunk': {
        ...invoke(FUNCTIONS.undo, eventWith('"failure": $failure')),
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Chunk failed' }],
        Next: 'Chunk failed',
      },
      'Chunk failed': { Type: 'Fail', Error: '{% $failure.Error %}', Cause: '{% $failure.Cause %}' },
    },
  };
}

function sendChunk(): JsonObject {
  const send = invoke(FUNCTIONS.send, CHUNK_EVENT);
  return { StartAt: 'Send chunk', States: { 'Send chunk': { ...send, Retry: RETRY_SEND, Output: {}, End: true } } };
}

function eventWith(members: string): string {
  return `{% $merge([$states.context.Execution.Input, {${members}}]) %}`;
}

/**
 * A chunk, and what is done when its worker ends: halves of its records are tried, nothing of them kept, until the one is
 * found that ends it; with that one rejected the chunk begins again.
 */
function processChunk({ timeoutSeconds }: Batch): JsonObject {
  const crashed = (assign: JsonObject, next: string): Json => [{ ErrorEquals: CRASHES, Assign: assign, Next: next }];
  const half = '{% $from + $floor(($to - $from) / 2) %}';
  return {
    StartAt: 'Take chunk',
    States: {
      'Take chunk': { Type: 'Pass', Assign: { deadly: [] }, Next: 'Chunk' },
      Chunk: {
        ...invoke(FUNCTIONS.chunk, eventWith('"deadly": $deadly')),
        TimeoutSeconds: timeoutSeconds,
        Output: {},
        Catch: crashed(
          {
            crash: '{% $states.errorOutput %}',
            from: 0,
            to: '{% $states.context.Execution.Input.chunk.records %}',
          },
          'May search?',
        ),
        End: true,
      },
      'May search?': {
        Type: 'Choice',
        Choices: [{ Condition: `{% $count($deadly) < ${MOST_DEADLY} %}`, Next: 'Narrow' }],
        Default: 'Not one record',
      },
      Narrow: {
        Type: 'Choice',
        Choices: [{ Condition: '{% $to - $from > 1 %}', Next: 'Halve' }],
        Default: 'Try one',
      },
      Halve: { Type: 'Pass', Assign: { middle: half }, Next: 'Try half' },
      'Try half': {
        ...invoke(FUNCTIONS.chunk, eventWith('"deadly": $deadly, "only": {"from": $from, "to": $middle}')),
        TimeoutSeconds: timeoutSeconds,
        Assign: { from: '{% $middle %}' },
        Catch: crashed({ to: '{% $middle %}' }, 'Narrow'),
        Next: 'Narrow',
      },
      'Try one': {
        ...invoke(FUNCTIONS.chunk, eventWith('"deadly": $deadly, "only": {"from": $from, "to": $to}')),
        TimeoutSeconds: timeoutSeconds,
        Catch: crashed(
          {
            deadly:
              '{% [$deadly, {"record": $from, "error": $states.errorOutput.Error, "cause": $states.errorOutput.Cause}] %}',
          },
          'Chunk',
        ),
        Next: 'Not one record',
      },
      'Not one record': { Type: 'Fail', Error: '{% $crash.Error %}', Cause: '{% $crash.Cause %}' },
    },
  };
}

type Stage = readonly [name: string, state: JsonObject];

/** Those who are told of an end, one after the other: topics first, because mail is tried for minutes. */
function tellers({ notify }: Batch, end: 'success' | 'failure'): readonly Stage[] {
  const { from = '', linkSeconds } = notify;
  const recipients = notify[end] ?? [];
  const addresses = recipients.filter((each) => typeof each === 'string');
  const topics = recipients.flatMap((each) => (typeof each === 'string' ? [] : [each.topic]));
  const ofSuccess = end === 'success';
  const word = (to: readonly string[]): JsonObject =>
    invoke(FUNCTIONS.notify, {
      ...RUN,
      input: '{% $states.context.Execution.Input %}',
      to,
      from,
      ...(ofSuccess && linkSeconds !== undefined && { linkSeconds }),
      ...(ofSuccess ? { account: '{% $states.input %}' } : { failure: '{% $states.input %}' }),
    });
  return [
    ...(topics.length > 0
      ? [[`Word ${end}`, { ...word([]), Assign: { message: '{% $states.result.Payload %}' } }] as const]
      : []),
    ...topics.map((topic, index) => [`Tell topic ${index + 1} of ${end}`, publish(topic, ofSuccess)] as const),
    ...(addresses.length > 0 ? [[`Tell of ${end}`, word(addresses)] as const] : []),
  ];
}

function publish(topic: string, ofSuccess: boolean): JsonObject {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::sns:publish',
    Arguments: {
      TopicArn: topicArn(topic),
      Subject: `{% $batch & ' has ${ofSuccess ? 'succeeded' : 'failed'}' %}`,
      Message: '{% $string($message) %}',
      MessageAttributes: {
        batch: { DataType: 'String', StringValue: '{% $batch %}' },
        state: { DataType: 'String', StringValue: '{% $message.state %}' },
      },
    },
  };
}

/** A name is that of the project's topic: only the last part of an ARN counts here. */
function topicArn(topic: string): string {
  return topic.startsWith('arn:') ? topic : `arn:aws:sns:us-east-1:000000000000:${topic}`;
}

/** A run is what it is, also when nobody can be told. */
function telling(stages: readonly Stage[], end: string): JsonObject {
  return Object.fromEntries(
    stages.map(([name, state], index) => {
      const next = stages[index + 1]?.[0] ?? end;
      const told: JsonObject = {
        ...state,
        Retry: RETRY_TELLING,
        Output: '{% $states.input %}',
        Catch: [{ ErrorEquals: ['States.ALL'], Output: NOT_TOLD, Next: next }],
        Next: next,
      };
      return [name, told] as const;
    }),
  );
}

function invoke(functionName: string, payload: Json): JsonObject {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionName, Payload: payload },
    Retry: RETRY,
  };
}
