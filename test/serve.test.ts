/** `fanfold serve` as a local Step Functions endpoint: real processes. */
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fanfold } from './fanfold.ts';
import { callStates, PASS, ROLE, startServe, WAIT } from './serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fanfold-serve-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const project = join(directory, 'project');
const withFunction = join(directory, 'with-function');

describe('fanfold serve', () => {
  it('is a Step Functions endpoint where there is no project', async () => {
    const serve = await startServe();
    expect(serve.ready).toMatchObject({
      dataDirectory: expect.stringContaining('data'),
      pid: expect.any(Number),
      recovered: 0,
    });
    expect(await callStates(serve.url, 'ListStateMachines', {})).toEqual({ stateMachines: [] });
    const { stateMachineArn } = await callStates(serve.url, 'CreateStateMachine', {
      name: 'm',
      definition: PASS,
      roleArn: ROLE,
    });
    const { executionArn } = await callStates(serve.url, 'StartExecution', { stateMachineArn, input: '[1]' });
    expect(await callStates(serve.url, 'DescribeExecution', { executionArn })).toMatchObject({ output: '[1]' });
    const { code, stderr } = await serve.stop();
    expect(code).toBe(130);
    expect(stderr).toContain(`fanfold serves ${serve.url}\n`);
  });

  it('keeps the limits of AWS, or says where an execution passes them', async () => {
    const definition = JSON.stringify({
      StartAt: 'Big',
      States: { Big: { Type: 'Pass', Result: 'x'.repeat(262_143), End: true } },
    });
    const run = async (args: readonly string[]) => {
      const serve = await startServe({ args });
      const machine = { name: 'big', definition, roleArn: ROLE };
      const { stateMachineArn } = await callStates(serve.url, 'CreateStateMachine', machine);
      const { executionArn } = await callStates(serve.url, 'StartExecution', { stateMachineArn, name: 'x' });
      const shown = await callStates(serve.url, 'DescribeExecution', { executionArn });
      const { stderr } = await serve.stop();
      return { shown, stderr };
    };
    const [aws, local] = [await run(['--limits', 'aws']), await run([])];
    expect(aws.shown).toMatchObject({
      status: 'FAILED',
      error: 'States.DataLimitExceeded',
      cause: "The state/task 'Big' returned a result with a size exceeding the maximum number of bytes service limit.",
    });
    expect(aws.stderr).not.toContain('262144');
    expect(local.shown).toMatchObject({ status: 'SUCCEEDED' });
    expect(local.stderr).toContain("'Big' returned a result of more than 262144 bytes");
    expect((await fanfold(['serve', '--limits', 'none'])).stderr).toContain('It must be aws or local.');
  });

  it('keeps its data in .fanfold where nothing else is said, and goes on with it', async () => {
    const cwd = mkdtempSync(join(directory, 'cwd-'));
    const first = await startServe({ cwd, data: false });
    const machine = { name: 'w', definition: WAIT, roleArn: ROLE, publish: true };
    const { stateMachineArn } = await callStates(first.url, 'CreateStateMachine', machine);
    const started = await callStates(first.url, 'StartExecution', {
      stateMachineArn: `${String(stateMachineArn)}:1`,
      name: 'x',
    });
    await first.stop();
    expect(existsSync(join(cwd, '.fanfold', 'engine.db'))).toBe(true);
    const second = await startServe({ cwd, data: false });
    expect(second.ready).toMatchObject({ recovered: 1 });
    const { executionArn } = started;
    expect(await callStates(second.url, 'DescribeExecution', { executionArn })).toMatchObject({
      status: 'RUNNING',
      stateMachineVersionArn: `${String(stateMachineArn)}:1`,
    });
    await second.stop();
  });

  it("serves a project's state machines, without taking in files", async () => {
    writeProject(project, { stateMachines: { own: { definition: 'own.asl.json' } }, buckets: { inbound: {} } });
    writeFileSync(join(project, 'own.asl.json'), PASS);
    const serve = await startServe({ args: ['-C', project] });
    expect(await callStates(serve.url, 'ListStateMachines', {})).toMatchObject({ stateMachines: [{ name: 'own' }] });
    await serve.stop();
    expect(existsSync(join(project, 'inbox'))).toBe(false);
  });

  it('needs the project that is named', async () => {
    const { code, stderr } = await fanfold(['-C', tmpdir(), 'serve', '--port', '0']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^fanfold: There is no fanfold.config.ts in .* name it with -C\.\n$/);
  });

  it('asks the function endpoint for functions that the project does not have', async () => {
    const asked: { url: string | undefined; headers: IncomingHttpHeaders; body: string }[] = [];
    const endpoint = createServer(async (incoming, outgoing) => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      asked.push({ url: incoming.url, headers: incoming.headers, body });
      outgoing.end(JSON.stringify({ elsewhere: JSON.parse(body) }));
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    const { port } = endpoint.address() as AddressInfo;

    writeProject(withFunction, { stateMachines: {}, functions: { here: { module: 'here.ts' } } });
    writeFileSync(join(withFunction, 'here.ts'), 'export const handler = (event: object) => ({ here: event });');
    const env = { AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}` };
    const serve = await startServe({ args: ['-C', withFunction], env });
    const outputs: unknown[] = [];
    for (const name of ['here', 'there']) {
      const Resource = `arn:aws:lambda:us-east-1:111111111111:function:${name}`;
      const definition = JSON.stringify({ StartAt: 'F', States: { F: { Type: 'Task', Resource, End: true } } });
      const machine = { name, definition, roleArn: ROLE, type: 'EXPRESS' };
      const { stateMachineArn } = await callStates(serve.url, 'CreateStateMachine', machine);
      outputs.push(
        (await callStates(serve.url, 'StartSyncExecution', { stateMachineArn, input: '{"a":1}' }))['output'],
      );
    }
    await serve.stop();
    endpoint.close();
    endpoint.closeAllConnections();
    expect(outputs).toEqual(['{"here":{"a":1}}', '{"elsewhere":{"a":1}}']);
    expect(asked).toMatchObject([{ url: '/2015-03-31/functions/there/invocations', body: '{"a":1}' }]);
  });
});

function writeProject(folder: string, definition: object): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'fanfold.config.json'), JSON.stringify({ name: 'test', ...definition }));
}
