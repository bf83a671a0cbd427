/** The example under a clock that the test moves: what is called, when, and how it ends. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, createApp, type Execution, functionArn, type Json, silentLogger, stateMachineArn } from 'fanfold';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ManualClock, manualClock } from '../../../packages/fanfold/src/testing/clocks.ts';
import config from '../config.json' with { type: 'json' };
import { invocationsOf } from '../invocations.ts';
import dicts from '../lists/listofdicts.json' with { type: 'json' };
import subjects from '../lists/simplelist.json' with { type: 'json' };
import { listItem } from '../list-item.ts';
import { STATE_MACHINE, type TableMapConfig, tableMapProject } from '../project.ts';

const PROJECT = join(import.meta.dirname, '..');
const TYPED_SUBJECTS = [{ S: 'Computer Science' }, { S: 'Economics' }, { S: 'Mathematics' }];

const opened: { readonly app: App; readonly directory: string }[] = [];
afterEach(async () => {
  for (const { app, directory } of opened.splice(0)) {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

function configured(
  stepfunc: Partial<TableMapConfig['stepfunc']>,
  ddb: Partial<TableMapConfig['ddb']> = {},
): TableMapConfig {
  return { ddb: { ...config.ddb, ...ddb }, stepfunc: { ...config.stepfunc, ...stepfunc } };
}

interface Ended {
  readonly app: App;
  readonly directory: string;
  readonly execution: Execution;
  readonly seconds: number;
  readonly payloads: readonly Json[];
  /** Seconds from the start of the execution to each invocation. */
  readonly at: readonly number[];
}

/** Runs the machine over a list. Time goes on whenever nothing but a Wait state, or the execution's timeout, is left. */
async function ran(
  configuration: TableMapConfig,
  list: Json | undefined,
  directory: string = mkdtempSync(join(tmpdir(), 'fanfold-table-map-')),
): Promise<Ended> {
  const clock = manualClock();
  const project = { definition: tableMapProject(configuration), directory: PROJECT };
  const app = await createApp({ project, logger: silentLogger, dataDirectory: directory, clock });
  opened.push({ app, directory });
  if (list !== undefined)
    await app.tables.put({ table: configuration.ddb.tableName, item: listItem(configuration.ddb, list) });
  const { executionArn } = await app.executions.start({ stateMachineArn: stateMachineArn(STATE_MACHINE) });
  let execution: Execution | undefined;
  const end = app.executions.closed(executionArn).then((closed) => (execution = closed));
  while (!execution) {
    await vi.waitFor(async () => {
      if (!execution && !(await onlyWaits(app, executionArn))) throw new Error('Something else goes on.');
    }, 30_000);
    if (!execution) advance(clock);
  }
  await end;
  const invocations = await invocationsOf(app, executionArn);
  return {
    app,
    directory,
    execution,
    seconds: ((execution.stoppedAt ?? 0) - execution.startedAt) / 1000,
    payloads: invocations.map(({ payload }) => payload),
    at: invocations.map(({ milliseconds }) => milliseconds / 1000),
  };
}

function advance(clock: ManualClock): void {
  const [soonest] = clock.due();
  if (soonest !== undefined) clock.advance(Math.max(soonest, 0));
}

/** Whether each line of control stands in a Wait state, and there is one. */
async function onlyWaits(app: App, executionArn: string): Promise<boolean> {
  const { events } = await app.executions.history({ executionArn });
  const count = (type: string): number => events.filter((event) => event.type === type).length;
  const waiting = count('WaitStateEntered') - count('WaitStateExited');
  const going =
    count('MapIterationStarted') - count('MapIterationSucceeded') - waiting + (count('MapStateEntered') === 0 ? 1 : 0);
  return waiting > 0 && going === 0;
}

