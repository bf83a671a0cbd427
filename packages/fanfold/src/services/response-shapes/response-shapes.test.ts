import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseResource, type Resource } from '../../asl/resource.ts';
import type { Json } from '../../json.ts';
import { sdkName } from './integrations.ts';
import { createResponseShapes } from './response-shapes.ts';
import type { Table } from './shape.ts';

const { check } = createResponseShapes();
const resource = (name: string): Resource => parseResource(`arn:aws:states:::${name}`) as Resource;

describe('holding a response against its API', () => {
  it.each<[string, Json, string]>([
    ['events:putEvents', { Entries: {} }, "Field 'Entries' must be an array"],
    ['events:putEvents', { Entries: [{ EventId: 1 }] }, "Field 'EventId' must be a string"],
    ['events:putEvents', { FailedEntryCount: '0' }, "Field 'FailedEntryCount' must be a number"],
    ['events:putEvents', { FailedEntryCount: 0.5 }, "Field 'FailedEntryCount' must be a number"],
    ['dynamodb:getItem', { Item: { a: { S: 1 } } }, "Field 'S' must be a string"],
    ['dynamodb:getItem', { Item: { a: { BOOL: 1 } } }, "Field 'BOOL' must be a boolean"],
    ['dynamodb:getItem', { Item: [] }, "Field 'Item' must be an object"],
    ['dynamodb:getItem', { Item: { a: { L: [{ M: { b: { N: 1 } } }] } } }, "Field 'N' must be a string"],
    ['aws-sdk:s3:getObject', { StorageClass: 'Papyrus' }, "Field 'StorageClass' is not an expected value"],
    ['aws-sdk:s3:getObject', { SsekmsKeyId: 1 }, "Field 'SsekmsKeyId' must be a string"],
    ['aws-sdk:s3:getObject', { ETag: 1 }, "Field 'ETag' must be a string"],
    [
      'aws-sdk:lambda:getFunction',
      { Configuration: { MemorySize: 64 } },
      "Field 'MemorySize' is below the minimum value",
    ],
    [
      'aws-sdk:lambda:getFunction',
      { Configuration: { MemorySize: 99_999 } },
      "Field 'MemorySize' exceeds the maximum value",
    ],
    ['aws-sdk:lambda:invoke', { Payload: { a: 1 } }, "Field 'Payload' must be a string"],
    ['states:startExecution.sync', { StartDate: true }, "Field 'StartDate' must be a string"],
    ['states:startExecution.sync', { Output: { a: 1 } }, "Field 'Output' must be a string"],
    ['batch:submitJob.sync', { JobId: 1 }, "Field 'JobId' must be a string"],
    ['sqs:sendMessage', [1], 'The result must be a JSON object'],
  ])('%s refuses %j', async (name, response, mistake) => {
    expect(await check(resource(name), response, 'PRESENT')).toBe(mistake);
  });

  it.each<[string, Json]>([
    ['lambda:invoke', { Payload: { any: ['JSON'] }, StatusCode: 200 }],
    ['lambda:invoke', { Payload: null }],
    ['states:startExecution.sync:2', { Output: { a: 1 } }],
    ['sqs:sendMessage', { MD5OfMessageBody: 'x', NotThere: 1 }],
    ['sqs:sendMessage.waitForTaskToken', 'whatever was sent back'],
    ['http:invoke', 1],
    ['apigateway:invoke', 1],
    ['aws-sdk:nosuchservice:doThings', 1],
    ['aws-sdk:s3:noSuchAction', 1],
    ['aws-sdk:constructor:toString', 1],
  ])('%s takes %j', async (name, response) => {
    expect(await check(resource(name), response, 'PRESENT')).toBeUndefined();
  });

  it('asks for required members when it is strict only', async () => {
    const start = resource('states:startExecution');
    expect(await check(start, {}, 'STRICT')).toBe("Required field 'ExecutionArn' is missing");
    expect(await check(start, {}, 'PRESENT')).toBeUndefined();
    const described = resource('batch:submitJob.sync');
    expect(await check(described, {}, 'STRICT')).toMatch(/^Required field 'Job\w+' is missing$/);
  });

  it('holds nothing of a function against any API', async () => {
    const fn = parseResource('arn:aws:lambda:us-east-1:000000000000:function:f') as Resource;
    expect(await check(fn, 1, 'STRICT')).toBeUndefined();
  });
});

it.each([
  ['ExecutionArn', 'ExecutionArn'],
  ['executionArn', 'ExecutionArn'],
  ['SSEKMSKeyId', 'SsekmsKeyId'],
  ['ETag', 'ETag'],
  ['ARN', 'Arn'],
  ['DBInstances', 'DbInstances'],
  ['MD5OfMessageBody', 'Md5OfMessageBody'],
  ['ChecksumCRC32', 'ChecksumCRC32'],
])("the SDK's name of %s is %s", (name, sdk) => {
  expect(sdkName(name)).toBe(sdk);
});

it('every reference of the tables leads to a shape', () => {
  const folder = join(import.meta.dirname, 'data');
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  expect(files.length).toBeGreaterThan(30);
  for (const file of files) {
    const { operations, shapes } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Table;
    const refs = [
      ...Object.values(operations),
      ...shapes.flatMap((shape) => {
        if (!Array.isArray(shape)) return Object.values(shape);
        return shape[0] === 'l' || shape[0] === 'm' ? [shape[1]] : [];
      }),
    ];
    const wrong = refs.filter((ref) =>
      typeof ref === 'number' ? shapes[ref] === undefined : !['s', 'i', 'n', 'b', 'x'].includes(String(ref)),
    );
    expect([file, wrong]).toEqual([file, []]);
  }
});
