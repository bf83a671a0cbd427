/** Writes begun and not yet published (I4). */
import { randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.ts';
import type { ObjectRef } from '../../ports/objects.ts';
import type { ContentFiles } from './content-files.ts';
import type { Encryption } from './encryption.ts';
import type { BeginParams, PendingWrite } from './object-index.ts';
import type { ObjectTable } from './object-table.ts';

export interface Intent extends ObjectRef {
  /** The id of the key that the content is encrypted with. */
  readonly encryption: string | null;
}

export interface Intents {
  /** @throws ServiceError as `ObjectTable.checkRef`; InvalidRequest when there is no key to encrypt with */
  begin(params: BeginParams): PendingWrite;
  /** @throws Error when no such write was begun for this object */
  find(id: string, ref: ObjectRef): Intent;
  /** Within the transaction that publishes the write. */
  end(id: string): void;
  abandon(id: string): void;
}

const BEGIN = 'INSERT INTO intents (content, bucket, key, encryption) VALUES (?, ?, ?, ?)';
const INTENT = 'SELECT bucket, key, encryption FROM intents WHERE content = ?';
const END = 'DELETE FROM intents WHERE content = ?';

export function createIntents(
  db: Database,
  {
    table,
    files,
    encryption,
  }: { readonly table: ObjectTable; readonly files: ContentFiles; readonly encryption: Encryption },
): Intents {
  const intentOf = (id: string): Intent | undefined => db.prepare(INTENT).get(id) as Intent | undefined;
  return {
    begin: ({ bucket, key, encryption: asked }) => {
      table.checkRef({ bucket, key });
      const content = randomBytes(16).toString('hex');
      const chosen = encryption.choose(bucket, asked);
      db.run(BEGIN, content, bucket, key, chosen);
      const own = encryption.keyOf({ bucket, key, content, encryption: chosen });
      return { id: content, temp: files.temp(content), path: files.path(content), ...(own && { key: own }) };
    },
    find: (id, { bucket, key }) => {
      const intent = intentOf(id);
      if (intent?.bucket !== bucket || intent.key !== key)
        throw new Error(`No write ${id} of the object ${key} in the bucket ${bucket} was begun.`);
      return intent;
    },
    end: (id) => db.run(END, id),
    abandon: (id) => {
      if (!intentOf(id)) return;
      // Files first, so that a full disk has room for the row; all in one turn, so that no publish gets in between.
      files.removeSync(id);
      db.run(END, id);
    },
  };
}
