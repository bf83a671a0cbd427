/**
 * Read File: the records of one chunk as items for the Map. A record that cannot go through the workflow is rejected
 * here, before the Map: broken ones, and those whose uuid is empty or was there before (the error table is keyed by it).
 */
import type { FunctionHandler } from 'fanfold';
import { readCsv } from 'fanfold/records';
import { type ChunkNote, linesOf, readChunkNote } from '../orders/chunk-note.ts';
import { ORDER_HEADER, type Order, orderReader } from '../orders/columns.ts';
import { readBytes, sha256 } from '../orders/objects.ts';
import { putRejects, type Reject } from '../orders/reject.ts';
import { parseFilePath } from '../orders/run-folder.ts';

export interface ReadFileEvent {
  readonly input: { readonly FilePath: string };
}

export const handler: FunctionHandler<ReadFileEvent, readonly Order[]> = async (event, { objects }) => {
  const { bucket, folder, part } = parseFilePath(event.input.FilePath);
  const key = folder.piece(part);
  const note = await readChunkNote(objects, { bucket, key: folder.note(part) });
  const bytes = await readBytes(objects, { bucket, key });
  if (bytes === undefined)
    throw new Error(`Chunk ${part} is missing: ${key} is not in bucket ${bucket}. Start a new run.`);
  if (sha256(bytes) !== note.sha256)
    throw new Error(
      `Chunk ${part} was altered: ${key} in bucket ${bucket} is not what the split wrote. Start a new run.`,
    );

  const orders: Order[] = [];
  const rejects: Reject[] = note.broken.map(({ line, reason, raw }) => ({ line, reason, raw }));
  const repeats = new Map(note.repeats);
  for (const order of await ordersOf(bytes, note)) {
    const reason = rejectReason(order, repeats.get(order.line));
    if (reason === undefined) orders.push(order);
    else rejects.push(toReject(order, reason));
  }
  rejects.sort((a, b) => a.line - b.line);
  await putRejects(objects, { bucket, key: folder.rejects(part, 'read') }, rejects);
  return orders;
};

/** All records in the chunk's file, with the lines they had in the input. */
async function ordersOf(bytes: Buffer, note: ChunkNote): Promise<readonly Order[]> {
  const lines = linesOf(note.lines);
  const orders: Order[] = [];
  let read = orderReader(ORDER_HEADER);
  const expectedHeader = (names: readonly string[]): undefined => {
    read = orderReader(names);
  };
  for await (const batch of readCsv(once(bytes), { delimiter: note.delimiter, expectedHeader })) {
    for (const entry of batch) {
      const line = lines.next();
      if (entry.kind === 'reject' || line.done) throw new Error(`The chunk is broken at its line ${entry.line}.`);
      orders.push({ ...read(entry.fields), line: line.value });
    }
  }
  return orders;
}

function rejectReason(order: Order, first: number | undefined): string | undefined {
  if (order.uuid === '') return 'uuid is empty.';
  return first === undefined ? undefined : `uuid ${order.uuid} repeats that of line ${first}.`;
}

function toReject({ line, ...record }: Order, reason: string): Reject {
  return { line, reason, record };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
