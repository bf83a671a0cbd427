/**
 * Memory for the parts of a content that is passed on, used again in turn. Of memory of its own for each part, V8 counts
 * every byte as a reason to collect what is old.
 */
export type BlockRing = (bytes: number) => Uint8Array;

/** @param blocks how many parts are in use at once; the one before them is written over by the next */
export function createBlockRing(blocks: number): BlockRing {
  const ring: Uint8Array[] = [];
  let next = 0;
  return (bytes) => {
    const at = next;
    next = (next + 1) % blocks;
    const known = ring[at];
    const block = known && known.length >= bytes ? known : (ring[at] = Buffer.allocUnsafeSlow(bytes));
    return block.subarray(0, bytes);
  };
}
