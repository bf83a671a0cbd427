/**
 * A batch as a state machine: plain Amazon States Language, whose tasks are ordinary invocations of the functions that
 * every project with batches has.
 */
import type { Json, JsonObject } from '../json.ts';
import type { Batch } from './batch.ts';
import { FUNCTIONS } from './function-names.ts';

/** What is tried again: what the Lambda service gets wrong, as AWS advises. */
const RETRY: Json = [
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

/** The definition of the batch's state machine. */
export function compile(batch: Batch): JsonObject {
  const failed: Json = [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput %}', Next: 'Failed' }];
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
        },
        Next: 'Split',
      },
      Split: {
        ...invoke(FUNCTIONS.split, { ...RUN, input: '{% $states.input %}' }),
        Assign: { source: '{% $states.result.Payload.source %}' },
        Catch: failed,
        Next: 'Process',
      },
      Process: { ...overChunks(batch), Output: {}, Catch: failed, Next: 'Check' },
      Check: {
        ...invoke(FUNCTIONS.check, FOLD),
        Assign: { checked: '{% $states.result.Payload %}' },
        Output: {},
        Catch: failed,
        Next: 'Fold',
      },
      Fold: {
        ...invoke(FUNCTIONS.fold, {
          ...FOLD,
          counts: '{% $checked.counts %}',
          rejects: '{% $checked.rejects %}',
        }),
        Output: '{% $states.result.Payload %}',
        Catch: failed,
        End: true,
      },
      Failed: { Type: 'Fail', Error: '{% $states.input.Error %}', Cause: '{% $states.input.Cause %}' },
    },
  };
}

/** The one place that says how chunks are gone through. */
function overChunks({ concurrency, timeoutSeconds }: Batch): JsonObject {
  return {
    Type: 'Map',
    Items: '{% $states.input.Payload.chunks %}',
    MaxConcurrency: concurrency,
    ItemSelector: { chunk: '{% $states.context.Map.Item.Value %}' },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: 'Chunk',
      States: {
        Chunk: {
          ...invoke(FUNCTIONS.chunk, { ...FOLD, chunk: '{% $states.input.chunk %}' }),
          TimeoutSeconds: timeoutSeconds,
          Output: '{% $states.result.Payload %}',
          End: true,
        },
      },
    },
  };
}

function invoke(functionName: string, payload: JsonObject): JsonObject {
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Arguments: { FunctionName: functionName, Payload: payload },
    Retry: RETRY,
  };
}
