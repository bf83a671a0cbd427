/** STANDARD and EXPRESS executions side by side, on a clock moved by hand. */
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
import { createServices } from '../services/registry.ts';
import { createStatesService } from '../services/states/service.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { createMachines } from './machines/machines.ts';
import { createMemoryStore } from './memory/store.ts';
import { createRuntime } from './runtime.ts';
import { testClock } from './driver.fixture.ts';

const PLACE = { region: 'us-east-1', account: '000000000000' };
const ROLE = 'arn:aws:iam::000000000000:role/r';
const arnOf = (name: string): string => `arn:aws:states:us-east-1:000000000000:stateMachine:${name}`;
const PASS: Json = { StartAt: 'A', States: { A: { Type: 'Pass', End: true } } };
const waiting = (Seconds: number, more: object = {}): Json =>
  ({ StartAt: 'W', States: { W: { Type: 'Wait', Seconds, End: true } }, ...more }) as Json;

async function rig(machinesMade: Readonly<Record<string, readonly ['STANDARD' | 'EXPRESS', Json]>>) {
  const store = createMemoryStore();
  const clock = testClock();
  const logger = recordingLogger();
  const machines = createMachines({ store, clock, ...PLACE });
  let seed = 0;
  const runtime = createRuntime({
    store,
    machines,
    services: (executions) => createServices({ states: createStatesService({ executions, resolve: (arn) => arn }) }),
    clock,
    logger,
    seed: () => (seed += 0x9e3779b9) | 0,
    region: 'us-east-1',
    account: '000000000000',
    tokenSecret: 'secret',
    onClosed: async () => {},
    onFatal: (error) => logger.error('fatal', { error }),
  });
  for (const [name, [type, definition]] of Object.entries(machinesMade))
    await machines.put({ name, definition: JSON.stringify(definition), roleArn: ROLE, type });
  return { store, clock, logger, machines, runtime, executions: runtime.executions };
}

