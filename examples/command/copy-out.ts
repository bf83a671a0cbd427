import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { App, ObjectRef } from 'fanfold';

/** Copies an object out of its bucket, so that it can be looked at. @param name defaults to the last part of its key @returns the file */
export async function copyOut(app: App, ref: ObjectRef, folder: string, name = basename(ref.key)): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  const { body } = await app.objects.get({ bucket: ref.bucket, key: ref.key });
  await pipeline(body, createWriteStream(path));
  return path;
}
