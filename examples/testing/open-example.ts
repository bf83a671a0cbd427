/** The project of an example on a data directory of its own, for tests. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type App,
  type AppOptions,
  createApp,
  type Execution,
  type LoadedProject,
  type PutObjectParams,
  silentLogger,
} from 'fanfold';
import { executeByObject } from '../command/dropped.ts';

export interface OpenExample {
  readonly app: App;
  readonly directory: string;
  /** The end of what dropping the file starts. */
  drop(stateMachine: string, put: PutObjectParams): Promise<Execution>;
  /** The object's bytes as text. */
  text(bucket: string, key: string): Promise<string>;
  keys(bucket: string, prefix?: string): Promise<readonly string[]>;
  /** The texts of all mails. */
  mails(): readonly string[];
  /** The items of a table, each value without its type. */
  items(table: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

export async function openExample(
  project: LoadedProject,
  options: Pick<AppOptions, 'clock' | 'limits'> = {},
): Promise<OpenExample> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-example-'));
  const app = await createApp({ project, logger: silentLogger, dataDirectory: directory, ...options });
  return {
    app,
    directory,
    drop: (stateMachine, put) => executeByObject(app, { stateMachine, key: put.key }, () => app.objects.put(put)),
    text: async (bucket, key) => {
      const parts: Uint8Array[] = [];
      for await (const part of (await app.objects.get({ bucket, key })).body) parts.push(part);
      return Buffer.concat(parts).toString('utf8');
    },
    keys: async (bucket, prefix = '') => {
      const keys: string[] = [];
      for (let after: string | undefined; ;) {
        const page = await app.objects.list({ bucket, prefix, ...(after !== undefined && { after }) });
        keys.push(...page.objects.map(({ key }) => key));
        if (page.next === undefined) return keys;
        after = page.next;
      }
    },
    mails: () => {
      const { outbox } = app.outputs();
      const names = readdirSync(outbox).filter((name) => name.endsWith('.eml'));
      return names.map((name) => readFileSync(join(outbox, name), 'utf8'));
    },
    items: async (table) => {
      const { items } = await app.tables.scan({ table });
      return items.map((item) =>
        Object.fromEntries(Object.entries(item).map(([name, value]) => [name, Object.values(value)[0]])),
      );
    },
    close: async () => {
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
