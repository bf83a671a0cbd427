/** Map runs over files, for tests: a driver over SQLite files beside a bucket named `files`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../json.ts';
import type { SourceItem } from '../../ports/item-sources.ts';
import type { Store } from '../../ports/store.ts';
import { createItemSources } from '../../services/s3/item-sources.ts';
import { type LocalObjects, openLocalObjects } from '../../services/s3/local.ts';
import { createResultSinks } from '../../services/s3/result-sinks.ts';
import { createRig, type Rig, type RigOptions, sequence } from '../driver.fixture.ts';
import { SMALL_PACKS } from '../sqlite/packing.ts';
import { createSqliteStore } from '../sqlite/store.ts';

/** Reads the object that the input names as `key`. */
export const READER = {
  Resource: 'arn:aws:states:::s3:getObject',
  ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
  Parameters: { Bucket: 'files', 'Key.$': '$.key' },
} as const;

export const WRITER = {
  Resource: 'arn:aws:states:::s3:putObject',
  Parameters: { Bucket: 'files', Prefix: 'out' },
} as const;

/** A machine of one distributed Map, `Each`, which has a reader. @param states of a child */
export function mapOfFile(rest: JsonObject, type = 'STANDARD', states: JsonObject = { Keep: { Type: 'Pass' } }): Json {
  const ItemProcessor = {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
    ...(sequence(states) as object),
  };
  return sequence({ Each: { Type: 'Map', ItemReader: READER, ItemProcessor, End: true, ...rest } });
}

export class FileRig {
  readonly #directory: string = mkdtempSync(join(tmpdir(), 'fanfold-map-'));
  readonly local: LocalObjects = openLocalObjects({ directory: this.#directory, buckets: ['files'] });
  store: Store = this.#opened();
  rig: Rig;
  /** Reads and writes of files that are under way: the rig knows of the store alone. */
  #outside = new Set<Promise<unknown>>();

  constructor() {
    this.rig = this.use();
  }

  /** As a process that begins on what is there. */
  use(options: Omit<RigOptions, 'store'> = {}): Rig {
    const outside = new Set<Promise<unknown>>();
    this.#outside = outside;
    const seen = <T>(promise: Promise<T>): Promise<T> => {
      outside.add(promise);
      const gone = (): unknown => outside.delete(promise);
      promise.then(gone, gone);
      return promise;
    };
    const { objects } = this.local;
    const sources = createItemSources({ objects, account: '000000000000' });
    const sinks = createResultSinks({ objects });
    this.rig = createRig({
      store: this.store,
      itemSources: {
        open: async (params) => {
          const opened = await seen(sources.open(params));
          async function* items(): AsyncGenerator<readonly SourceItem[]> {
            const read = opened.items[Symbol.asyncIterator]();
            try {
              for (let found = await seen(read.next()); !found.done; found = await seen(read.next())) yield found.value;
            } finally {
              await read.return?.();
            }
          }
          return { ...opened, items: items() };
        },
      },
      resultSinks: {
        ...sinks,
        check: (params) => seen(sinks.check(params)),
        write: (params) => seen(sinks.write(params)),
      },
      ...options,
    });
    return this.rig;
  }

  /** The process has ended, and another one begins. */
  async reopen(options: Omit<RigOptions, 'store'> = {}): Promise<void> {
    await this.store.close();
    this.store = this.#opened();
    this.use(options);
    await this.rig.driver.recover();
    await this.settle();
  }

  /** Resolves once nothing moves any more unless time passes or somebody answers. */
  async settle(): Promise<void> {
    for (await this.rig.quiet(); this.#outside.size > 0; await this.rig.quiet())
      await Promise.allSettled(this.#outside);
  }

  async close(): Promise<void> {
    await this.rig.driver.close();
    await this.store.close();
    await this.local.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async put(key: string, body: string | Uint8Array): Promise<void> {
    await this.local.objects.put({ bucket: 'files', key, body });
  }

  async textOf(key: string): Promise<string> {
    const { body } = await this.local.objects.get({ bucket: 'files', key });
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }

  /** Runs a machine until it waits or has ended. @returns the ARN of the execution */
  async begin(definition: Json, input: Json = { key: 'rows.csv' }): Promise<string> {
    await this.rig.put('m', definition);
    const arn = await this.rig.start('m', 'run', input);
    await this.settle();
    return arn;
  }

  /** Its output, or how it failed. */
  async endOf(arn: string): Promise<unknown> {
    const { status, output, error, cause } = await this.rig.driver.executions.describe(arn);
    return status === 'SUCCEEDED' ? output?.json : { status, error, cause };
  }

  /** What the output of the execution names. */
  async manifestOf(arn: string): Promise<JsonObject> {
    const { ResultWriterDetails } = (await this.endOf(arn)) as { ResultWriterDetails: { Key: string } };
    return JSON.parse(await this.textOf(ResultWriterDetails.Key)) as JsonObject;
  }

  #opened(): Store {
    return createSqliteStore({ directory: this.#directory, packs: SMALL_PACKS });
  }
}
