import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../json.ts';
import { ARN_PREFIX, ROLE, startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { FAIL, PASS, passing, statesApi, WAIT } from '../../testing/states-api.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
const { good, bad, machine } = statesApi(() => server);
const arnOf = (name: string): string => `${ARN_PREFIX}:stateMachine:${name}`;
const describeMachine = (stateMachineArn: string): Promise<JsonObject> =>
  good('DescribeStateMachine', { stateMachineArn });

describe('creating a state machine', () => {
  const LOGGING = { level: 'ALL', destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: 'arn:aws:logs:::g:*' } }] };

  it('is done once, however often the same is asked for', async () => {
    const params = { name: 'twice', definition: PASS, roleArn: ROLE };
    const first = await good('CreateStateMachine', params);
    expect(first).toEqual({ stateMachineArn: arnOf('twice'), creationDate: expect.any(Number) });
    expect(Math.abs((first['creationDate'] as number) - Date.now() / 1000)).toBeLessThan(60);
    const again = { ...params, roleArn: `${ROLE}2`, tags: [{ key: 'k', value: 'v' }] };
    expect(await good('CreateStateMachine', again)).toEqual(first);
    expect(await describeMachine(arnOf('twice'))).toMatchObject({ roleArn: ROLE });
    expect(await good('ListTagsForResource', { resourceArn: arnOf('twice') })).toEqual({ tags: [] });
  });

  it.each<JsonObject>([
    { definition: PASS.replace('\n', '') },
    { type: 'EXPRESS' },
    { tracingConfiguration: { enabled: true } },
    { loggingConfiguration: LOGGING },
    { encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY', kmsKeyId: 'k' } },
    { publish: true },
  ])('is refused when there is another of the name: %j', async (different) => {
    const params = { name: 'other', definition: PASS, roleArn: ROLE };
    await good('CreateStateMachine', params);
    expect(await bad('CreateStateMachine', { ...params, ...different })).toBe(
      `StateMachineAlreadyExists: State Machine Already Exists: '${arnOf('other')}'`,
    );
  });

  it('of different ones with one name at once makes one', async () => {
    const answers = await Promise.all(
      [PASS, FAIL, WAIT].map((definition) =>
        server.call('CreateStateMachine', { name: 'race', definition, roleArn: ROLE }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400, 400]);
  });

  it('needs a definition that can run, a name and a role', async () => {
    const params = { name: 'broken', definition: PASS, roleArn: ROLE };
    expect(await bad('CreateStateMachine', { ...params, definition: '{}' })).toBe(
      "InvalidDefinition: Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /'",
    );
    expect(await bad('CreateStateMachine', { ...params, name: 'a b' })).toBe("InvalidName: Invalid Name: 'a b'");
    expect(await bad('CreateStateMachine', { ...params, roleArn: 'me' })).toBe(
      "InvalidArn: Invalid Arn: 'Invalid ARN prefix: me'",
    );
    expect(await bad('DescribeStateMachine', { stateMachineArn: arnOf('broken') })).toMatch(
      /^StateMachineDoesNotExist/,
    );
  });

  it('refuses what an EXPRESS machine cannot do', async () => {
    const task = { Type: 'Task', Resource: 'arn:aws:states:::sns:publish.waitForTaskToken', End: true };
    const definition = JSON.stringify({
      StartAt: 'P',
      States: { P: { ...task, Parameters: { TopicArn: 't', Message: 'm' } } },
    });
    expect(await bad('CreateStateMachine', { name: 'x', definition, roleArn: ROLE, type: 'EXPRESS' })).toMatch(
      /^InvalidDefinition: .*Express state machine does not support '.waitForTaskToken' service integration  at \/States\/P\/Resource/,
    );
  });

  it('keeps settings with their defaults, shows them, and says that nothing acts on them', async () => {
    const stateMachineArn = await machine(PASS, {
      loggingConfiguration: LOGGING,
      tracingConfiguration: { enabled: true },
    });
    expect(server.log.at(-1)).toMatchObject({
      level: 'warn',
      fields: { stateMachine: stateMachineArn, settings: ['loggingConfiguration', 'tracingConfiguration'] },
    });
    expect(await describeMachine(stateMachineArn)).toMatchObject({
      loggingConfiguration: { ...LOGGING, includeExecutionData: false },
      tracingConfiguration: { enabled: true },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    });
    const said = server.log.length;
    const empty = await machine(PASS, { loggingConfiguration: { destinations: [] } });
    expect((await describeMachine(empty))['loggingConfiguration']).toEqual({
      level: 'OFF',
      includeExecutionData: false,
      destinations: [],
    });
    expect(server.log).toHaveLength(said);
  });

  it.each([
    [{ loggingConfiguration: { level: 'ALL' } }, /^InvalidLoggingConfiguration: .* exactly one Log Destination\.$/],
    [{ loggingConfiguration: { destinations: [{}, {}] } }, /^InvalidLoggingConfiguration: /],
    [
      { loggingConfiguration: { level: 'LOUD' } },
      /'LOUD' at 'loggingConfiguration.level' .*: \[ALL, ERROR, FATAL, OFF\]$/,
    ],
    [{ encryptionConfiguration: { type: 'CUSTOMER_MANAGED_KMS_KEY' } }, /^InvalidEncryptionConfiguration: /],
    [{ encryptionConfiguration: {} }, /^ValidationException: .*'encryptionConfiguration.type'.* must not be null$/],
    [{ versionDescription: 'v' }, /^ValidationException: Version description can only be set when publish is true$/],
    [{ tracingConfiguration: true }, /^SerializationException: BOOLEAN_VALUE can not be converted to a structure$/],
    [{ tags: [{ key: 'aws:x' }] }, /^ValidationException: .*aws:x/],
    [{ tags: [{ key: '', value: 'v' }] }, /'tags.1.member.key' .* greater than or equal to 1$/],
    [{ tags: 'k' }, /^SerializationException: STRING_VALUE can not be converted to a list$/],
  ])('refuses %j', async (settings, refusal) => {
    expect(await bad('CreateStateMachine', { name: 'set', definition: PASS, roleArn: ROLE, ...settings })).toMatch(
      refusal,
    );
  });
});

