/** Small objects as text. */
import type { ObjectRef, Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';

/** The object's text; undefined when there is none. */
export async function readText(objects: Objects, ref: ObjectRef): Promise<string | undefined> {
  try {
    const { body } = await objects.get(ref);
    const parts: Uint8Array[] = [];
    for await (const bytes of body) parts.push(bytes);
    return Buffer.concat(parts).toString('utf8');
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'NoSuchKey') return undefined;
    throw error;
  }
}

export async function readJson<T>(objects: Objects, ref: ObjectRef): Promise<T | undefined> {
  const text = await readText(objects, ref);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

export async function putJson(objects: Objects, ref: ObjectRef, value: unknown): Promise<void> {
  await objects.put({ ...ref, body: `${JSON.stringify(value)}\n`, contentType: 'application/json' });
}
