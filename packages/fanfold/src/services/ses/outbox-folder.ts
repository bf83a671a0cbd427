/** Mails as files, `<message id>.eml`: there whole or not at all, also after a crash. */

import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../database/sync-folder.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Outbox } from './outbox.ts';

const TEMP = /^\.[0-9a-f-]{36}\.tmp$/;

export function createFolderOutbox(directory: string): Outbox {
  let ready: Promise<void> | undefined;
  return {
    put: async ({ messageId, bytes }) => {
      try {
        ready ??= prepare(directory);
        await ready;
        await write(directory, `${messageId}.eml`, bytes);
      } catch (error) {
        ready = undefined;
        const reason = error instanceof Error ? error.message : String(error);
        const message = `The mail ${messageId} could not be written to the outbox folder ${directory}: ${reason}`;
        throw new ServiceError('ServiceUnavailable', message, 503);
      }
    },
  };
}

/** Makes the folder, and removes what an earlier process left half written. */
async function prepare(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (TEMP.test(name)) await rm(join(directory, name), { force: true });
  }
}

async function write(directory: string, name: string, bytes: Buffer): Promise<void> {
  const temp = join(directory, `.${randomUUID()}.tmp`);
  try {
    const file = await open(temp, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temp, join(directory, name));
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
  await syncFolder(directory);
}
