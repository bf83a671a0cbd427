/**
 * Cuts a zstd stream (RFC 8878, section 3.1) so that no piece holds the end of one frame and the start of the next:
 * Node's decoder drops, without a word, what follows a frame in the same piece.
 */
const FRAME_MAGIC = 0xfd2fb528;
const SKIPPABLE_MAGIC = 0x184d2a50;
const RUN_LENGTH_BLOCK = 1;

/** What is walked over next: so many bytes, of which the first `need` say what comes after them. */
type Step = (head: Buffer) => { readonly skip: number; readonly next: Step; readonly need: number };

export async function* zstdFrames(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const walk = createWalk();
  for await (const bytes of source) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let start = 0;
    for (const end of walk(buffer)) {
      yield buffer.subarray(start, end);
      start = end;
    }
    if (start < buffer.length) yield buffer.subarray(start);
  }
}

/** Takes the pieces of a stream; gives of each the positions where a frame ends. */
function createWalk(): (bytes: Buffer) => number[] {
  let head: Buffer = Buffer.alloc(0);
  let need = 4;
  let skip = 0;
  let step: Step = frameStart;
  let hasChecksum = false;

  function frameStart(magic: Buffer): ReturnType<Step> {
    const value = magic.readUInt32LE();
    if ((value & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) return { skip: 0, need: 4, next: skippable };
    // What is no frame is the decoder's to refuse.
    if (value !== FRAME_MAGIC) return { skip: Number.POSITIVE_INFINITY, need: 0, next: frameStart };
    return { skip: 0, need: 1, next: descriptor };
  }
  function skippable(size: Buffer): ReturnType<Step> {
    return { skip: size.readUInt32LE(), need: 0, next: frameEnd };
  }
  function descriptor(byte: Buffer): ReturnType<Step> {
    const flags = byte.readUInt8();
    const isSingleSegment = (flags & 0x20) !== 0;
    hasChecksum = (flags & 0x04) !== 0;
    const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][flags >> 6] as number;
    const dictionaryBytes = [0, 1, 2, 4][flags & 3] as number;
    return { skip: (isSingleSegment ? 0 : 1) + dictionaryBytes + sizeBytes, need: 3, next: block };
  }
  function block(header: Buffer): ReturnType<Step> {
    const value = header.readUIntLE(0, 3);
    const isLast = (value & 1) === 1;
    const size = ((value >> 1) & 3) === RUN_LENGTH_BLOCK ? 1 : value >> 3;
    if (!isLast) return { skip: size, need: 3, next: block };
    return { skip: size + (hasChecksum ? 4 : 0), need: 0, next: frameEnd };
  }
  function frameEnd(): ReturnType<Step> {
    return { skip: 0, need: 4, next: frameStart };
  }

  return (bytes) => {
    const ends: number[] = [];
    let at = 0;
    for (;;) {
      const skipped = Math.min(skip, bytes.length - at);
      at += skipped;
      skip -= skipped;
      if (skip > 0) return ends;
      const missing = bytes.subarray(at, at + need - head.length);
      head = Buffer.concat([head, missing]);
      at += missing.length;
      if (head.length < need) return ends;
      if (step === frameEnd) ends.push(at);
      const taken = step(head);
      head = Buffer.alloc(0);
      ({ skip, need, next: step } = taken);
    }
  };
}
