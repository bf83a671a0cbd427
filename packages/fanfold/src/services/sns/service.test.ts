import { expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import type { Json, JsonObject } from '../../json.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { createSnsService } from './service.ts';

const task = (action: string, parameters: Json) => ({
  task: { executionArn: 'arn', frame: '0', attempt: 1 },
  resource: `arn:aws:states:::sns:${action}`,
  parameters: Value.ofJson(parameters),
  stateName: 'Tell',
  idempotencyKey: 'key',
  signal: new AbortController().signal,
});

it('publishes JSON as text, after what led to it is synced (I2), and answers as AWS does', async () => {
  const log: JsonObject[] = [];
  const service = createSnsService({
    call: async (action, input) => (log.push({ action, ...input }), { MessageId: 'b'.repeat(36) }),
    sync: async () => void log.push({ action: 'sync' }),
    now: () => 0,
  });
  const outcome = await service.perform(task('publish', { TopicArn: 'arn', Message: { a: 1 } }));
  expect(log).toEqual([{ action: 'sync' }, { action: 'Publish', TopicArn: 'arn', Message: '{"a":1}' }]);
  expect((outcome as { output: Value }).output.json).toMatchObject({
    MessageId: 'b'.repeat(36),
    SdkHttpMetadata: { HttpStatusCode: 200, HttpHeaders: { 'Content-Length': '294', 'Content-Type': 'text/xml' } },
  });
  expect(await service.perform(task('subscribe', {}))).toMatchObject({ error: 'States.Runtime' });
});

it('fails as AWS does', async () => {
  const service = createSnsService({
    call: () => Promise.reject(new ServiceError('NotFound', 'Topic does not exist', 404)),
    sync: async () => {},
    now: () => 0,
  });
  expect(await service.perform(task('publish', { TopicArn: 'arn', Message: 'a' }))).toMatchObject({
    error: 'SNS.NotFoundException',
    cause: expect.stringMatching(
      /^Topic does not exist \(Service: AmazonSNS; Status Code: 404; Error Code: NotFound; /,
    ),
  });
});
