import { describe, expect, it } from 'vitest';
import { parseResource, type Resource } from '../asl/resource.ts';
import { type HistoryRecord, renderEvent } from './history.ts';
import { Value } from './value.ts';

const AT = Date.UTC(2030, 0, 1);
const SOME = Value.ofText('{ "a" : 1 }');

const resources = new Map<string, Resource | undefined>([
  ['Fn', parseResource('arn:aws:lambda:us-east-1:000000000000:function:work')],
  ['Put', parseResource('arn:aws:states:::dynamodb:putItem')],
]);

function render(record: Partial<HistoryRecord> & Pick<HistoryRecord, 'type'>, includeData?: boolean): object {
  const full = { id: 7, previous: 6, at: AT, state: null, value: null, detail: null, ...record };
  return renderEvent(full, (state) => resources.get(state), includeData);
}

const BASE = { id: 7, previousEventId: 6, timestamp: new Date(AT) };
const WHOLE = { truncated: false };

describe('gives events the shape of GetExecutionHistory', () => {
  const cases: readonly (readonly [Partial<HistoryRecord> & Pick<HistoryRecord, 'type'>, object])[] = [
    [
      { type: 'ExecutionStarted', value: SOME, detail: { roleArn: 'arn:r' } },
      { executionStartedEventDetails: { roleArn: 'arn:r', input: '{ "a" : 1 }', inputDetails: WHOLE } },
    ],
    [
      { type: 'PassStateEntered', state: 'P', value: SOME },
      { stateEnteredEventDetails: { name: 'P', input: '{ "a" : 1 }', inputDetails: WHOLE } },
    ],
    [
      { type: 'MapStateExited', state: 'M', value: SOME },
      { stateExitedEventDetails: { name: 'M', output: '{ "a" : 1 }', outputDetails: WHOLE } },
    ],
    [
      { type: 'ExecutionSucceeded', value: SOME },
      { executionSucceededEventDetails: { output: '{ "a" : 1 }', outputDetails: WHOLE } },
    ],
    [{ type: 'ExecutionFailed', detail: { error: 'E' } }, { executionFailedEventDetails: { error: 'E' } }],
    [{ type: 'ExecutionTimedOut', detail: {} }, { executionTimedOutEventDetails: {} }],
    [{ type: 'ExecutionAborted', detail: { cause: 'c' } }, { executionAbortedEventDetails: { cause: 'c' } }],
    [
      { type: 'LambdaFunctionScheduled', state: 'Fn', value: SOME, detail: { timeoutInSeconds: 3 } },
      {
        lambdaFunctionScheduledEventDetails: {
          timeoutInSeconds: 3,
          resource: 'arn:aws:lambda:us-east-1:000000000000:function:work',
          input: '{ "a" : 1 }',
          inputDetails: WHOLE,
        },
      },
    ],
    [{ type: 'LambdaFunctionStarted', state: 'Fn' }, {}],
    [
      { type: 'LambdaFunctionSucceeded', state: 'Fn', value: SOME },
      { lambdaFunctionSucceededEventDetails: { output: '{ "a" : 1 }', outputDetails: WHOLE } },
    ],
    [
      { type: 'LambdaFunctionFailed', state: 'Fn', detail: { error: 'E', cause: 'c' } },
      { lambdaFunctionFailedEventDetails: { error: 'E', cause: 'c' } },
    ],
    [
      { type: 'TaskScheduled', state: 'Put', value: SOME, detail: { region: 'us-east-1' } },
      {
        taskScheduledEventDetails: {
          region: 'us-east-1',
          resourceType: 'dynamodb',
          resource: 'putItem',
          parameters: '{ "a" : 1 }',
        },
      },
    ],
    [
      { type: 'TaskStarted', state: 'Put' },
      { taskStartedEventDetails: { resourceType: 'dynamodb', resource: 'putItem' } },
    ],
    [
      { type: 'TaskTimedOut', state: 'Put', detail: { error: 'States.Timeout' } },
      { taskTimedOutEventDetails: { error: 'States.Timeout', resourceType: 'dynamodb', resource: 'putItem' } },
    ],
    [{ type: 'TaskStarted', state: 'Unknown' }, { taskStartedEventDetails: {} }],
    [{ type: 'MapStateStarted', state: 'M', detail: { length: 3 } }, { mapStateStartedEventDetails: { length: 3 } }],
    [
      { type: 'MapIterationFailed', state: 'M', detail: { name: 'M', index: 2 } },
      { mapIterationFailedEventDetails: { name: 'M', index: 2 } },
    ],
    [{ type: 'MapStateSucceeded', state: 'M' }, {}],
    [{ type: 'ParallelStateFailed', state: 'P' }, {}],
    [{ type: 'TaskStateAborted', state: 'T' }, {}],
  ];
  it.each(cases)('$type', (record, details) => {
    expect(render(record)).toEqual({ ...BASE, type: record.type, ...details });
  });
});

it('leaves inputs, outputs and parameters out when asked to', () => {
  expect(render({ type: 'PassStateEntered', state: 'P', value: SOME }, false)).toEqual({
    ...BASE,
    type: 'PassStateEntered',
    stateEnteredEventDetails: { name: 'P', inputDetails: WHOLE },
  });
  expect(render({ type: 'TaskScheduled', state: 'Put', value: SOME }, false)).toEqual({
    ...BASE,
    type: 'TaskScheduled',
    taskScheduledEventDetails: { resourceType: 'dynamodb', resource: 'putItem' },
  });
});
