import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { PLACE, startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server?.close());
const { good, bad, machine } = statesApi(() => server);

const arnOf = (name: string): string => `arn:aws:states:${PLACE.region}:${PLACE.account}:activity:${name}`;
const create = async (name: string): Promise<string> =>
  (await good('CreateActivity', { name }))['activityArn'] as string;

/** A machine whose work is fetched from this activity. */
const fetching = (activityArn: string): Promise<string> =>
  machine(JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Task', Resource: activityArn, End: true } } }));

describe('CreateActivity', () => {
  it('makes an activity once', async () => {
    const made = await good('CreateActivity', { name: 'one.a-b_c', tags: [{ key: 'k', value: 'v' }] });
    expect(made).toEqual({ activityArn: arnOf('one.a-b_c'), creationDate: expect.any(Number) });
    expect(await good('CreateActivity', { name: 'one.a-b_c' })).toEqual(made);
    expect(await good('ListTagsForResource', { resourceArn: arnOf('one.a-b_c') })).toEqual({
      tags: [{ key: 'k', value: 'v' }],
    });
  });

  it.each(['a b', 'a<b', 'a/b', 'a#b', 'a:b', 'a,b', 'a\u001fb', 'a\u0085b'])('refuses the name %j', async (name) => {
    expect(await bad('CreateActivity', { name })).toBe(`InvalidName: Invalid Name: '${name}'`);
  });

  it.each([{}, { name: '' }, { name: 'x'.repeat(81) }])('holds %j against AWS’s limits', async (params) => {
    expect(await bad('CreateActivity', params)).toMatch(
      /^ValidationException: 1 validation error detected: .* at 'name'/,
    );
  });

  it('keeps its encryption, and takes no other for the same name', async () => {
    const encryptionConfiguration = { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'key' };
    await good('CreateActivity', { name: 'secret', encryptionConfiguration });
    expect(await good('DescribeActivity', { activityArn: arnOf('secret') })).toMatchObject({
      encryptionConfiguration: { ...encryptionConfiguration, kmsDataKeyReusePeriodSeconds: 300 },
    });
    expect(await bad('CreateActivity', { name: 'secret' })).toBe(
      `ActivityAlreadyExists: Activity Already Exists: '${arnOf('secret')}'`,
    );
  });
});

describe('DescribeActivity and DeleteActivity', () => {
  it('show it, and forget it, as often as they are asked', async () => {
    const activityArn = await create('two');
    expect(await good('DescribeActivity', { activityArn })).toEqual({
      activityArn,
      name: 'two',
      creationDate: expect.any(Number),
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    });
    expect(await good('DeleteActivity', { activityArn })).toEqual({});
    expect(await good('DeleteActivity', { activityArn })).toEqual({});
    expect(await bad('DescribeActivity', { activityArn })).toBe(
      `ActivityDoesNotExist: Activity Does Not Exist: '${activityArn}'`,
    );
    expect(await bad('GetActivityTask', { activityArn })).toMatch(/^ActivityDoesNotExist/);
    expect(await bad('TagResource', { resourceArn: activityArn, tags: [{ key: 'a' }] })).toMatch(/^ResourceNotFound/);
  });

  it.each([
    ['x', "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'"],
    [
      `arn:aws:states:${PLACE.region}:${PLACE.account}:stateMachine:x`,
      "InvalidArn: Invalid Arn: 'Resource type not valid in this context: stateMachine'",
    ],
    [
      `arn:aws:states:${PLACE.region}:123456789012:activity:x`,
      `ActivityDoesNotExist: Activity Does Not Exist: 'arn:aws:states:${PLACE.region}:123456789012:activity:x'`,
    ],
  ])('refuse %s', async (activityArn, refusal) => {
    expect(await bad('DescribeActivity', { activityArn })).toBe(refusal);
  });
});

describe('tags of an activity', () => {
  it('are added, shown and removed', async () => {
    const resourceArn = await create('tagged');
    await good('TagResource', { resourceArn, tags: [{ key: 'a', value: '1' }, { key: 'b' }] });
    await good('UntagResource', { resourceArn, tagKeys: ['a'] });
    expect(await good('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ key: 'b', value: '' }] });
  });
});

describe('ListActivities', () => {
  it('gives pages by name, and refuses the token of another listing', async () => {
    for (const name of ['page-c', 'page-a', 'page-b']) await create(name);
    const names: unknown[] = [];
    let nextToken: string | undefined;
    do {
      const page = await good('ListActivities', { maxResults: 2, ...(nextToken !== undefined && { nextToken }) });
      const activities = page['activities'] as JsonObject[];
      expect(activities.length).toBeLessThanOrEqual(2);
      names.push(...activities.map(({ name }) => name));
      nextToken = page['nextToken'] as string | undefined;
    } while (nextToken !== undefined);
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(['page-a', 'page-b', 'page-c']));
    const other = await good('ListStateMachines', {});
    expect(other).not.toHaveProperty('nextToken');
    expect(await bad('ListActivities', { nextToken: 'forged' })).toBe("InvalidToken: Invalid Token: 'Invalid token'");
  });
});

describe('GetActivityTask', () => {
  it('gives a worker the next task, which its token answers', async () => {
    const activityArn = await create('work');
    const stateMachineArn = await fetching(activityArn);
    const polled = good('GetActivityTask', { activityArn, workerName: 'me' });
    const { executionArn } = await good('StartExecution', { stateMachineArn, input: '{ "n": 1 }' });
    const { taskToken = '', input } = await polled;
    expect(input).toBe('{ "n": 1 }');
    expect(await good('SendTaskHeartbeat', { taskToken })).toEqual({});
    expect(await good('SendTaskSuccess', { taskToken, output: '[1]' })).toEqual({});
    expect(await good('DescribeExecution', { executionArn: executionArn ?? '' })).toMatchObject({
      status: 'SUCCEEDED',
      output: '[1]',
    });
    expect(await bad('SendTaskSuccess', { taskToken, output: '[2]' })).toBe(
      "TaskTimedOut: Task Timed Out: 'Provided task does not exist anymore'",
    );
  });

  it('loses no task to a client that hangs up', async () => {
    const activityArn = await create('hang-up');
    const stateMachineArn = await fetching(activityArn);
    const gone = new AbortController();
    const headers = {
      'X-Amz-Target': 'AWSStepFunctions.GetActivityTask',
      'Content-Type': 'application/x-amz-json-1.0',
    };
    const polls = Array.from({ length: 5 }, () =>
      fetch(server.url, { method: 'POST', headers, body: JSON.stringify({ activityArn }), signal: gone.signal }).catch(
        () => 'hung up',
      ),
    );
    // The connections are there, and so are the polls, when another request has had its answer.
    await good('DescribeActivity', { activityArn });
    gone.abort();
    expect(await Promise.all(polls)).toEqual(Array.from({ length: 5 }, () => 'hung up'));
    await good('DescribeActivity', { activityArn });
    await good('StartExecution', { stateMachineArn, input: '"kept"' });
    expect(await good('GetActivityTask', { activityArn })).toMatchObject({ input: '"kept"' });
  });

  it('is refused for an EXPRESS machine, in AWS’s words', async () => {
    const activityArn = await create('express');
    const definition = JSON.stringify({
      StartAt: 'A',
      States: { A: { Type: 'Task', Resource: activityArn, End: true } },
    });
    expect(
      await bad('CreateStateMachine', {
        name: 'no-express',
        definition,
        type: 'EXPRESS',
        roleArn: 'arn:aws:iam::1:role/x',
      }),
    ).toMatch(/^InvalidDefinition: .*Express state machine does not support Activity ARN at \/States\/A\/Resource'$/);
  });
});