describe('an EXPRESS execution', () => {
  it('leaves nothing behind, neither in the store nor in memory', async () => {
    const { store, runtime, executions } = await rig({ e: ['EXPRESS', PASS] });
    const ended = await executions.startSync({ stateMachineArn: arnOf('e'), name: 'x', input: '[1]' });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', type: 'EXPRESS', name: 'x' });
    expect(ended.output?.text).toBe('[1]');
    expect(await store.describe(ended.arn)).toBeUndefined();
    await expect(executions.describe(ended.arn)).rejects.toThrow('Execution Does Not Exist');
    const { executionArn } = await executions.start({ stateMachineArn: arnOf('e') });
    await expect.poll(() => executions.describe(executionArn).catch(() => 'forgotten')).toBe('forgotten');
    expect(await executions.list({})).toEqual({ executions: [] });
    expect(runtime.counts()).toMatchObject({ running: 0, transitions: 2 });
  });

  it('runs for five minutes at most', async () => {
    const { clock, executions } = await rig({
      long: ['EXPRESS', waiting(301)],
      short: ['EXPRESS', waiting(301, { TimeoutSeconds: 10 })],
      standard: ['STANDARD', waiting(301)],
    });
    const began = clock.now();
    const sync = (name: string) => executions.startSync({ stateMachineArn: arnOf(name) });
    const [long, short] = [sync('long'), sync('short')];
    const { executionArn } = await executions.start({ stateMachineArn: arnOf('standard'), name: 's' });
    await expect.poll(() => clock.due().length).toBeGreaterThanOrEqual(5);
    clock.advance(300_000);
    expect(await short).toMatchObject({ status: 'TIMED_OUT', error: null });
    expect(await long).toMatchObject({ status: 'TIMED_OUT', error: null });
    expect((await long).deadline).toBe(began + 300_000);
    expect(await executions.describe(executionArn)).toMatchObject({ status: 'RUNNING', deadline: null });
  });

  it('whose end nobody waits for is told to the log when it fails', async () => {
    const { logger, executions } = await rig({
      e: ['EXPRESS', { StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Bad', Cause: 'so' } } }],
    });
    const { executionArn } = await executions.start({ stateMachineArn: arnOf('e') });
    await expect
      .poll(() => logger.lines.at(-1))
      .toMatchObject({
        level: 'warn',
        fields: { executionArn, status: 'FAILED', error: 'Bad', cause: 'so' },
      });
  });

  it('may start others, and be started by others that do not wait', async () => {
    const start = (action: string, StateMachineArn: string): Json => ({
      StartAt: 'T',
      States: {
        T: { Type: 'Task', Resource: `arn:aws:states:::states:${action}`, Parameters: { StateMachineArn }, End: true },
      },
    });
    const { executions } = await rig({
      e: ['EXPRESS', start('startExecution', arnOf('s'))],
      s: ['STANDARD', PASS],
      parent: ['STANDARD', start('startExecution', arnOf('e'))],
      waits: ['STANDARD', start('startExecution.sync', arnOf('e'))],
    });
    const ended = await executions.startSync({ stateMachineArn: arnOf('e') });
    expect(ended.output?.json).toMatchObject({ ExecutionArn: expect.stringContaining(':execution:s:') });
    const run = async (name: string) => {
      const { executionArn } = await executions.start({ stateMachineArn: arnOf(name) });
      return executions.closed(executionArn);
    };
    expect((await run('parent')).output?.json).toMatchObject({ ExecutionArn: expect.stringContaining(':express:e:') });
    expect(await run('waits')).toMatchObject({
      status: 'FAILED',
      error: 'StepFunctions.StateMachineTypeNotSupportedException',
    });
    expect((await executions.list({ stateMachineArn: arnOf('s') })).executions).toHaveLength(2);
  });

  it('is not waited for when its machine is STANDARD', async () => {
    const { executions } = await rig({ s: ['STANDARD', PASS] });
    await expect(executions.startSync({ stateMachineArn: arnOf('s') })).rejects.toMatchObject({
      code: 'StateMachineTypeNotSupported',
    });
    expect(await executions.list({})).toEqual({ executions: [] });
  });
});

describe('an alias', () => {
  it('spreads executions over two versions by their weights', async () => {
    const { machines, executions } = await rig({});
    const definition = (n: number): string =>
      JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Result: n, End: true } } });
    const made = { name: 'm', definition: definition(1), roleArn: ROLE, type: 'EXPRESS' as const, tags: [] };
    await machines.create({ ...made, publish: { description: null } });
    await machines.update({ stateMachineArn: arnOf('m'), definition: definition(2), publish: { description: null } });
    const routes = [
      { versionArn: `${arnOf('m')}:1`, weight: 80 },
      { versionArn: `${arnOf('m')}:2`, weight: 20 },
    ];
    const { aliasArn } = await machines.createAlias({ name: 'live', description: null, routes });
    const outputs = await Promise.all(
      Array.from(
        { length: 1000 },
        async () => (await executions.startSync({ stateMachineArn: aliasArn })).output?.json,
      ),
    );
    const first = outputs.filter((output) => output === 1).length;
    expect(outputs.filter((output) => output === 2)).toHaveLength(1000 - first);
    expect(first).toBeGreaterThan(750);
    expect(first).toBeLessThan(850);
  });
});

describe('a state test', () => {
  it('is given up when the engine is closed, and nothing is left to wake', async () => {
    const { clock, runtime, executions } = await rig({});
    const definition = JSON.stringify({ Type: 'Wait', Seconds: 200, End: true });
    const tested = executions.testState({ definition });
    await expect.poll(() => clock.due().length).toBe(1);
    const refused = expect(tested).rejects.toThrow('The engine is being stopped');
    await runtime.close();
    await refused;
    expect(clock.due()).toEqual([]);
  });
});
