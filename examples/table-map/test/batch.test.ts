/** The batch beside the state machine: the same items are shown, in the same order. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createApp, type Json, loadProject, silentLogger, stateMachineArn } from 'fanfold';
import { afterEach, expect, it } from 'vitest';
import { executeByObject } from '../../command/dropped.ts';
import config from '../config.json' with { type: 'json' };
import { dropList } from '../drop-list.ts';
import { invocationsOf } from '../invocations.ts';
import { BATCH, LISTS_BUCKET } from '../list-batch.ts';
import dicts from '../lists/listofdicts.json' with { type: 'json' };
import subjects from '../lists/simplelist.json' with { type: 'json' };
import { listItem } from '../list-item.ts';
import { STATE_MACHINE } from '../project.ts';

const EXAMPLE = join(import.meta.dirname, '..');
/** The example waits two seconds before each item; here it does not. */
const QUICK = { ...config, stepfunc: { ...config.stepfunc, waitDurationSeconds: 0 } };

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

it.each<[string, Json]>([
  ['texts', subjects],
  ['objects', dicts],
  ['nothing', []],
])('shows a list of %s as the state machine does', async (_, list) => {
  const folder = mkdtempSync(join(tmpdir(), 'fanfold-table-map-batch-'));
  folders.push(folder);
  for (const file of ['table-map.asl.json', 'functions/show-item.ts']) cpSync(join(EXAMPLE, file), join(folder, file));
  const url = (file: string): string => JSON.stringify(pathToFileURL(join(EXAMPLE, file)).href);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'table-map.batch.ts'),
    `import { listBatch } from ${url('list-batch.ts')};\nexport default listBatch(${JSON.stringify(QUICK.stepfunc)});\n`,
  );
  writeFileSync(
    join(folder, 'fanfold.config.ts'),
    `import { tableMapProject } from ${url('project.ts')};\nexport default tableMapProject(${JSON.stringify(QUICK)});\n`,
  );
  const app = await createApp({
    project: await loadProject(folder),
    logger: silentLogger,
    dataDirectory: join(folder, 'data'),
  });
  try {
    await app.tables.put({ table: config.ddb.tableName, item: listItem(config.ddb, list) });
    const { executionArn } = await app.executions.start({ stateMachineArn: stateMachineArn(STATE_MACHINE) });
    expect((await app.executions.closed(executionArn)).status).toBe('SUCCEEDED');
    const dropped = { stateMachine: BATCH, key: 'in/list.json' };
    const run = await executeByObject(app, dropped, () => dropList(app, config.ddb, dropped.key));
    expect(run.status, run.cause ?? '').toBe('SUCCEEDED');
    const payloads = (await invocationsOf(app, executionArn)).map(({ payload }) => payload);
    expect(payloads).toHaveLength((list as Json[]).length);
    let shown = '';
    for await (const part of (await app.objects.get({ bucket: LISTS_BUCKET, key: 'shown/list.jsonl' })).body)
      shown += Buffer.from(part).toString();
    expect(shown).toBe(payloads.map((payload) => `${JSON.stringify(payload)}\n`).join(''));
  } finally {
    await app.close();
  }
});
