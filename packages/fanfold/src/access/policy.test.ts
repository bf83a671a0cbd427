import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.ts';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { createAccessControl } from './access-control.ts';
import { callAccess } from './call-access.ts';
import { policyOfNames } from './derive.ts';
import { policyOfMachine } from './derive-machine.ts';
import { type Access, matches, refusal } from './policy.ts';
import { policyDocument, policyProblems, readPolicy } from './read-policy.ts';

const PLACE = { region: 'us-east-1', account: '000000000000' };

describe('a pattern', () => {
  it('matches as the same pattern does as a regular expression', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const source = pattern.replaceAll(/[.]/g, '\\.').replaceAll('*', '[^]*').replaceAll('?', '[^]');
        expect(matches(pattern, value)).toBe(new RegExp(`^${source}$`).test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('cannot be made slow', () => {
    expect(matches(`${'*a'.repeat(2000)}b`, 'a'.repeat(20_000))).toBe(false);
  });
});

describe('a policy', () => {
  const policy = readPolicy([
    { Action: ['s3:GetObject', 's3:Put*'], Resource: 'arn:aws:s3:::data/in/*' },
    { Action: 'dynamodb:*', Resource: 'arn:aws:dynamodb:eu-west-1:123456789012:table/orders' },
    { Effect: 'Deny', Action: '*', Resource: 'arn:aws:s3:::data/in/secret*' },
    { Action: 'sqs:ListQueues' },
  ]);
  it.each([
    ['s3:GetObject', 'arn:aws:s3:::data/in/a.csv', undefined],
    ['S3:getobject', 'arn:aws:s3:::data/in/a.csv', undefined],
    ['s3:PutObject', 'arn:aws:s3:::data/in/', undefined],
    ['s3:PutObject', 'arn:aws:s3:::data/inn/a', 'not allowed'],
    ['s3:DeleteObject', 'arn:aws:s3:::data/in/a.csv', 'not allowed'],
    ['s3:GetObject', 'arn:aws:s3:::data/IN/a.csv', 'not allowed'],
    ['s3:GetObject', 'arn:aws:s3:::data/in/secret.csv', 'denied'],
    ['s3:GetObject', '*', 'not allowed'],
    ['dynamodb:PutItem', 'arn:aws:dynamodb:us-east-1:000000000000:table/orders', undefined],
    ['dynamodb:PutItem', 'arn:aws:dynamodb:us-east-1:000000000000:table/orders2', 'not allowed'],
    ['sqs:ListQueues', '*', undefined],
    ['dynamodb:PutItem', 'arn:aws:s3:::data/in/a', 'not allowed'],
  ])('%s on %s: %s', (action, resource, expected) => {
    expect(refusal(policy, { action, resource })).toBe(expected);
  });

  it('is written as an IAM policy document', () => {
    expect(policyDocument(policy)).toMatchObject({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['s3:GetObject', 's3:Put*'], Resource: 'arn:aws:s3:::data/in/*' },
        { Action: 'dynamodb:*' },
        { Effect: 'Deny', Action: '*' },
        { Resource: '*' },
      ],
    });
  });

  it('that cannot be is refused with its place', () => {
    expect([...policyProblems([{ Action: 'GetObject', Resource: 'data/*' }, { Action: ['s3:*', ''] }])]).toEqual([
      '[0].Action: service:Action is needed, such as s3:GetObject, not GetObject',
      '[0].Resource: an ARN is needed, such as arn:aws:s3:::bucket/*, not data/*',
      '[1].Action: service:Action is needed, such as s3:GetObject, not ',
    ]);
  });
});

