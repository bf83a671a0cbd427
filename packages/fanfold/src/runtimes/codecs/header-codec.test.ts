import { describe, expect, it } from 'vitest';
import type { Execution } from '../../interpreter/execution.ts';
import { Value } from '../../interpreter/value.ts';
import { anExecution } from '../../testing/store.fixture.ts';
import { inPlace, readable } from '../../testing/stored-value.fixture.ts';
import { columnsOf, decodeExecution, encodeExecution } from './header-codec.ts';

const EXECUTIONS: Readonly<Record<string, Execution>> = {
  'an open one': anExecution('a', { input: Value.ofText(' [1, 2] '), ready: ['0', '0/1.3'], deadline: 9 }),
  'one that gave an output': anExecution('b', {
    status: 'SUCCEEDED',
    output: Value.ofText('"\u{1f600}"'),
    stoppedAt: 5,
    origin: { kind: 'task', executionArn: 'arn:x', frame: '0', attempt: 2, output: 'json' },
  }),
  'one that failed': anExecution('c', { status: 'FAILED', error: 'E', cause: '', stoppedAt: 6 }),
  'one whose output is null': anExecution('d', { status: 'SUCCEEDED', output: Value.ofText('null'), stoppedAt: 6 }),
  'a child of a map run': anExecution('e', {
    origin: { kind: 'mapRun', mapRunArn: 'arn:run', index: 3, items: 1, redriveCount: 0 },
  }),
  'one of a version and an alias': anExecution('f', {
    stateMachineVersionArn: 'arn:m:1',
    stateMachineAliasArn: 'arn:m:live',
  }),
  'one whose ARN does not end with its name': { ...anExecution('g'), name: 'other' },
};

describe('a header', () => {
  it.each(Object.entries(EXECUTIONS))('of %s comes back as it was', (_, execution) => {
    const text = encodeExecution(execution, inPlace.put);
    expect(readable(decodeExecution(columnsOf(execution), text, inPlace.get))).toEqual(readable(execution));
  });

  it('has in its text nothing that a column says', () => {
    const execution = EXECUTIONS['a child of a map run'] as Execution;
    const text = encodeExecution(execution, inPlace.put);
    for (const said of [execution.arn, execution.stateMachineArn, 'arn:run']) expect(text).not.toContain(said);
  });

  it('of an earlier version has everything in its text', () => {
    for (const execution of Object.values(EXECUTIONS)) {
      const { input, output } = execution;
      const text = JSON.stringify({ ...execution, input: input.text, output: output && output.text });
      expect(readable(decodeExecution(columnsOf(execution), text, inPlace.get))).toEqual(readable(execution));
    }
  });
});
