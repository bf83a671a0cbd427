import { describe, expect, it } from 'vitest';
import { DiskError } from '../database/disk-error.ts';
import { EMPTY_OBJECT } from '../interpreter/value.ts';
import type { Service, TaskRequest } from '../ports/services.ts';
import { createServices } from './registry.ts';

const request = (resource: string): TaskRequest => ({
  task: { executionArn: 'arn', frame: '0', attempt: 1 },
  resource,
  parameters: EMPTY_OBJECT,
  stateName: 'Task',
  idempotencyKey: 'key',
  signal: new AbortController().signal,
});

/** Answers with its own name. */
const named = (name: string): Service => ({ perform: async () => ({ kind: 'failed', error: name }) });
const throwing = (thrown: unknown): Service => ({
  perform: async () => {
    throw thrown;
  },
});

describe('the services', () => {
  it('leave what the disk refuses to the engine', async () => {
    const refused = new DiskError('/data/tables.db', 'database or disk is full');
    const performed = createServices({ dynamodb: throwing(refused) }).perform(
      request('arn:aws:states:::dynamodb:putItem'),
    );
    await expect(performed).rejects.toBe(refused);
  });

  it.each([
    ['arn:aws:lambda:eu-west-1:123456789012:function:work', 'lambda'],
    ['arn:aws:states:::lambda:invoke', 'lambda'],
    ['arn:aws-cn:states:::dynamodb:putItem', 'dynamodb'],
    ['arn:aws:states:::states:startExecution.sync:2', 'states'],
    ['arn:aws:states:::aws-sdk:s3:getObject', 'aws-sdk:s3'],
  ])('gives %s to %s', async (resource, name) => {
    const all = ['lambda', 'dynamodb', 'states', 'aws-sdk:s3'].map((each) => [each, named(each)] as const);
    const asked = request(resource);
    expect(await createServices(Object.fromEntries(all)).perform(asked)).toEqual({ kind: 'failed', error: name });
  });

  it.each(['arn:aws:states:::sqs:sendMessage', 'arn:aws:states:::constructor:call', 'nonsense', ''])(
    'fails the task where nobody answers for %j, and says who would',
    async (resource) => {
      const services = createServices({ states: named('states'), lambda: named('lambda') });
      expect(await services.perform(request(resource))).toEqual({
        kind: 'failed',
        error: 'States.Runtime',
        cause: `The resource '${resource}' is not available here. Available are: lambda, states.`,
      });
    },
  );

  it('says how to have AWS itself called', async () => {
    const { cause } = (await createServices({}).perform(request('arn:aws:states:::aws-sdk:ssm:getParameter'))) as {
      cause: string;
    };
    expect(cause).toContain("add 'ssm' to aws.services of the project file");
  });

  it.each([
    ['lambda:invoke', 'succeeded'],
    ['lambda:invoke.waitForTaskToken', 'submitted'],
    ['apigateway:invoke.waitForTaskToken', 'submitted'],
  ])('takes the success of %s as %s', async (action, kind) => {
    const done: Service = { perform: async () => ({ kind: 'succeeded', output: EMPTY_OBJECT }) };
    const services = createServices({ lambda: done, apigateway: done });
    expect(await services.perform(request(`arn:aws:states:::${action}`))).toEqual({ kind, output: EMPTY_OBJECT });
  });

  it('leaves a failure what it is, though a task token is awaited', async () => {
    const services = createServices({ lambda: named('lambda') });
    const asked = request('arn:aws:states:::lambda:invoke.waitForTaskToken');
    expect(await services.perform(asked)).toEqual({ kind: 'failed', error: 'lambda' });
  });

  it.each([
    [new Error('out of order'), 'out of order'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
  ])('makes %j, which a service throws, the failure of the task', async (thrown, cause) => {
    const services = createServices({ lambda: throwing(thrown) });
    const outcome = await services.perform(request('arn:aws:states:::lambda:invoke'));
    expect(outcome).toEqual({ kind: 'failed', error: 'States.TaskFailed', cause });
  });
});
