import { describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { ApiCall } from '../../ports/api-call.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskOutcome } from '../../ports/services.ts';
import { createAwsSdkCalls } from '../aws-sdk-calls.ts';
import { createSqsService } from './service.ts';
import { SQS_EXCEPTIONS } from './sqs-error.ts';

const log: string[] = [];
const calls: { action: string; input: JsonObject; key: string | undefined }[] = [];
const answering =
  (answer: JsonObject | ServiceError): ApiCall =>
  async (action, input, { idempotencyKey }) => {
    log.push('call');
    calls.push({ action, input, key: idempotencyKey });
    if (answer instanceof ServiceError) throw answer;
    return answer;
  };
const sync = async (): Promise<void> => void log.push('sync');

function perform(call: ApiCall, resource: string, parameters: Json, attempt = 1): Promise<TaskOutcome> {
  log.length = 0;
  calls.length = 0;
  const service = resource.includes('aws-sdk')
    ? createAwsSdkCalls({ service: 'Sqs', named: SQS_EXCEPTIONS, message: 'MessageBody', call, sync })
    : createSqsService({ call, sync, now: () => 0 });
  return service.perform({
    task: { executionArn: 'arn', frame: '0', attempt },
    resource: `arn:aws:states:::${resource}`,
    parameters: Value.ofJson(parameters),
    stateName: 'Send',
    idempotencyKey: 'key',
    signal: new AbortController().signal,
  });
}

const SENT = { MD5OfMessageBody: 'a'.repeat(32), MessageId: 'b'.repeat(36) };

describe('sqs:sendMessage', () => {
  it('sends a body that is JSON as text, after what led to it is synced (I2)', async () => {
    const outcome = await perform(answering(SENT), 'sqs:sendMessage', { QueueUrl: 'u', MessageBody: { a: 1 } });
    expect(log).toEqual(['sync', 'call']);
    expect(calls[0]).toMatchObject({ action: 'SendMessage', input: { QueueUrl: 'u', MessageBody: '{"a":1}' } });
    expect(outcome).toMatchObject({ kind: 'succeeded' });
    expect((outcome as { output: Value }).output.json).toMatchObject({
      ...SENT,
      SdkHttpMetadata: { HttpStatusCode: 200, HttpHeaders: { 'Content-Length': '106' } },
    });
  });

  it('asks under one key for each attempt', async () => {
    const keyOf = async (attempt: number): Promise<string | undefined> => {
      await perform(answering(SENT), 'sqs:sendMessage', { QueueUrl: 'u', MessageBody: 'a' }, attempt);
      return calls[0]?.key;
    };
    expect(await keyOf(1)).toBe(await keyOf(1));
    expect(await keyOf(1)).not.toBe(await keyOf(2));
  });

  it.each([
    ['MissingParameter', 'SQS.AmazonSQSException', 'Error Code: MissingParameter;'],
    ['QueueDoesNotExist', 'SQS.QueueDoesNotExistException', 'Error Code: AWS.SimpleQueueService.NonExistentQueue;'],
  ])('fails with %s as AWS does', async (code, error, words) => {
    const outcome = await perform(answering(new ServiceError(code, 'No.')), 'sqs:sendMessage', { QueueUrl: 'u' });
    expect(outcome).toMatchObject({ kind: 'failed', error, cause: expect.stringContaining(words) });
  });

  it('refuses an action that is not there', async () => {
    expect(await perform(answering({}), 'sqs:receiveMessage', {})).toMatchObject({
      kind: 'failed',
      error: 'States.Runtime',
    });
    expect(calls).toEqual([]);
  });
});

describe('aws-sdk:sqs', () => {
  it('gives back the names of the SDK for Java', async () => {
    const call = answering({ Messages: [{ MD5OfBody: 'x', Body: 'b' }] });
    const outcome = await perform(call, 'aws-sdk:sqs:receiveMessage', { QueueUrl: 'u' });
    expect((outcome as { output: Value }).output.json).toEqual({ Messages: [{ Md5OfBody: 'x', Body: 'b' }] });
  });

  it('sends a body that is JSON as text, in a batch too', async () => {
    const Entries = [{ Id: '1', MessageBody: { a: 1 } }];
    await perform(answering({}), 'aws-sdk:sqs:sendMessageBatch', { QueueUrl: 'u', Entries });
    expect(calls[0]?.input).toEqual({ QueueUrl: 'u', Entries: [{ Id: '1', MessageBody: '{"a":1}' }] });
  });

  it('fails under its name', async () => {
    const call = answering(new ServiceError('QueueDoesNotExist', 'No.'));
    expect(await perform(call, 'aws-sdk:sqs:sendMessage', { QueueUrl: 'u' })).toMatchObject({
      error: 'Sqs.QueueDoesNotExistException',
      cause: expect.stringMatching(/^No\. \(Service: Sqs, Status Code: 400, Request ID: /),
    });
  });
});
