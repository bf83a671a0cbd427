import { describe, expect, it } from 'vitest';
import type { Execution } from '../../interpreter/execution.ts';
import { notRedrivable } from '../../interpreter/redrive.ts';
import { Value } from '../../interpreter/value.ts';
import type { Json } from '../../json.ts';
import type { Executions, StartParams } from '../../ports/executions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskOutcome, TaskRequest } from '../../ports/services.ts';
import { executionOf } from '../../testing/execution.fixture.ts';
import { createStatesService } from './service.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:child';

/** Executions that keep what is started, and end when the test says so. */
function keeping(): {
  readonly starts: StartParams[];
  readonly kept: Map<string, Execution>;
  readonly port: Executions;
} {
  const starts: StartParams[] = [];
  const kept = new Map<string, Execution>();
  const unused = async (): Promise<never> => {
    throw new Error('Nobody asks for this.');
  };
  const describe = async (arn: string): Promise<Execution> => kept.get(arn) as Execution;
  const start: Executions['start'] = async (params) => {
    starts.push(params);
    const arn = `${params.stateMachineArn.replace(':stateMachine:', ':execution:')}:${params.name}`;
    const before = kept.get(arn);
    const isOwn = before?.startedBy !== undefined && before.startedBy === params.startedBy;
    if (before && !isOwn && (before.status !== 'RUNNING' || before.input.text !== params.input))
      throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    const execution = before ?? {
      ...executionOf({ name: params.name as string, input: Value.ofText(params.input as string) }),
      arn,
      status: 'RUNNING' as const,
      origin: params.origin ?? null,
      ...(params.startedBy !== undefined && { startedBy: params.startedBy }),
    };
    kept.set(arn, execution);
    return { executionArn: arn, startDate: new Date(execution.startedAt), existing: before !== undefined };
  };
  const redrive: Executions['redrive'] = async ({ executionArn, origin }) => {
    const before = await describe(executionArn);
    const reason = notRedrivable(before, 0);
    if (reason !== null) throw new ServiceError('ExecutionNotRedrivable', reason);
    kept.set(executionArn, { ...before, status: 'RUNNING', origin: origin ?? before.origin });
    return new Date(0);
  };
  return {
    starts,
    kept,
    port: { start, describe, closed: describe, redrive, stop: unused, list: unused, history: unused },
  };
}

const performer = (executions: Executions) => {
  const service = createStatesService({
    executions,
    resolve: (arn) => MACHINE.replace(/child$/, arn.replace(/.*:/, '')),
  });
  return (action: string, parameters: Json, task: Partial<TaskRequest['task']> = {}): Promise<TaskOutcome> =>
    service.perform({
      task: { executionArn: 'parent', frame: '0', attempt: 1, ...task },
      resource: `arn:aws:states:::states:${action}`,
      parameters: Value.ofJson(parameters),
      stateName: 'Task',
      idempotencyKey: 'parent#2',
      signal: new AbortController().signal,
    });
};

const end = (kept: Map<string, Execution>): void => {
  for (const [arn, execution] of kept)
    kept.set(arn, { ...execution, status: 'SUCCEEDED', output: Value.ofJson('done') });
};

