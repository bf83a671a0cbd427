import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { ROLE, startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { PASS, passing, statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
const { good, bad, machine } = statesApi(() => server);

async function versions(stateMachineArn: string): Promise<unknown[]> {
  const { stateMachineVersions } = await good('ListStateMachineVersions', { stateMachineArn });
  return (stateMachineVersions as JsonObject[]).map((item) => item['stateMachineVersionArn']);
}

describe('versions of a state machine', () => {
  it('are published with it, or with a change of it', async () => {
    const params = {
      name: 'published',
      definition: passing('1'),
      roleArn: ROLE,
      publish: true,
      versionDescription: 'one',
    };
    const created = await good('CreateStateMachine', params);
    const stateMachineArn = created['stateMachineArn'] as string;
    expect(created['stateMachineVersionArn']).toBe(`${stateMachineArn}:1`);
    expect(await good('CreateStateMachine', params)).toEqual(created);
    expect(await bad('CreateStateMachine', { ...params, versionDescription: 'two' })).toMatch(
      /^StateMachineAlreadyExists/,
    );
    const updated = await good('UpdateStateMachine', { stateMachineArn, definition: passing('2'), publish: true });
    expect(updated).toEqual({
      updateDate: expect.any(Number),
      revisionId: expect.any(String),
      stateMachineVersionArn: `${stateMachineArn}:2`,
    });
    expect(await good('DescribeStateMachine', { stateMachineArn: `${stateMachineArn}:1` })).toMatchObject({
      stateMachineArn: `${stateMachineArn}:1`,
      name: 'published',
      definition: passing('1'),
      description: 'one',
      status: 'ACTIVE',
      creationDate: created['creationDate'],
    });
    const machineShown = await good('DescribeStateMachine', { stateMachineArn });
    expect(machineShown).toMatchObject({ stateMachineArn, definition: passing('2') });
    expect(machineShown).not.toHaveProperty('description');
  });

  it('are one for each revision, and numbers are not given twice', async () => {
    const stateMachineArn = await machine(passing('1'));
    const publish = async (params: JsonObject = {}): Promise<unknown> =>
      (await good('PublishStateMachineVersion', { stateMachineArn, ...params }))['stateMachineVersionArn'];
    expect(await publish({ revisionId: 'INITIAL' })).toBe(`${stateMachineArn}:1`);
    expect(await publish({ description: 'again' })).toBe(`${stateMachineArn}:1`);
    const { revisionId = '' } = await good('UpdateStateMachine', { stateMachineArn, definition: passing('2') });
    expect(await publish({ revisionId })).toBe(`${stateMachineArn}:2`);
    expect(await versions(stateMachineArn)).toEqual([`${stateMachineArn}:2`, `${stateMachineArn}:1`]);
    for (let i = 0; i < 2; i++)
      expect(await good('DeleteStateMachineVersion', { stateMachineVersionArn: `${stateMachineArn}:2` })).toEqual({});
    expect(await publish()).toBe(`${stateMachineArn}:3`);
    expect(await versions(stateMachineArn)).toEqual([`${stateMachineArn}:3`, `${stateMachineArn}:1`]);
    expect(await bad('PublishStateMachineVersion', { stateMachineArn, revisionId: 'old' })).toBe(
      `ConflictException: Failed to publish the State Machine version for revision old. The current State Machine revision is ${String(revisionId)}.`,
    );
  });

  it('start executions, which say so and are listed by them', async () => {
    const stateMachineArn = await machine(passing('1'), { publish: true });
    await good('UpdateStateMachine', { stateMachineArn, definition: passing('2'), publish: true });
    const start = async (arn: string): Promise<JsonObject> => {
      const { executionArn = '' } = await good('StartExecution', { stateMachineArn: arn });
      return good('DescribeExecution', { executionArn });
    };
    const first = await start(`${stateMachineArn}:1`);
    expect(first).toMatchObject({ stateMachineArn, stateMachineVersionArn: `${stateMachineArn}:1`, output: '"1"' });
    const second = await start(`${stateMachineArn}:2`);
    expect(second).toMatchObject({ stateMachineVersionArn: `${stateMachineArn}:2`, output: '"2"' });
    const plain = await start(stateMachineArn);
    expect(plain).not.toHaveProperty('stateMachineVersionArn');
    const names = async (arn: string): Promise<unknown[]> =>
      ((await good('ListExecutions', { stateMachineArn: arn }))['executions'] as JsonObject[]).map(
        (each) => each['name'],
      );
    expect(await names(`${stateMachineArn}:1`)).toEqual([first['name']]);
    expect(await names(stateMachineArn)).toEqual([plain['name'], second['name'], first['name']]);
    const used = await good('DescribeStateMachineForExecution', { executionArn: second['executionArn'] ?? '' });
    expect(used).toMatchObject({ stateMachineArn, definition: passing('2'), revisionId: expect.any(String) });
    expect(await bad('StartExecution', { stateMachineArn: `${stateMachineArn}:9` })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${stateMachineArn}:9'`,
    );
    expect(await bad('ListExecutions', { stateMachineArn: `${stateMachineArn}:9` })).toMatch(
      /^StateMachineDoesNotExist/,
    );
  });

  it('are listed newest first, in pages', async () => {
    const stateMachineArn = await machine(passing('1'), { publish: true });
    for (let i = 2; i <= 12; i++)
      await good('UpdateStateMachine', { stateMachineArn, definition: passing(String(i)), publish: true });
    const seen: unknown[] = [];
    for (let nextToken: unknown = null; nextToken !== undefined;) {
      const page = await good('ListStateMachineVersions', {
        stateMachineArn,
        maxResults: 5,
        nextToken: nextToken as string,
      });
      seen.push(...(page['stateMachineVersions'] as JsonObject[]).map((item) => item['stateMachineVersionArn']));
      nextToken = page['nextToken'];
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => `${stateMachineArn}:${12 - i}`));
    expect(await bad('ListStateMachineVersions', { stateMachineArn, maxResults: 1001 })).toMatch(
      /less than or equal to 1000$/,
    );
    expect(await bad('ListStateMachineVersions', { stateMachineArn, nextToken: 'x' })).toBe(
      "InvalidToken: Invalid Token: 'Invalid token'",
    );
  });

  it('are deleted by their own ARN only', async () => {
    const stateMachineArn = await machine(PASS, { publish: true });
    expect(await bad('DeleteStateMachineVersion', { stateMachineVersionArn: stateMachineArn })).toMatch(
      /^InvalidArn: /,
    );
    expect(await bad('DeleteStateMachineVersion', { stateMachineVersionArn: `${stateMachineArn}:x` })).toMatch(
      /^InvalidArn/,
    );
    expect(await bad('PublishStateMachineVersion', { stateMachineArn: `${stateMachineArn}:1` })).toMatch(/^Validation/);
  });
});
