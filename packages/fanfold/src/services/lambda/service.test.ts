import { describe, expect, it } from 'vitest';
import { Value } from '../../interpreter/value.ts';
import type { Json } from '../../json.ts';
import type { Functions, InvokeParams, InvokeResult } from '../../ports/functions.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { TaskOutcome } from '../../ports/services.ts';
import { createLambdaService } from './service.ts';

const ARN = 'arn:aws:lambda:us-east-1:111111111111:function:split';
const INVOKE = 'arn:aws:states:::lambda:invoke';
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/;

async function perform(
  resource: string,
  parameters: string,
  answer: InvokeResult | ((params: InvokeParams) => InvokeResult) = { kind: 'returned', payload: '{"a": 1}' },
): Promise<{ outcome: TaskOutcome; calls: InvokeParams[]; later: unknown[]; json: Json }> {
  const calls: InvokeParams[] = [];
  const later: unknown[] = [];
  const functions: Functions = {
    has: (name) => name !== 'none',
    close: async () => {},
    invoke: async (params) => {
      calls.push(params);
      return typeof answer === 'function' ? answer(params) : answer;
    },
  };
  const service = createLambdaService(functions, { now: () => 0, invokeLater: (...asked) => later.push(asked) });
  const outcome = await service.perform({
    task: { executionArn: 'arn', frame: '0', attempt: 0 },
    resource,
    parameters: Value.ofText(parameters),
    stateName: 'Split',
    idempotencyKey: 'key',
    signal: new AbortController().signal,
  });
  return { outcome, calls, later, json: 'output' in outcome ? outcome.output.json : null };
}

describe('the ARN of a function', () => {
  it('passes input and result on as the texts they are', async () => {
    const { outcome, calls } = await perform(ARN, '{ "b":  2 }');
    expect(calls[0]).toMatchObject({ functionName: ARN, payload: '{ "b":  2 }', idempotencyKey: 'key' });
    expect(outcome.kind === 'succeeded' && outcome.output.text).toBe('{"a": 1}');
  });

  it('gives what was thrown as error and cause', async () => {
    const thrown = {
      kind: 'threw',
      errorType: 'BadRow',
      errorMessage: 'row 3',
      stackTrace: ['BadRow: row 3', '  at x'],
    };
    const { outcome } = await perform(ARN, '{}', thrown as InvokeResult);
    expect(outcome).toEqual({
      kind: 'failed',
      error: 'BadRow',
      cause: '{"errorType":"BadRow","errorMessage":"row 3","trace":["BadRow: row 3","  at x"]}',
    });
  });

  it('says that the time was over, or that the runtime ended, as AWS does', async () => {
    const cases = [
      [{ kind: 'timedOut', seconds: 3 }, 'Sandbox.Timedout', 'Task timed out after 3.00 seconds'],
      [{ kind: 'exited', message: 'Runtime exited' }, 'Runtime.ExitError', 'Runtime exited'],
    ] as const;
    for (const [result, error, message] of cases) {
      const { outcome, calls } = await perform(ARN, '{}', result);
      expect(outcome).toMatchObject({ kind: 'failed', error });
      expect(JSON.parse((outcome as { cause: string }).cause)).toEqual({
        errorType: error,
        errorMessage: `RequestId: ${calls[0]?.requestId} Error: ${message}`,
      });
    }
  });
});

