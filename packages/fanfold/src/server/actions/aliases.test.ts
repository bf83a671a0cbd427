import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { passing, statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
/** A machine with three versions. */
let arn: string;
beforeAll(async () => {
  server = await startTestServer();
  arn = await machine(passing('1'), { publish: true });
  for (const n of ['2', '3'])
    await good('UpdateStateMachine', { stateMachineArn: arn, definition: passing(n), publish: true });
});
afterAll(() => server.close());
const { good, bad, machine } = statesApi(() => server);

const to = (...routes: readonly (readonly [version: number | string, weight: number])[]): JsonObject[] =>
  routes.map(([version, weight]) => ({ stateMachineVersionArn: version === '' ? arn : `${arn}:${version}`, weight }));
const create = (name: string, routingConfiguration: JsonObject[], more: JsonObject = {}): JsonObject => ({
  name,
  routingConfiguration,
  ...more,
});

describe('an alias of a state machine', () => {
  it('is created once, however often the same is asked for', async () => {
    const params = create('once', to([1, 100]), { description: 'd' });
    const first = await good('CreateStateMachineAlias', params);
    expect(first).toEqual({ stateMachineAliasArn: `${arn}:once`, creationDate: expect.any(Number) });
    expect(await good('CreateStateMachineAlias', params)).toEqual(first);
    for (const different of [{ description: 'e' }, { routingConfiguration: to([1, 50], [2, 50]) }])
      expect(await bad('CreateStateMachineAlias', { ...params, ...different })).toBe(
        'ConflictException: Failed to create alias because an alias with the same name and a different routing ' +
          'configuration already exists.',
      );
  });

  it('leads executions to its versions by weight, and they say so', async () => {
    await good('CreateStateMachineAlias', create('live', to([1, 100], [2, 0])));
    const start = async (): Promise<JsonObject> => {
      const { executionArn = '' } = await good('StartExecution', { stateMachineArn: `${arn}:live` });
      return good('DescribeExecution', { executionArn });
    };
    const shown = await start();
    expect(shown).toMatchObject({
      stateMachineArn: arn,
      stateMachineAliasArn: `${arn}:live`,
      stateMachineVersionArn: `${arn}:1`,
      output: '"1"',
    });
    await good('UpdateStateMachineAlias', {
      stateMachineAliasArn: `${arn}:live`,
      routingConfiguration: to([1, 0], [2, 100]),
    });
    const later = await start();
    expect(later).toMatchObject({ stateMachineVersionArn: `${arn}:2`, output: '"2"' });
    const { executions } = await good('ListExecutions', { stateMachineArn: `${arn}:live` });
    expect(executions).toMatchObject([
      { name: later['name'] },
      { name: shown['name'], stateMachineAliasArn: `${arn}:live` },
    ]);
    expect(await bad('ListExecutions', { stateMachineArn: `${arn}:dead` })).toMatch(/^StateMachineDoesNotExist: /);
    expect(await bad('StartExecution', { stateMachineArn: `${arn}:dead` })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${arn}:dead'`,
    );
  });

  it('is described, updated in what is given, and deleted', async () => {
    const stateMachineAliasArn = `${arn}:some`;
    const { creationDate = 0 } = await good('CreateStateMachineAlias', create('some', to([3, 100])));
    const shown = { stateMachineAliasArn, name: 'some', creationDate };
    expect(await good('DescribeStateMachineAlias', { stateMachineAliasArn })).toEqual({
      ...shown,
      routingConfiguration: to([3, 100]),
      updateDate: creationDate,
    });
    expect(await good('UpdateStateMachineAlias', { stateMachineAliasArn, description: 'new' })).toEqual({
      updateDate: expect.any(Number),
    });
    await good('UpdateStateMachineAlias', { stateMachineAliasArn, routingConfiguration: to([3, 30], [1, 70]) });
    expect(await good('DescribeStateMachineAlias', { stateMachineAliasArn })).toEqual({
      ...shown,
      description: 'new',
      routingConfiguration: to([3, 30], [1, 70]),
      updateDate: expect.any(Number),
    });
    expect(await bad('DeleteStateMachineVersion', { stateMachineVersionArn: `${arn}:3` })).toBe(
      'ConflictException: Version to be deleted must not be referenced by an alias. Current list of aliases ' +
        'referencing this version: [some]',
    );
    for (let i = 0; i < 2; i++) expect(await good('DeleteStateMachineAlias', { stateMachineAliasArn })).toEqual({});
    for (const action of ['DescribeStateMachineAlias', 'UpdateStateMachineAlias'])
      expect(await bad(action, { stateMachineAliasArn, description: 'x' })).toBe(
        'ResourceNotFound: Request references a resource that does not exist.',
      );
    expect(await bad('UpdateStateMachineAlias', { stateMachineAliasArn })).toMatch(
      /^MissingRequiredParameter: Either /,
    );
    expect(await bad('DescribeStateMachineAlias', { stateMachineAliasArn: arn })).toMatch(/^InvalidArn: /);
  });

  it('is listed, oldest first, in pages, and by a version that it leads to', async () => {
    const own = await machine(passing('1'), { publish: true });
    const route = [{ stateMachineVersionArn: `${own}:1`, weight: 100 }];
    for (const name of ['c', 'a', 'b']) await good('CreateStateMachineAlias', create(name, route));
    const list = async (params: JsonObject): Promise<JsonObject> => good('ListStateMachineAliases', params);
    const { stateMachineAliases: all } = await list({ stateMachineArn: own });
    expect(all).toHaveLength(3);
    const first = await list({ stateMachineArn: own, maxResults: 2 });
    const second = await list({ stateMachineArn: own, nextToken: first['nextToken'] ?? '' });
    expect([first['stateMachineAliases'], second['stateMachineAliases']].flat()).toEqual(all);
    expect(await list({ stateMachineArn: `${own}:1` })).toEqual({ stateMachineAliases: all });
    expect(await list({ stateMachineArn: `${arn}:3` })).toEqual({ stateMachineAliases: [] });
  });

  const refusals: readonly (readonly [string, () => JsonObject, string])[] = [
    [
      'a machine',
      () => create('x', to(['', 100])),
      'Routing configuration must contain state machine version ARNs. Received: [ARN]',
    ],
    [
      'a machine and a version',
      () => create('x', to(['', 70], [2, 30])),
      'Routing configuration must contain state machine version ARNs. Received: [ARN, ARN:2]',
    ],
    [
      'one version twice',
      () => create('x', to([1, 50], [1, 50])),
      'Routing configuration must contain distinct state machine version ARNs. Received: [ARN:1, ARN:1]',
    ],
    [
      'less than all',
      () => create('x', to([1, 70], [2, 29])),
      'Sum of routing configuration weights must equal 100. Received: [70, 29]',
    ],
    [
      'more than all',
      () => create('x', to([1, 101])),
      "1 validation error detected: Value '101' at 'routingConfiguration.1.member.weight' failed to satisfy constraint: Member must have value less than or equal to 100",
    ],
    [
      'three versions',
      () => create('x', to([1, 50], [2, 30], [3, 20])),
      "1 validation error detected: Value '[RoutingConfigurationListItem(stateMachineVersionArn=ARN:1, weight=50), " +
        'RoutingConfigurationListItem(stateMachineVersionArn=ARN:2, weight=30), ' +
        "RoutingConfigurationListItem(stateMachineVersionArn=ARN:3, weight=20)]' at 'routingConfiguration' failed to " +
        'satisfy constraint: Member must have length less than or equal to 2',
    ],
    [
      'nothing',
      () => create('x', []),
      "1 validation error detected: Value '[]' at 'routingConfiguration' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
  ];
  it.each(refusals)('does not lead to %s', async (_, params, refusal) => {
    expect(await bad('CreateStateMachineAlias', params())).toBe(
      `ValidationException: ${refusal.replaceAll('ARN:', `${arn}:`).replaceAll('[ARN', `[${arn}`)}`,
    );
  });

  it('does not lead to a version that is not there, or of another machine', async () => {
    expect(await bad('CreateStateMachineAlias', create('x', to([9, 100])))).toBe(
      'ResourceNotFound: Request references a resource that does not exist.',
    );
    const other = await machine(passing('o'), { publish: true });
    const routes = [...to([1, 50]), { stateMachineVersionArn: `${other}:1`, weight: 50 }];
    expect(await bad('CreateStateMachineAlias', create('x', routes))).toMatch(
      /^ValidationException: .* of one state machine/,
    );
    await good('CreateStateMachineAlias', create('own', to([1, 100])));
    const elsewhere = [{ stateMachineVersionArn: `${other}:1`, weight: 100 }];
    expect(
      await bad('UpdateStateMachineAlias', { stateMachineAliasArn: `${arn}:own`, routingConfiguration: elsewhere }),
    ).toMatch(/^ValidationException: An alias can only lead to versions of its own state machine/);
  });

  it.each(['123', 'INVALID ALIAS', '!INVALID', 'ALIAS@'])('is not called %s', async (name) => {
    expect(await bad('CreateStateMachineAlias', create(name, to([1, 100])))).toBe(
      `ValidationException: 1 validation error detected: Value '${name}' at 'name' failed to satisfy constraint: ` +
        'Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$',
    );
  });
});
