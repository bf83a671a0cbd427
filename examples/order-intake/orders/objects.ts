/** Small objects, read and written whole. */
import { createHash } from 'node:crypto';
import type { ObjectRef, Objects } from 'fanfold';

/** The object's bytes; undefined when there is no such object. */
export async function readBytes(objects: Objects, ref: ObjectRef): Promise<Buffer | undefined> {
  if (!(await objects.head(ref))) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of (await objects.get(ref)).body) parts.push(part);
  return Buffer.concat(parts);
}

/** The object's text; undefined when there is no such object. */
export async function readText(objects: Objects, ref: ObjectRef): Promise<string | undefined> {
  return (await readBytes(objects, ref))?.toString('utf8');
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
