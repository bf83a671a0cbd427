/** Which pieces are left, and that nobody puts outputs together when records are missing. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type App, createApp, loadProject, silentLogger } from 'fanfold';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progressOf } from '../orders/progress.ts';
import { publish } from '../orders/publish.ts';
import { runFolder } from '../orders/run-folder.ts';

const PROJECT = join(import.meta.dirname, '..');

describe('the progress of a run', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-progress-'));
  let app: App;
  let client: DynamoDBClient;
  const open = async (): Promise<void> => {
    app = await createApp({ project: await loadProject(PROJECT), logger: silentLogger, dataDirectory: directory });
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    client = new DynamoDBClient({ endpoint: app.url, region: 'us-east-1', credentials });
  };
  beforeAll(open);
  afterAll(async () => {
    client.destroy();
    await app.close();
    rmSync(directory, { recursive: true });
  });

  it('is a set of what is left, which a restart keeps', async () => {
    await progressOf('one', client).begin(['c.ab', 'c.aa', 'c.zaaa']);
    expect(await progressOf('one', client).members()).toEqual(['c.aa', 'c.ab', 'c.zaaa']);
    expect(await progressOf('one', client).done('c.ab')).toBe(false);
    client.destroy();
    await app.close();
    await open();
    expect(await progressOf('one', client).members()).toEqual(['c.aa', 'c.zaaa']);
    expect(await progressOf('one', client).done('c.zaaa')).toBe(false);
    expect(await progressOf('one', client).done('c.aa')).toBe(true);
    expect(await progressOf('one', client).members()).toEqual([]);
  });
});

describe('the outputs of a run', () => {
  it.each([
    ['lacks a record', 'a,1\n', 'Of 3 records 2 were written and 0 rejected.'],
    ['is not there', undefined, 'The output of c.ab is missing.'],
  ])('are not put together when one %s', async (_, second, message) => {
    const volume = mkdtempSync(join(tmpdir(), 'fanfold-outputs-'));
    const folder = runFolder(volume, 'run');
    const put = (file: string, text: string): void => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    const pieces = [1, 2].map((records, i) => ({ path: `c.a${'ab'[i]}`, records, firstLine: 2 + i, sha256: '' }));
    put(folder.manifest, JSON.stringify({ header: [], records: 3, pieces }));
    for (const { path } of pieces) put(folder.rejects(path), '');
    put(folder.output('c.aa'), 'a,1\n');
    if (second !== undefined) put(folder.output('c.ab'), second);
    await expect(publish({ bucket: 'b', key: 'c', runId: 'run', volume })).rejects.toThrow(message);
    rmSync(volume, { recursive: true });
  });
});
