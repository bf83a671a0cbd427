/** Which pieces of a run are left. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type App, createApp, loadProject, silentLogger } from 'fanfold';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { progressOf } from '../orders/progress.ts';

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
