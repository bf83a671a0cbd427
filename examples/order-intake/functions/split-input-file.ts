/**
 * Split Input File: cuts the input into chunks of records, each a CSV file of its own with the header repeated.
 *
 * The input is read twice: once to know that it is good and how many records it has (the number is in the chunks'
 * names), once to write. So a file that is refused leaves nothing behind. Memory holds one chunk, and the ids seen so
 * far, which finding repeats takes: about 60 bytes for each record.
 */
import { createHash } from 'node:crypto';
import type { FunctionHandler } from 'fanfold';
import { type ChunkFile, type CsvEntry, formatCsvRecord, formatManifest, partName } from 'fanfold/records';
import { manifestOf } from '../orders/manifest.ts';
import { addLine, type BrokenRecord, type ChunkNote } from '../orders/chunk-note.ts';
import { chunkSizeOf, findInput, type InputFile, readInput, type SplitEvent } from '../orders/input-file.ts';
import { sha256 } from '../orders/objects.ts';
import { createPutQueue } from '../orders/put-queue.ts';
import { runFolder, runIdOf, stemOf } from '../orders/run-folder.ts';

export interface SplitResult {
  readonly bucket: string;
  readonly key: string;
  /** `<bucket>/<run>/to_process/<part>.csv`, in the order of the input. */
  readonly splitFileNames: readonly string[];
  readonly toProcessFolder: string;
}

const PUTS_AT_ONCE = 4;

export const handler: FunctionHandler<SplitEvent, SplitResult> = async (event, context) => {
  const { objects } = context;
  const chunkSize = chunkSizeOf(event);
  const input = await findInput(objects, event);
  const { bucket, key, eTag, delimiter } = input;
  const records = await readInput(objects, input, async ({ batches }) => {
    let count = 0;
    for await (const batch of batches) count += batch.length;
    return count;
  });

  const folder = runFolder(runIdOf(context.idempotencyKey));
  await objects.put({ bucket, key: folder.started, body: '' });
  const queue = createPutQueue(objects, PUTS_AT_ONCE);
  const chunks: ChunkFile[] = [];
  const nameOf = partName(stemOf(key));
  const partCount = Math.ceil(records / chunkSize);
  let header: readonly string[] = [];
  await readInput(objects, input, async (reader) => {
    header = reader.header;
    for await (const piece of pieces(reader, input, chunkSize)) {
      const part = nameOf(chunks.length, partCount);
      chunks.push({
        key: folder.piece(part),
        records: piece.note.records,
        firstLine: piece.firstLine,
        sha256: piece.note.sha256,
      });
      await queue.put({ bucket, key: folder.piece(part), body: piece.text, contentType: 'text/csv' });
      const note = `${JSON.stringify(piece.note)}\n`;
      await queue.put({ bucket, key: folder.note(part), body: note, contentType: 'application/json' });
    }
  });
  await queue.drain();
  const manifest = formatManifest(manifestOf({ bucket, key, eTag, header, delimiter }, records, chunks));
  await objects.put({ bucket, key: folder.manifest, body: manifest, contentType: 'application/json' });
  return {
    bucket,
    key,
    splitFileNames: chunks.map((chunk) => `${bucket}/${chunk.key}`),
    toProcessFolder: folder.toProcess,
  };
};

/** One chunk: its file's text, and what its file cannot say. */
interface Piece {
  readonly text: string;
  readonly note: ChunkNote;
  readonly firstLine: number;
}

async function* pieces(
  reader: { readonly header: readonly string[]; readonly batches: AsyncIterable<readonly CsvEntry[]> },
  input: InputFile,
  chunkSize: number,
): AsyncGenerator<Piece, void, void> {
  const ids = createIdRegister();
  const uuidColumn = reader.header.indexOf('uuid');
  let piece = startPiece(reader.header, input.delimiter);
  for await (const batch of reader.batches) {
    for (const entry of batch) {
      const first = entry.kind === 'record' ? ids.add(entry.fields[uuidColumn] ?? '', entry.line) : undefined;
      piece.add(entry, first);
      if (piece.size() < chunkSize) continue;
      yield piece.finish();
      piece = startPiece(reader.header, input.delimiter);
    }
  }
  if (piece.size() > 0) yield piece.finish();
}

/** A chunk under construction. */
function startPiece(header: readonly string[], delimiter: string) {
  const format = { delimiter, quote: 'all' } as const;
  const lines: [line: number, records: number][] = [];
  const repeats: [line: number, first: number][] = [];
  const broken: BrokenRecord[] = [];
  const parts = [formatCsvRecord(header, format)];
  let firstLine = 0;
  let records = 0;
  return {
    size: (): number => records,
    /** @param repeated line of the record that has this record's uuid already */
    add(entry: CsvEntry, repeated: number | undefined): void {
      if (records === 0) firstLine = entry.line;
      records++;
      if (entry.kind === 'reject') {
        broken.push({ line: entry.line, reason: entry.reason, raw: entry.raw });
        return;
      }
      parts.push(formatCsvRecord(entry.fields, format));
      addLine(lines, entry.line);
      if (repeated !== undefined) repeats.push([entry.line, repeated]);
    },
    finish(): Piece {
      const text = parts.join('');
      return { text, firstLine, note: { delimiter, sha256: sha256(text), records, lines, repeats, broken } };
    },
  };
}

/** Remembers ids and the line each was first on. */
function createIdRegister() {
  const lines = new Map<string, number>();
  return {
    /** The line that had this id before; undefined when none had, or when there is no id. */
    add(id: string, line: number): number | undefined {
      if (id === '') return undefined;
      const kept = id.length > 12 ? createHash('sha256').update(id).digest('base64') : id;
      const first = lines.get(kept);
      if (first === undefined) lines.set(kept, line);
      return first;
    },
  };
}
