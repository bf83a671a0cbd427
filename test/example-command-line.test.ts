/** Examples by the command line alone: loaded, started, looked at, and taken away again. */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stateMachineArn } from 'fanfold';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import config from '../examples/table-map/config.json' with { type: 'json' };
import { runExample } from './example.ts';
import { fanfold } from './fanfold.ts';

const ROOT = join(import.meta.dirname, '..');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfold-by-hand-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await fanfold(args);
  expect(code, stderr).toBe(0);
  return stdout;
}

describe('table-map', () => {
  it('tells its names, is loaded, started and described, and leaves but its table', async () => {
    const project = join(folder, 'table-map');
    cpSync(join(ROOT, 'examples', 'table-map'), project, {
      recursive: true,
      filter: (path) => !/node_modules|\.fanfold|inbox|outbox|work/.test(path.slice(ROOT.length)),
    });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const stepfunc = { ...config.stepfunc, waitDurationSeconds: 0 };
    writeFileSync(join(project, 'config.json'), JSON.stringify({ ...config, stepfunc }));

    const names = JSON.parse(await run('-C', project, 'outputs', '--json')) as {
      readonly stateMachines: Readonly<Record<string, string>>;
      readonly tables: readonly string[];
    };
    expect(names.stateMachines['StepFunctionsProject']).toBe(stateMachineArn('StepFunctionsProject'));
    expect(names.tables).toEqual([config.ddb.tableName]);

    const item = JSON.stringify({ mapstatelist: 'mapitems', values: ['Economics', { topic: 'math' }] });
    await run('-C', project, 'table', 'put', config.ddb.tableName, item);
    const ended = JSON.parse(await run('-C', project, 'run', 'StepFunctionsProject', '--name', 'one', '--json')) as {
      readonly status: string;
      readonly output: readonly { readonly StatusCode: number }[];
    };
    expect(ended.status).toBe('SUCCEEDED');
    expect(ended.output.map(({ StatusCode }) => StatusCode)).toEqual([200, 200]);
    const shown = await run('-C', project, 'executions', 'show', 'one');
    expect(shown).toContain('{"M":{"topic":{"S":"math"}}}');

    const data = join(project, '.fanfold');
    await run('-C', project, 'destroy', '--yes');
    expect(existsSync(join(data, 'engine.db'))).toBe(false);
    expect(await run('-C', project, 'table', 'get', config.ddb.tableName, 'mapitems')).toContain('Economics');
    await run('-C', project, 'destroy', '--yes', '--all');
    expect(existsSync(data)).toBe(false);
  });
});

describe.each([
  ['order-intake', ['--records', '10']],
  ['order-confirmation', ['--records', '20']],
])('%s', (name, args) => {
  it('leaves nothing behind but its mails, the copies that its run has made, and the lock of the folder they are in', async () => {
    const directory = join(folder, name);
    const finished = await runExample(name, directory, args);
    expect(finished.code, finished.stderr).toBe(0);
    const at = ['-C', join(ROOT, 'examples', name), '--data', directory];
    await run(...at, 'destroy', '--yes', '--all');
    expect(['lock.db', 'outbox', 'results']).toEqual(expect.arrayContaining(readdirSync(directory)));
  });
});
