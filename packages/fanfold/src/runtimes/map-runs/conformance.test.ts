/**
 * Executions with distributed Maps recorded on AWS Step Functions, run by the driver over buckets of files. The recordings
 * are not part of this repository: they are read from the folder that FANFOLD_CASES names, or from `shared/conformance`
 * beside the checkout, and left out without it.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { createItemSources } from '../../services/s3/item-sources.ts';
import { openLocalObjects } from '../../services/s3/local.ts';
import { createResultSinks } from '../../services/s3/result-sinks.ts';
import { createRig } from '../driver.fixture.ts';
import { createMemoryStore } from '../memory/store.ts';

interface Recorded {
  readonly id: string;
  readonly kind: string;
  readonly needs: readonly string[];
  readonly definition?: Json;
  readonly input?: string | null;
  readonly resources?: {
    readonly s3_buckets?: readonly string[];
    readonly s3_objects?: readonly { readonly bucket: string; readonly key: string; readonly body?: string }[];
  };
}

interface Comparison {
  readonly diffs?: readonly string[];
}

const FOLDER = process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../../../../../shared/conformance');
const found = existsSync(join(FOLDER, 'open.jsonl'));
if (!found) console.log(`The map runs recorded on AWS are left out: there is no open.jsonl in ${FOLDER}`);

describe.skipIf(!found)('map runs recorded on AWS', async () => {
  if (!found) return;
  const { compare } = (await import(pathToFileURL(join(FOLDER, 'compare.mjs')).href)) as {
    compare: (recorded: Recorded, actual: unknown) => Comparison;
  };
  const cases = readFileSync(join(FOLDER, 'open.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Recorded)
    .filter(({ kind, needs, definition }) => {
      const reachable = kind === 'execution' && needs.every((need) => need === 's3');
      return reachable && /"Mode":"DISTRIBUTED"/.test(JSON.stringify(definition ?? ''));
    });

  it('are many', () => {
    expect(cases.length).toBeGreaterThanOrEqual(25);
  });

  it.each(cases.map((recorded) => [recorded.id, recorded] as const))('%s', async (_, recorded) => {
    expect(compare(recorded, await actualOf(recorded)).diffs ?? []).toEqual([]);
  });
});

async function actualOf({ definition, input, resources = {} }: Recorded): Promise<Json> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-recorded-'));
  const local = openLocalObjects({ directory, buckets: resources.s3_buckets ?? [] });
  const rig = createRig({
    store: createMemoryStore(),
    itemSources: createItemSources({ objects: local.objects, account: '000000000000' }),
    resultSinks: createResultSinks({ objects: local.objects }),
  });
  try {
    for (const { bucket, key, body = '' } of resources.s3_objects ?? []) await local.objects.put({ bucket, key, body });
    await rig.put('m', definition as Json);
    const executionArn = await rig.start('m', 'run', JSON.parse(input ?? '{}') as Json);
    let execution = await rig.driver.executions.describe(executionArn);
    for (; execution.status === 'RUNNING'; execution = await rig.driver.executions.describe(executionArn))
      await rig.quiet();
    const { status, output, error, cause } = execution;
    const { events: history } = await rig.driver.executions.history({ executionArn });
    const actual = { status, output: output?.text, error: error ?? undefined, cause: cause ?? undefined, history };
    return JSON.parse(JSON.stringify(actual)) as Json;
  } finally {
    await rig.driver.close();
    await local.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