describe('what a call does', () => {
  it.each([
    ['dynamodb', 'PutItem', { TableName: 't' }, ['dynamodb:PutItem arn:aws:dynamodb:us-east-1:000000000000:table/t']],
    [
      'dynamodb',
      'BatchWriteItem',
      { RequestItems: { a: [], b: [] } },
      ['a', 'b'].map((table) => `dynamodb:BatchWriteItem arn:aws:dynamodb:us-east-1:000000000000:table/${table}`),
    ],
    ['dynamodb', 'ListTables', {}, ['dynamodb:ListTables *']],
    [
      'sqs',
      'SendMessageBatch',
      { QueueUrl: 'http://x/000000000000/q' },
      ['sqs:SendMessage arn:aws:sqs:us-east-1:000000000000:q'],
    ],
    [
      'sns',
      'Publish',
      { TopicArn: 'arn:aws:sns:us-east-1:000000000000:n' },
      ['sns:Publish arn:aws:sns:us-east-1:000000000000:n'],
    ],
    [
      'lambda',
      'Invoke',
      { FunctionName: 'f:PROD' },
      ['lambda:InvokeFunction arn:aws:lambda:us-east-1:000000000000:function:f'],
    ],
    ['states', 'StartExecution', { stateMachineArn: 'arn:x' }, ['states:StartExecution arn:x']],
    ['states', 'StartExecution', { StateMachineArn: 'arn:x' }, ['states:StartExecution arn:x']],
    [
      's3',
      'CopyObject',
      { Bucket: 'b', Key: 'k', CopySource: '/from/a%20b/c?versionId=1' },
      ['s3:PutObject arn:aws:s3:::b/k', 's3:GetObjectVersion arn:aws:s3:::from/a b/c'],
    ],
    [
      's3',
      'CopyObject',
      { Bucket: 'b', Key: 'k', CopySource: 'from/a+b?c' },
      ['s3:PutObject arn:aws:s3:::b/k', 's3:GetObject arn:aws:s3:::from/a b?c'],
    ],
    ['s3', 'GetObject', { Bucket: 'b', Key: 'k', VersionId: 'v' }, ['s3:GetObjectVersion arn:aws:s3:::b/k']],
    ['s3', 'ListObjectVersions', { Bucket: 'b' }, ['s3:ListBucketVersions arn:aws:s3:::b']],
    ['s3', 'ListObjectsV2', { Bucket: 'b' }, ['s3:ListBucket arn:aws:s3:::b']],
    ['constructor', 'X', {}, ['constructor:X *']],
  ])('%s:%s', (service, action, input, expected) => {
    const accesses = callAccess(service, action, input, PLACE);
    expect(accesses.map((access) => `${access.action} ${access.resource}`)).toEqual(expected);
  });
});

describe('access', () => {
  it('is refused in the words of AWS, and told in the log', () => {
    const logger = recordingLogger();
    const access = createAccessControl({ logger, account: PLACE.account });
    const wanted = [{ action: 's3:GetObject', resource: 'arn:aws:s3:::b/k' }];
    expect(() => access.check(undefined, wanted)).not.toThrow();
    expect(() => access.check({ name: 'function:load', policy: [] }, wanted)).toThrow(
      expect.objectContaining({
        code: 'AccessDeniedException',
        message:
          'User: arn:aws:iam::000000000000:role/function:load is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because its policy does not allow it',
      }),
    );
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { role: 'function:load', action: 's3:GetObject' } }]);
  });

  it('to a function is also for the function to say', () => {
    const access = createAccessControl({
      logger: recordingLogger(),
      account: PLACE.account,
      invokers: (name) => (name === 'mine' ? ['stateMachine:Main'] : undefined),
    });
    const policy = readPolicy([{ Action: '*' }]);
    const invoke = (role: string, name: string) => () =>
      access.check({ name: role, policy }, [
        { action: 'lambda:InvokeFunction', resource: `arn:aws:lambda:::function:${name}` },
      ]);
    expect(invoke('stateMachine:Main', 'mine')).not.toThrow();
    expect(invoke('stateMachine:Other', 'mine')).toThrow('only stateMachine:Main may invoke the function');
    expect(invoke('stateMachine:Other', 'open')).not.toThrow();
  });
});

