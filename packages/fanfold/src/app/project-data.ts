/** What a project keeps: the parts of its data directory that hold data, opened, synced and closed together. */
import type { EarlyThread } from '../early-thread.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import { createSqliteStore, type SqliteStore } from '../runtimes/sqlite/store.ts';
import { type LocalTables, openLocalTables } from '../services/dynamodb/tables.ts';
import { type AccessLogFile, openAccessLog } from '../services/s3/access-log.ts';
import { type LocalObjects, openLocalObjects } from '../services/s3/local.ts';
import { bucketSettings } from './bucket-settings.ts';
import { createClosers } from './closers.ts';
import type { ProjectDefinition } from './define-project.ts';
import { encryptionSettings } from './encryption-settings.ts';
import { type Messages, openMessages } from './messages.ts';
import { tableSettings } from './table-settings.ts';

export interface ProjectData {
  readonly store: SqliteStore;
  readonly local: LocalObjects;
  readonly accessLog: AccessLogFile;
  readonly tables: LocalTables;
  readonly messages: Messages;
  /** Resolves when all that was written before is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface ProjectDataParams {
  readonly definition: ProjectDefinition;
  /** The data directory, whose lock the caller holds. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The address that queues' URLs and links in mails begin with. */
  readonly endpoint: () => string;
  readonly place: { readonly region: string; readonly account: string };
  /** @defaultValue the tables start their own */
  readonly tablesThread?: EarlyThread | undefined;
}

/** @throws ProjectError when a setting cannot be */
export async function openProjectData(params: ProjectDataParams): Promise<ProjectData> {
  const { definition, directory, clock, logger, endpoint, place, tablesThread } = params;
  const durability = definition.durability ?? 'normal';
  const closers = createClosers();
  // First: its thread takes longer to start than all the others do to open.
  const opening = closers.opening(
    openLocalTables({
      directory,
      ...tableSettings(definition),
      durability,
      now: clock.now,
      place,
      early: tablesThread,
    }),
  );
  try {
    const store = closers.add(createSqliteStore({ directory, durability }));
    const local = closers.add(
      openLocalObjects({
        directory,
        buckets: Object.keys(definition.buckets ?? {}),
        settings: bucketSettings(definition),
        durability,
        ...encryptionSettings(definition, process.env),
      }),
    );
    const onError = (error: unknown): void => logger.error('The access log could not be written', { error });
    const accessLog = closers.add(openAccessLog({ directory, onError }));
    const messages = closers.add(await openMessages({ definition, directory, clock, logger, endpoint, durability }));
    const tables = await opening;
    return {
      store,
      local,
      accessLog,
      tables,
      messages,
      sync: async () => {
        await Promise.all([store.sync(), tables.sync()]);
        local.sync();
        messages.sync();
      },
      close: closers.close,
    };
  } catch (error) {
    await closers.close().catch((second: unknown) => logger.error('Closing failed too', { error: second }));
    throw error;
  }
}