describe('states:startExecution', () => {
  it('starts the project’s machine of that name, wherever the ARN is from, and says who waits', async () => {
    const { starts, port } = keeping();
    const StateMachineArn = 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:child';
    const outcome = await performer(port)('startExecution.sync:2', { StateMachineArn, Name: 'one', Input: { n: 1 } });
    expect(starts).toEqual([
      {
        stateMachineArn: MACHINE,
        name: 'one',
        input: '{"n":1}',
        startedBy: expect.stringMatching(UUID),
        origin: { kind: 'task', executionArn: 'parent', frame: '0', attempt: 1, output: 'json' },
      },
    ]);
    expect(outcome).toMatchObject({ kind: 'submitted' });
    expect(outcome.kind === 'submitted' && outcome.output.json).toMatchObject({
      ExecutionArn: MACHINE.replace('stateMachine', 'execution').concat(':one'),
      SdkHttpMetadata: { HttpStatusCode: 200 },
    });
  });

  it('is done at once without .sync, and nobody waits', async () => {
    const { starts, port } = keeping();
    const outcome = await performer(port)('startExecution', { StateMachineArn: MACHINE });
    expect(outcome.kind).toBe('succeeded');
    expect(starts[0]).not.toHaveProperty('origin');
  });

  it.each([
    ['none', {}, '{}'],
    ['null', { Input: null }, '{}'],
    ['an object', { Input: { a: [1] } }, '{"a":[1]}'],
    ['a text, which is JSON already', { Input: '{"a": 1 }' }, '{"a": 1 }'],
    ['false', { Input: false }, 'false'],
  ])('takes as input %s', async (_, rest, input) => {
    const { starts, port } = keeping();
    await performer(port)('startExecution', { StateMachineArn: MACHINE, ...rest });
    expect(starts[0]?.input).toBe(input);
  });

  it('names the child after the attempt: the same again, another for another', async () => {
    const { starts, port, kept } = keeping();
    const perform = performer(port);
    for (const task of [{}, {}, { attempt: 2 }, { frame: '0/1.0' }])
      await perform('startExecution.sync', { StateMachineArn: MACHINE }, task);
    const names = starts.map(({ name }) => name);
    expect(names[0]).toMatch(UUID);
    expect(names[1]).toBe(names[0]);
    expect(new Set(names).size).toBe(3);
    expect(kept.size).toBe(3);
  });

  it.each([{}, { Name: 'one' }])('finds its own child again after a crash, though it has ended (%j)', async (rest) => {
    const { port, kept } = keeping();
    const perform = performer(port);
    const params = { StateMachineArn: MACHINE, ...rest };
    await perform('startExecution.sync:2', params);
    end(kept);
    expect(await perform('startExecution.sync:2', params)).toMatchObject({ kind: 'submitted' });
    expect(kept.size).toBe(1);
  });

  it.each(['startExecution', 'startExecution.waitForTaskToken'])(
    'finds the child that it had started with %s, though it has ended',
    async (action) => {
      for (const rest of [{}, { Name: 'one' }]) {
        const { port, kept } = keeping();
        const perform = performer(port);
        await perform(action, { StateMachineArn: MACHINE, ...rest });
        end(kept);
        expect(await perform(action, { StateMachineArn: MACHINE, ...rest })).toMatchObject({ kind: 'succeeded' });
        expect(kept.size).toBe(1);
      }
    },
  );

  it('waits for one that somebody else had started with the same name and input', async () => {
    const { port, kept } = keeping();
    const perform = performer({ ...port, closed: async (arn) => (end(kept), port.describe(arn)) });
    await perform('startExecution', { StateMachineArn: MACHINE, Name: 'one' }, { attempt: 2 });
    const outcome = await perform('startExecution.sync:2', { StateMachineArn: MACHINE, Name: 'one' });
    expect(outcome.kind === 'succeeded' && outcome.output.json).toMatchObject({ Status: 'SUCCEEDED', Output: 'done' });
  });

  it('fails for a name that somebody else has used', async () => {
    const { port, kept } = keeping();
    const perform = performer(port);
    await perform('startExecution', { StateMachineArn: MACHINE, Name: 'one' }, { attempt: 2 });
    end(kept);
    const outcome = await perform('startExecution.sync', { StateMachineArn: MACHINE, Name: 'one' });
    expect(outcome).toMatchObject({ kind: 'failed', error: 'StepFunctions.ExecutionAlreadyExistsException' });
    expect(outcome.kind === 'failed' && outcome.cause).toMatch(
      /^Execution Already Exists: .* \(Service: AWSStepFunctions; Status Code: 400; Error Code: ExecutionAlreadyExists;/,
    );
  });

  it.each([
    ['startExecution', [], /must be an object/],
    ['startExecution', {}, /'StateMachineArn' is required/],
    ['startExecution', { StateMachineArn: 7 }, /'StateMachineArn' is required/],
    ['startExecution', { StateMachineArn: MACHINE, Name: 7 }, /'Name' must be a string/],
    ['startExecution', { StateMachineArn: MACHINE, input: {}, Tags: [] }, /'input', 'Tags' is not supported/],
    ['startExecution.sync:3', { StateMachineArn: MACHINE }, /startExecution\.sync:3' is not available/],
    ['toString', { StateMachineArn: MACHINE }, /is not available/],
  ])('refuses %s with %j', async (action, parameters, cause) => {
    const { port, starts } = keeping();
    const outcome = await performer(port)(action, parameters as Json);
    expect(outcome).toMatchObject({ kind: 'failed', error: 'States.Runtime' });
    expect(outcome.kind === 'failed' && outcome.cause).toMatch(cause);
    expect(starts).toEqual([]);
  });
});