describe('lambda:invoke', () => {
  it('wraps the result as it was recorded on AWS', async () => {
    const { outcome, calls, json } = await perform(INVOKE, '{"FunctionName":"split:live","Payload":{"x":[1]}}', {
      kind: 'returned',
      payload: '{"é":1}',
    });
    expect(outcome.kind).toBe('succeeded');
    expect(calls[0]).toMatchObject({ functionName: 'split:live', payload: '{"x":[1]}' });
    const headers = {
      'X-Amz-Executed-Version': '$LATEST',
      'x-amzn-Remapped-Content-Length': '0',
      Connection: 'keep-alive',
      'x-amzn-RequestId': expect.stringMatching(UUID),
      'Content-Length': '8',
      Date: 'Thu, 01 Jan 1970 00:00:00 GMT',
      'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-00000000-[0-9a-f]{24};Sampled=0$/),
      'Content-Type': 'application/json',
    };
    const lists = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]]));
    expect(json).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { é: 1 },
      SdkHttpMetadata: { AllHttpHeaders: lists, HttpHeaders: headers, HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: calls[0]?.requestId },
      StatusCode: 200,
    });
  });

  it('sends an empty object for no payload and for null', async () => {
    for (const parameters of ['{"FunctionName":"f"}', '{"FunctionName":"f","Payload":null}']) {
      expect((await perform(INVOKE, parameters)).calls[0]?.payload).toBe('{}');
    }
    expect((await perform(INVOKE, '{"FunctionName":"f","Payload":""}')).calls[0]?.payload).toBe('""');
  });

  it('calls the version or alias that Qualifier names', async () => {
    for (const [parameters, name] of [
      ['{"FunctionName":"f","Qualifier":"live"}', 'f:live'],
      [
        '{"FunctionName":"arn:aws:lambda:us-east-1:1:function:f","Qualifier":"$LATEST"}',
        'arn:aws:lambda:us-east-1:1:function:f:$LATEST',
      ],
      ['{"FunctionName":"f:live","Qualifier":"live"}', 'f:live'],
    ] as const)
      expect((await perform(INVOKE, parameters)).calls[0]?.functionName).toBe(name);
    const { outcome } = await perform(INVOKE, '{"FunctionName":"f","Qualifier":"a b"}');
    expect(outcome).toMatchObject({ cause: expect.stringContaining("field 'Qualifier' has an invalid format") });
  });

  it('is the same call when a task token is awaited', async () => {
    const { outcome } = await perform(`${INVOKE}.waitForTaskToken`, '{"FunctionName":"f"}');
    expect(outcome.kind).toBe('succeeded');
  });

  it('gives the end of the log when it is asked for', async () => {
    const { json } = await perform(INVOKE, '{"FunctionName":"f","LogType":"Tail"}', ({ onLog }) => {
      onLog?.('x'.repeat(5000));
      onLog?.('last');
      return { kind: 'returned', payload: 'null' };
    });
    const { LogResult: log } = json as { LogResult: string };
    const text = Buffer.from(log, 'base64').toString();
    expect(text).toHaveLength(4096);
    expect(text).toMatch(/^x+\nlast\n$/);
    expect(json).toMatchObject({ SdkHttpMetadata: { HttpHeaders: { 'X-Amz-Log-Result': log } } });
  });

  it('says in the recorded words that there is no such function', async () => {
    const { outcome } = await perform(INVOKE, '{"FunctionName":"f"}', () => {
      const message = 'Function not found: arn:aws:lambda:us-east-1:1:function:f:$LATEST';
      throw new ServiceError('ResourceNotFoundException', message, 404);
    });
    expect(outcome).toMatchObject({ kind: 'failed', error: 'Lambda.ResourceNotFoundException' });
    expect((outcome as { cause: string }).cause.replace(UUID, '<id>')).toBe(
      'Function not found: arn:aws:lambda:us-east-1:1:function:f:$LATEST (Service: AWSLambda; Status Code: 404; ' +
        'Error Code: ResourceNotFoundException; Request ID: <id>; Proxy: null)',
    );
  });

  it('hands on what nobody waits for, under the key of the attempt', async () => {
    const event = '{"FunctionName":"f","Qualifier":"live","InvocationType":"Event","Payload":{"a":1}}';
    const { later, calls, json } = await perform(INVOKE, event);
    expect([later, calls]).toEqual([[['f:live', '{"a":1}', 'arn', expect.stringMatching(/^[0-9a-f]{64}$/)]], []]);
    expect(json).toMatchObject({ Payload: '', StatusCode: 202, SdkHttpMetadata: { HttpStatusCode: 202 } });
    expect((await perform(INVOKE, event)).later).toEqual(later);
    const none = await perform(INVOKE, '{"FunctionName":"none","InvocationType":"Event"}');
    expect(none).toMatchObject({ later: [], outcome: { error: 'Lambda.ResourceNotFoundException' } });
  });

  it('refuses what it does not support, by name', async () => {
    const cases = [
      ['{"FunctionName":"f","ClientContext":"e30="}', "[The field 'ClientContext' is not supported by Step Functions]"],
      ['{"FunctionName":"f","toString":1}', "[The field 'toString' is not supported by Step Functions]"],
      ['{"FunctionName":"f","InvocationType":"DryRun"}', `The value "DryRun" of the field 'InvocationType'`],
      ['{"FunctionName":"f","LogType":"All"}', "The value of the field 'LogType' has an invalid format"],
      ['{"Payload":{}}', "The field 'FunctionName' is required but was missing"],
      ['{"FunctionName":7}', "The value for the field 'FunctionName' must be a STRING"],
      ['{"FunctionName":""}', "The value of the field 'FunctionName' has an invalid format"],
      ['[]', "The Parameters '[]' could not be used to start the Task"],
    ] as const;
    for (const [parameters, text] of cases) {
      const { outcome, calls } = await perform(INVOKE, parameters);
      expect(outcome).toMatchObject({ kind: 'failed', error: 'States.Runtime', rejected: true });
      expect(outcome).toMatchObject({ cause: expect.stringContaining(text) });
      expect(calls).toEqual([]);
    }
  });
});