describe('describing a state machine', () => {
  it('gives the text of the definition as it came', async () => {
    const stateMachineArn = await machine(PASS);
    const shown = await describeMachine(stateMachineArn);
    expect(shown).toEqual({
      stateMachineArn,
      name: stateMachineArn.split(':').at(-1),
      definition: PASS,
      roleArn: ROLE,
      type: 'STANDARD',
      status: 'ACTIVE',
      creationDate: expect.any(Number),
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
      encryptionConfiguration: { type: 'AWS_OWNED_KEY' },
    });
    const metadata = await good('DescribeStateMachine', { stateMachineArn, includedData: 'METADATA_ONLY' });
    expect(metadata).toEqual({ ...shown, definition: '{}' });
  });

  it('tells which states read which variables', async () => {
    const definition = JSON.stringify({
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Assign: { x: 1, y: 2 }, Next: 'B' },
        B: { Type: 'Pass', Parameters: { 'a.$': '$y', 'b.$': '$x.z' }, End: true },
      },
    });
    expect(await describeMachine(await machine(definition))).toMatchObject({ variableReferences: { B: ['x', 'y'] } });
  });
});

describe('updating a state machine', () => {
  it('changes what is given, and executions keep what they began with', async () => {
    const stateMachineArn = await machine(WAIT);
    const { executionArn = '' } = await good('StartExecution', { stateMachineArn });
    const update = { stateMachineArn, definition: PASS, roleArn: `${ROLE}-2` };
    const updated = await good('UpdateStateMachine', update);
    expect(updated).toEqual({ updateDate: expect.any(Number), revisionId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const { revisionId = '' } = updated;
    expect(await describeMachine(stateMachineArn)).toMatchObject({
      definition: PASS,
      roleArn: `${ROLE}-2`,
      revisionId,
    });
    const used = await good('DescribeStateMachineForExecution', { executionArn });
    expect(used).toMatchObject({ stateMachineArn, definition: WAIT, roleArn: ROLE, updateDate: expect.any(Number) });
    expect(used).not.toHaveProperty('type');
    expect(used).not.toHaveProperty('revisionId');
    const { executionArn: later = '' } = await good('StartExecution', { stateMachineArn });
    expect(await good('DescribeStateMachineForExecution', { executionArn: later })).toMatchObject({ revisionId });
  });

  it('with what it has already keeps the revision', async () => {
    const stateMachineArn = await machine(PASS);
    expect(await good('UpdateStateMachine', { stateMachineArn, definition: PASS })).not.toHaveProperty('revisionId');
    const tracing = { stateMachineArn, tracingConfiguration: { enabled: true } };
    const { revisionId = '' } = await good('UpdateStateMachine', tracing);
    expect(revisionId).not.toBe('');
    expect(await good('UpdateStateMachine', tracing)).toMatchObject({ revisionId });
    expect((await good('UpdateStateMachine', { stateMachineArn, roleArn: `${ROLE}-2` }))['revisionId']).not.toBe(
      revisionId,
    );
    expect(await describeMachine(stateMachineArn)).toMatchObject({ tracingConfiguration: { enabled: true } });
  });

  it('needs something to change, and a machine of its own', async () => {
    const stateMachineArn = await machine(PASS);
    for (const nothing of [{}, { publish: true }])
      expect(await bad('UpdateStateMachine', { stateMachineArn, ...nothing })).toMatch(
        /^MissingRequiredParameter: Either /,
      );
    const definition = PASS;
    expect(await bad('UpdateStateMachine', { stateMachineArn: `${stateMachineArn}:1`, definition })).toMatch(
      /^ValidationException: This action takes no ARN of a version/,
    );
    expect(await bad('UpdateStateMachine', { stateMachineArn: arnOf('none'), definition })).toBe(
      `StateMachineDoesNotExist: State Machine Does Not Exist: '${arnOf('none')}'`,
    );
    expect(await bad('UpdateStateMachine', { stateMachineArn, definition: '[]' })).toMatch(/^InvalidDefinition: /);
  });
});

describe('deleting a state machine', () => {
  it('that nothing of runs is done at once, and again is no error', async () => {
    const stateMachineArn = await machine(PASS, { publish: true });
    const { executionArn = '' } = await good('StartExecution', { stateMachineArn });
    for (let i = 0; i < 2; i++) expect(await good('DeleteStateMachine', { stateMachineArn })).toEqual({});
    const gone = `StateMachineDoesNotExist: State Machine Does Not Exist: '${stateMachineArn}`;
    for (const action of ['DescribeStateMachine', 'StartExecution', 'ListExecutions', 'ListStateMachineVersions'])
      expect(await bad(action, { stateMachineArn })).toBe(`${gone}'`);
    expect(await bad('StartExecution', { stateMachineArn: `${stateMachineArn}:1` })).toBe(`${gone}:1'`);
    expect(await good('DescribeExecution', { executionArn })).toMatchObject({ status: 'SUCCEEDED' });
    expect(await good('GetExecutionHistory', { executionArn })).toHaveProperty('events');
  });

  it('waits for what runs, and lets nothing new begin', async () => {
    const stateMachineArn = await machine(WAIT);
    const { executionArn = '' } = await good('StartExecution', { stateMachineArn });
    await good('DeleteStateMachine', { stateMachineArn });
    expect(await describeMachine(stateMachineArn)).toMatchObject({ status: 'DELETING' });
    const deleting = `StateMachineDeleting: State Machine is being deleted: '${stateMachineArn}'`;
    for (const [action, more] of Object.entries({
      StartExecution: {},
      UpdateStateMachine: { definition: PASS },
      PublishStateMachineVersion: {},
      CreateStateMachine: { name: stateMachineArn.split(':').at(-1) ?? '', definition: WAIT, roleArn: ROLE },
    }))
      expect(await bad(action, { stateMachineArn, ...more })).toBe(deleting);
    const listed = async (): Promise<boolean> =>
      ((await good('ListStateMachines', { maxResults: 1000 }))['stateMachines'] as JsonObject[]).some(
        (each) => each['stateMachineArn'] === stateMachineArn,
      );
    expect(await listed()).toBe(true);
    await good('StopExecution', { executionArn });
    expect(await listed()).toBe(false);
    expect(await bad('DescribeStateMachine', { stateMachineArn })).toMatch(/^StateMachineDoesNotExist: /);
  });

  it('leaves no executions to another one of its name', async () => {
    const params = { name: 'reborn', definition: passing('one'), roleArn: ROLE };
    const { stateMachineArn = '' } = await good('CreateStateMachine', params);
    await good('StartExecution', { stateMachineArn, name: 'old' });
    await good('DeleteStateMachine', { stateMachineArn });
    for (const then = Date.now(); Date.now() <= then;) await new Promise((resolve) => setImmediate(resolve));
    await good('CreateStateMachine', { ...params, definition: passing('two') });
    await good('StartExecution', { stateMachineArn, name: 'new' });
    const { executions, nextToken } = await good('ListExecutions', { stateMachineArn, maxResults: 1 });
    expect(executions).toMatchObject([{ name: 'new' }]);
    expect(await good('ListExecutions', { stateMachineArn, nextToken: nextToken ?? '' })).toEqual({ executions: [] });
  });

  it('takes no ARN of a version', async () => {
    const stateMachineArn = `${await machine(PASS, { publish: true })}:1`;
    expect(await bad('DeleteStateMachine', { stateMachineArn })).toMatch(/^ValidationException: /);
  });
});