describe('a policy that follows', () => {
  it('from names in an environment lets these things be used, and nothing else', () => {
    const things = {
      buckets: ['in', 'out'],
      tables: ['t'],
      queues: ['q'],
      topics: ['n'],
      stateMachines: ['M'],
      functions: ['f'],
    };
    const texts = ['in', 'http://127.0.0.1/000000000000/q', 'arn:aws:sns:us-east-1:000000000000:n', 'tt'];
    const policy = policyOfNames(texts, things, PLACE);
    expect(refusal(policy, { action: 's3:GetObject', resource: 'arn:aws:s3:::in/k' })).toBeUndefined();
    expect(refusal(policy, { action: 's3:GetObject', resource: 'arn:aws:s3:::out/k' })).toBe('not allowed');
    expect(refusal(policy, { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:::q' })).toBeUndefined();
    expect(refusal(policy, { action: 'sns:Publish', resource: 'arn:aws:sns:::n' })).toBeUndefined();
    expect(refusal(policy, { action: 'dynamodb:GetItem', resource: 'arn:aws:dynamodb:::table/t' })).toBe('not allowed');
  });

  it('from a definition is what its tasks do', () => {
    const definition = {
      States: {
        A: { Type: 'Task', Resource: 'x', Parameters: { TableName: 't', 'Key.$': '$' } },
        M: {
          Type: 'Map',
          ItemReader: { Resource: 'GetObject', Parameters: { Bucket: 'in', 'Key.$': '$.key' } },
          ResultWriter: { Resource: 'PutObject', Parameters: { Bucket: 'out' } },
          ItemProcessor: { States: { B: { Type: 'Task', Resource: 'y', Arguments: { TableName: '{% $t %}' } } } },
        },
      },
    };
    const policy = policyOfMachine(definition, {
      task: (resource, input) => callAccess('dynamodb', resource, input, PLACE),
      reader: (resource, input) => callAccess('s3', resource, input, PLACE),
      writer: ({ Bucket }) => [{ action: 's3:PutObject', resource: `arn:aws:s3:::${String(Bucket)}/*` }],
    });
    expect(policy).toEqual([
      { effect: 'Allow', actions: ['dynamodb:x'], resources: ['arn:aws:dynamodb:us-east-1:000000000000:table/t'] },
      { effect: 'Allow', actions: ['s3:GetObject'], resources: ['arn:aws:s3:::in/*'] },
      { effect: 'Allow', actions: ['s3:PutObject'], resources: ['arn:aws:s3:::out/*'] },
      { effect: 'Allow', actions: ['dynamodb:y'], resources: ['arn:aws:dynamodb:us-east-1:000000000000:table/*'] },
    ]);
  });

  it.each<readonly [string, string, JsonObject, readonly [string, string][]]>([
    [
      's3',
      'CopyObject',
      { Bucket: 'out', 'Key.$': '$.key', 'CopySource.$': "States.Format('in/{}', $.key)" },
      [
        ['s3:PutObject', 'arn:aws:s3:::out/*'],
        ['s3:GetObject', 'arn:aws:s3:::*/*'],
      ],
    ],
    ['s3', 'ListObjectsV2', { Bucket: 'in', 'Prefix.$': '$.p' }, [['s3:ListBucket', 'arn:aws:s3:::in']]],
    [
      'batch',
      'SubmitJob',
      { 'JobDefinition.$': '$.jd', JobQueue: 'q' },
      [['batch:SubmitJob', '*:job-definition/*|*:job-queue/q']],
    ],
    ['lambda', 'Invoke', { FunctionName: '{% $f %}' }, [['lambda:InvokeFunction', '*:function:*']]],
    ['sns', 'Publish', { 'TopicArn.$': '$.t' }, [['sns:Publish', '*']]],
  ])('stands for anything where %s:%s takes it from its input: %j', (service, action, Parameters, expected) => {
    const task = (_: string, input: JsonObject) => callAccess(service, action, input, PLACE);
    const none = (): readonly Access[] => [];
    const policy = policyOfMachine({ Type: 'Task', Resource: 'x', Parameters }, { task, reader: none, writer: none });
    const short = (arn: string): string => arn.replace(/^arn:aws:\w+:us-east-1:0{12}:/, '*:');
    expect(policy.map(({ actions, resources }) => [actions.join(), resources.map(short).join('|')])).toEqual(expected);
  });
});
