/** As many pieces as make a difference: how many go on at once, and what 5,000 descriptions of jobs do to the state. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadedProject, loadProject, stateMachineArn } from 'fanfold';
import { afterEach, expect, it } from 'vitest';
import { type OpenExample, openExample } from '../../testing/open-example.ts';
import { INPUT, volume } from '../customers/volume.ts';
import { generateCustomers } from '../generate.ts';
import { jobsOf } from '../jobs-of.ts';
import { withoutTrigger } from './without-trigger.ts';

const PROJECT = join(import.meta.dirname, '..');
const STATE_MACHINE = 'SplitProcessAggregate';

let example: OpenExample;
afterEach(() => example.close());

it('processes 25 pieces, ten at once and never more', async () => {
  example = await openExample(await loadProject(PROJECT));
  const body = generateCustomers(2500, 1);
  const run = await example.drop(STATE_MACHINE, { bucket: INPUT.Bucket, key: INPUT.Key, body });
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  expect(await jobsOf(example.app, run.arn)).toEqual({ submitted: 27, mostAtOnce: 10 });
});

/** Jobs that do nothing: it is the state that is looked at. */
async function idle(pieces: number, limits: 'aws' | 'local') {
  const { definition, ...rest } = withoutTrigger(await loadProject(PROJECT));
  const images = Object.fromEntries(Object.keys(definition.images ?? {}).map((name) => [name, { command: ['true'] }]));
  const project = { ...rest, definition: { ...definition, images } } as LoadedProject;
  example = await openExample(project, { limits });
  const { out, piece } = volume(join(example.directory, 'volumes', 'customers'));
  mkdirSync(out, { recursive: true });
  for (let index = 0; index < pieces; index++) writeFileSync(piece(index), '');
  const { executionArn } = await example.app.executions.start({ stateMachineArn: stateMachineArn(STATE_MACHINE) });
  return example.app.executions.closed(executionArn);
}

it('hands 5,000 descriptions of jobs on', async () => {
  const run = await idle(5000, 'local');
  expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
  expect(await jobsOf(example.app, run.arn)).toEqual({ submitted: 5002, mostAtOnce: 10 });
});

it('fails where the limits of AWS hold, as the original would', async () => {
  const run = await idle(400, 'aws');
  expect(run).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});
