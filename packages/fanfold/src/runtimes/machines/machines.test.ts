import { describe, expect, it } from 'vitest';
import { manualClock } from '../../testing/clocks.ts';
import { createRig, machineArn, PLACE, runArn } from '../driver.fixture.ts';
import { checkName, createMachines } from './machines.ts';
import { createMemoryStore } from '../memory/store.ts';

const pass = (Result: string): string =>
  JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', Result, End: true } } });
const params = {
  name: 'm',
  definition: pass('one'),
  roleArn: 'arn:aws:iam::000000000000:role/m',
  type: 'STANDARD',
} as const;

describe('state machines', () => {
  it('are made, described by their text, and listed by name', async () => {
    const clock = manualClock();
    const machines = createMachines({ store: createMemoryStore(), clock, ...PLACE });
    const made = await machines.put(params);
    expect(made).toMatchObject({ arn: machineArn('m'), name: 'm', type: 'STANDARD', createdAt: clock.now() });
    await machines.put({ ...params, name: 'a' });
    expect(await machines.describe(made.arn)).toEqual({
      ...made,
      definitionText: params.definition,
      version: null,
    });
    expect((await machines.list()).map(({ name }) => name)).toEqual(['a', 'm']);
  });

  it('take a new definition and role, and keep the time they were made', async () => {
    const clock = manualClock();
    const machines = createMachines({ store: createMemoryStore(), clock, ...PLACE });
    const before = await machines.put(params);
    clock.advance(1_000);
    const after = await machines.put({ ...params, definition: pass('two'), roleArn: 'other' });
    expect(after).toMatchObject({ arn: before.arn, createdAt: before.createdAt, roleArn: 'other' });
    expect(after.definition).not.toBe(before.definition);
    expect((await machines.describe(before.arn)).definitionText).toBe(pass('two'));
    expect(await machines.list()).toHaveLength(1);
  });

  it('leave a running execution the definition and the role that it began with', async () => {
    const { put, start, driver, machines, run } = createRig({ store: createMemoryStore() });
    const waiting = (Result: string) => ({
      StartAt: 'W',
      States: { W: { Type: 'Wait', Seconds: 1, Next: 'P' }, P: { Type: 'Pass', Result, End: true } },
    });
    await put('m', waiting('old'));
    const old = await start('m', 'a');
    await put('m', waiting('new'));
    const young = await start('m', 'b');
    expect((await machines.describeForExecution(old)).definitionText).toBe(JSON.stringify(waiting('old')));
    expect((await machines.describeForExecution(young)).definitionText).toBe(JSON.stringify(waiting('new')));
    await run();
    expect((await driver.executions.closed(old)).output?.json).toBe('old');
    expect((await driver.executions.closed(young)).output?.json).toBe('new');
  });

  it('are refused when their definition is wrong, with all that is wrong; nothing is changed', async () => {
    const machines = createMachines({ store: createMemoryStore(), clock: manualClock(), ...PLACE });
    const made = await machines.put(params);
    const wrong = JSON.stringify({ StartAt: 'A', States: { B: { Type: 'Pass', Next: 'C' }, D: { Type: 'Nope' } } });
    for (const definition of ['', '{', '[]', wrong])
      await expect(machines.put({ ...params, definition })).rejects.toMatchObject({ code: 'InvalidDefinition' });
    const { message } = (await machines
      .put({ ...params, definition: wrong })
      .catch((error: unknown) => error)) as Error;
    expect(message).toContain('/StartAt');
    expect(message).toContain('/States/D');
    expect(await machines.list()).toEqual([made]);
    await expect(machines.put({ ...params, name: 'a b' })).rejects.toMatchObject({ code: 'InvalidName' });
  });

  it('are not there when nobody made them', async () => {
    const machines = createMachines({ store: createMemoryStore(), clock: manualClock(), ...PLACE });
    await expect(machines.describe(machineArn('m'))).rejects.toMatchObject({ code: 'StateMachineDoesNotExist' });
    const execution = machines.describeForExecution(runArn('m', 'a'));
    await expect(execution).rejects.toMatchObject({ code: 'ExecutionDoesNotExist' });
    await expect(machines.compiled('hash')).rejects.toThrow('The store holds no definition hash');
  });

  it('are compiled from the store where this process has not seen them, and once only', async () => {
    const store = createMemoryStore();
    const { definition } = await createMachines({ store, clock: manualClock(), ...PLACE }).put(params);
    const machines = createMachines({ store, clock: manualClock(), ...PLACE });
    expect(await machines.compiled(definition)).toBe(await machines.compiled(definition));
  });

  it.each(['a', 'x'.repeat(80), 'Zoë', 'a-b_c.d', "it's", '日本', '😀'])('may be called %j', (name) => {
    expect(() => checkName(name)).not.toThrow();
  });

  it.each([
    '',
    'x'.repeat(81),
    ' ',
    'a b',
    'a\tb',
    'a\u007f',
    'a\ud800',
    '\uffff',
    '\u{10ffff}',
    ...'<>{}[]?*"#%\\^|~`$&,;:/',
  ])('may not be called %j', (name) => {
    expect(() => checkName(name)).toThrow(`Invalid Name: '${name}'`);
  });
});
