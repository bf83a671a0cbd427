/** A part of a stream. */
export interface Window {
  readonly bytes: Buffer;
  /** Set on the one that ends the stream, which is empty. */
  readonly last: boolean;
}

/**
 * Brings a stream of chunks of any size into pieces of one size (the last one may be smaller), so that what is done per
 * piece costs the same whatever the source does.
 */
export async function* windows(source: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Window, void, void> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of source) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    while (rest.length > 0) {
      const part = rest.subarray(0, bytes - length);
      rest = rest.subarray(part.length);
      parts.push(part);
      length += part.length;
      if (length < bytes) continue;
      yield { bytes: join(parts), last: false };
      parts = [];
      length = 0;
    }
  }
  if (length > 0) yield { bytes: join(parts), last: false };
  yield { bytes: Buffer.alloc(0), last: true };
}

function join(parts: readonly Buffer[]): Buffer {
  return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
}