describe('table-map', () => {
  it('calls the function for each item, one after the other, 2 s apart', async () => {
    const { execution, seconds, payloads, at } = await ran(configured({}), subjects);
    expect(execution.status).toBe('SUCCEEDED');
    expect(payloads).toEqual(TYPED_SUBJECTS);
    expect(at).toEqual([2, 4, 6]);
    expect(seconds).toBe(6);
    const results = execution.output?.json as { Payload: Json; StatusCode: number }[];
    expect(results.map(({ Payload, StatusCode }) => [Payload, StatusCode])).toEqual([1, 2, 3].map(() => [null, 200]));
  });

  it('calls it for all at once when three may go on together', async () => {
    const { execution, payloads, at } = await ran(configured({ maxConcurrency: 3 }), subjects);
    expect(execution.status).toBe('SUCCEEDED');
    expect(payloads).toEqual(TYPED_SUBJECTS);
    expect(at).toEqual([2, 2, 2]);
  });

  it('hands objects on with their types', async () => {
    const { payloads } = await ran(configured({}), dicts);
    expect(payloads).toEqual(dicts.map(({ topic, name }) => ({ M: { topic: { S: topic }, name: { S: name } } })));
  });

  it('is over after its timeout without a call when the wait is longer', async () => {
    const { app, execution, seconds, payloads } = await ran(configured({ waitDurationSeconds: 25 }), subjects);
    // As recorded on AWS: the status says all there is to say; an error is only shown to a parent execution.
    expect(execution).toMatchObject({ status: 'TIMED_OUT', error: null });
    expect([seconds, payloads]).toEqual([20, []]);
    const { events } = await app.executions.history({ executionArn: execution.arn, reverse: true, limit: 1 });
    expect(events[0]?.type).toBe('ExecutionTimedOut');
  });

  it('is over after its timeout with the calls that were in time', async () => {
    const { execution, at } = await ran(configured({ waitDurationSeconds: 7 }), subjects);
    expect([execution.status, at]).toEqual(['TIMED_OUT', [7, 14]]);
  });

  it('fails by the path when there is no list', async () => {
    const { execution } = await ran(configured({}), undefined);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain('$.Item.values.L');
  });

  it('maps over an empty list', async () => {
    const { execution } = await ran(configured({}), []);
    expect([execution.status, execution.output?.json]).toEqual(['SUCCEEDED', []]);
  });

  it('takes the name and the value of the key from the configuration', async () => {
    const ddb = { partitionKeyName: 'list', partitionKeyValueField: 'subjects', tableName: 'Lists' };
    const { execution, payloads } = await ran(configured({}, ddb), subjects);
    expect([execution.status, payloads]).toEqual(['SUCCEEDED', TYPED_SUBJECTS]);
  });

  it('does as another configuration says, once it is opened with that', async () => {
    const { app, directory, at } = await ran(configured({}), subjects);
    expect(at).toEqual([2, 4, 6]);
    await app.close();
    opened.pop();
    const ddb = { partitionKeyName: 'list', partitionKeyValueField: 'all', tableName: 'Lists' };
    const another = configured({ maxConcurrency: 2, waitDurationSeconds: 7, timeoutDurationSeconds: 13 }, ddb);
    const again = await ran(another, subjects, directory);
    expect([again.execution.status, again.seconds, again.at]).toEqual(['TIMED_OUT', 13, [7, 7]]);
  });

  it('hands objects on as plain JSON to a function that asks for it', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'fanfold-table-map-'));
    writeFileSync(join(directory, 'echo.mjs'), 'export const handler = (event) => event;');
    const { ddb } = config;
    const task = { Type: 'Task', Resource: functionArn('echo'), End: true };
    const definition = {
      name: 'plain',
      stateMachines: {
        Plain: {
          definition: {
            StartAt: 'Read',
            States: {
              Read: {
                Type: 'Task',
                Resource: 'arn:aws:states:::dynamodb:getItem',
                Parameters: {
                  TableName: ddb.tableName,
                  Key: { [ddb.partitionKeyName]: { S: ddb.partitionKeyValueField } },
                },
                OutputPath: '$.Item.values.L',
                Next: 'Each',
              },
              Each: { Type: 'Map', ItemProcessor: { StartAt: 'Echo', States: { Echo: task } }, End: true },
            },
          },
        },
      },
      functions: { echo: { module: './echo.mjs', plainItems: true } },
      tables: { [ddb.tableName]: { partitionKey: ddb.partitionKeyName } },
    };
    const app = await createApp({ project: { definition, directory }, logger: silentLogger });
    opened.push({ app, directory });
    await app.tables.put({ table: ddb.tableName, item: listItem(ddb, dicts) });
    const { executionArn } = await app.executions.start({ stateMachineArn: stateMachineArn('Plain') });
    const { output, cause } = await app.executions.closed(executionArn);
    expect(output?.json, cause ?? '').toEqual(dicts);
  });
});
