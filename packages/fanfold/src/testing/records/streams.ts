/** Byte streams for the tests of this folder. */

/** The bytes in pieces of one size. */
export async function* inPieces(bytes: Uint8Array | string, size: number): AsyncGenerator<Uint8Array, void, void> {
  const buffer = Buffer.from(bytes as string);
  for (let at = 0; at < buffer.length; at += size) yield buffer.subarray(at, at + size);
}

/** All that comes in batches, or the error that ends it. */
export async function gather<Entry>(batches: AsyncIterable<readonly Entry[]>): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const batch of batches) entries.push(...batch);
  return entries;
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
