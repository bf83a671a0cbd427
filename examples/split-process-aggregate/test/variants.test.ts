/** The state machine started in its other ways, and without what it hands to its jobs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JsonObject, type LoadedProject, loadProject, stateMachineArn } from 'fanfold';
import { afterEach, expect, it, vi } from 'vitest';
import { manualClock } from '../../../packages/fanfold/src/testing/clocks.ts';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { INPUT, volume } from '../customers/volume.ts';
import { generateCustomers } from '../generate.ts';
import { withoutTrigger } from './without-trigger.ts';

const PROJECT = join(import.meta.dirname, '..');
const STATE_MACHINE = 'SplitProcessAggregate';
const arn = stateMachineArn(STATE_MACHINE);

let example: OpenExample;
afterEach(() => example.close());

async function put(records: number): Promise<void> {
  const body = generateCustomers(records, 1);
  await example.app.objects.put({ bucket: INPUT.Bucket, key: INPUT.Key, body });
}

function customers(): number {
  const { processed } = volume(join(example.directory, 'volumes', 'customers'));
  return (JSON.parse(readFileSync(processed, 'utf8')) as unknown[]).length;
}

it('is started by hand, whatever its input is', async () => {
  example = await openExample(withoutTrigger(await loadProject(PROJECT)));
  await put(120);
  const { executionArn } = await example.app.executions.start({ stateMachineArn: arn, input: '{"anything":[1]}' });
  const run = await example.app.executions.closed(executionArn);
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  expect(customers()).toBe(120);
});

it('is started at three each night', async () => {
  const clock = manualClock(Date.UTC(2026, 0, 1, 2, 59));
  example = await openExample(withoutTrigger(await loadProject(PROJECT)), { clock });
  await put(20);
  expect((await example.app.executions.list({ stateMachineArn: arn })).executions).toEqual([]);
  clock.advance(60_000);
  const [started] = await vi.waitFor(async () => {
    const { executions } = await example.app.executions.list({ stateMachineArn: arn });
    if (executions.length === 0) throw new Error('It has not begun.');
    return executions;
  }, 30_000);
  const run = await example.app.executions.closed(started?.arn ?? '');
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  expect(customers()).toBe(20);
});

it('gives a processor that is told no name the default of its job definition', async () => {
  const { definition, ...rest } = withoutTrigger(await loadProject(PROJECT));
  const text = readFileSync(join(PROJECT, 'split-process-aggregate.asl.json'), 'utf8');
  const machine = JSON.parse(text.replaceAll('<USE-YOUR-AWS-ACCOUNT-NUMBER>', '000000000000')) as {
    readonly States: {
      readonly 'Process Files': { readonly Iterator: { readonly States: Record<string, JsonObject> } };
    };
  };
  const { States } = machine.States['Process Files'].Iterator;
  const { Parameters, ...state } = States['Process File'] ?? {};
  const { Parameters: _name, ...submitted } = Parameters as JsonObject;
  States['Process File'] = { ...state, Parameters: submitted };
  const stateMachines = { [STATE_MACHINE]: { definition: machine as unknown as JsonObject } };
  const project = { ...rest, definition: { ...definition, stateMachines } } as LoadedProject;
  example = await openExample(project);
  await put(20);
  const { executionArn } = await example.app.executions.start({ stateMachineArn: arn });
  const run = await example.app.executions.closed(executionArn);
  expect(run.status).toBe('FAILED');
  expect(JSON.parse(run.cause ?? '{}')).toMatchObject({
    Container: { Command: ['FileNameTempValue'], ExitCode: 1 },
    Parameters: { FileName: 'FileNameTempValue' },
  });
});
