import { describe, expect, it } from 'vitest';
import { parseResource, type Resource } from './resource.ts';

type Parts = Omit<Resource, 'arn'>;

describe('takes a resource apart', () => {
  const fn = (action: string): Parts => ({ kind: 'function', service: 'lambda', action, pattern: 'requestResponse' });
  const integration = (service: string, action: string, pattern: Resource['pattern'] = 'requestResponse'): Parts => ({
    kind: 'integration',
    service,
    action,
    pattern,
  });
  const cases: readonly (readonly [string, Parts])[] = [
    ['arn:aws:lambda:us-east-1:000000000000:function:work', fn('work')],
    ['arn:aws-cn:lambda:cn-north-1:111111111111:function:work', fn('work')],
    ['arn:aws-us-gov:lambda:us-gov-west-1:111111111111:function:work:PROD', fn('work:PROD')],
    ['arn:aws:lambda:::function:work', fn('work')],
    [
      'arn:aws:states:us-east-1:000000000000:activity:paint',
      { kind: 'activity', service: 'activity', action: 'paint', pattern: 'requestResponse' },
    ],
    ['arn:aws:states:::lambda:invoke', integration('lambda', 'invoke')],
    ['arn:aws-cn:states:::lambda:invoke', integration('lambda', 'invoke')],
    ['arn:aws-us-gov:states:::dynamodb:putItem', integration('dynamodb', 'putItem')],
    [
      'arn:aws:states:::lambda:invoke.waitForTaskToken',
      integration('lambda', 'invoke.waitForTaskToken', 'waitForTaskToken'),
    ],
    ['arn:aws:states:::batch:submitJob.sync', integration('batch', 'submitJob.sync', 'sync')],
    ['arn:aws:states:::states:startExecution.sync:2', integration('states', 'startExecution.sync:2', 'sync')],
    ['arn:aws:states:::aws-sdk:s3:getObject', integration('aws-sdk:s3', 'getObject')],
    ['arn:aws:states:::apigateway:invoke', integration('apigateway', 'invoke')],
  ];
  it.each(cases)('%s', (arn, parts) => {
    expect(parseResource(arn)).toEqual({ arn, ...parts });
  });
});

describe('refuses what no Task state can call', () => {
  it.each([
    '',
    'work',
    'arn:aws:lambda:us-east-1:000000000000:function:',
    'arn:aws:s3:::bucket',
    'arn:aws:states:::',
    'arn:aws:states:::lambda',
    'arn:aws:states:::lambda:',
    'arn:aws:states:::aws-sdk:s3',
    'arn:aws:states:::a:b:c:d',
  ])('"%s"', (arn) => {
    expect(parseResource(arn)).toBeUndefined();
  });
});
