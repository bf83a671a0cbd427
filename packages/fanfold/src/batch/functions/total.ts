/**
 * `fanfold-total`: the totals of the run, from the sorted groups that its chunks have kept. Groups are merged a few dozen
 * sources at a time, so that memory depends on neither keys nor chunks.
 */
import type { FunctionContext } from '../../ports/functions.ts';
import type { ObjectRef, Objects } from '../../ports/objects.ts';
import type { ChunkPart } from '../account.ts';
import { createPartCheck } from '../chunk-part.ts';
import { type ChunkResults, openChunkResults } from '../chunk-results.ts';
import type { FoldEvent, TotalsResult } from '../event.ts';
import { addGroup, emptyGroup, type Group, groupLine, totalsRecord } from '../totals/groups.ts';
import { mergeGroups, readGroups } from '../totals/merge.ts';
import type { TotalsSettings } from '../totals/settings.ts';

const MOST_AT_ONCE = 32;

export async function handler(event: FoldEvent, { objects }: FunctionContext): Promise<readonly TotalsResult[]> {
  const results = openChunkResults(objects, event, event.source.bucket);
  const made: TotalsResult[] = [];
  for (const [index, settings] of event.settings.totals.entries())
    made.push(await total(objects, results, settings, index));
  return made;
}

/** Where sorted groups are read from. */
type Source = () => AsyncGenerator<Group, void, void>;

async function total(
  objects: Objects,
  { manifest, place, chunkTotals }: ChunkResults,
  settings: TotalsSettings,
  index: number,
): Promise<TotalsResult> {
  const { chunks } = await manifest();
  let sources: readonly Source[] = chunks.map((chunk) => () => readGroups(chunkTotals(chunk.index, index)));
  for (let level = 0; sources.length > MOST_AT_ONCE; level++) {
    const next: Source[] = [];
    for (let from = 0; from < sources.length; from += MOST_AT_ONCE) {
      const ref = place.totalsStep(index, level, next.length);
      await putGroups(objects, ref, sources.slice(from, from + MOST_AT_ONCE), () => {});
      next.push(async function* () {
        yield* readGroups((await objects.get(ref)).body);
      });
    }
    sources = next;
  }
  const all = emptyGroup('[]', settings);
  let records = 0;
  const part = await putGroups(objects, place.totals(index), sources, (group) => {
    records++;
    addGroup(all, group);
  });
  return { ...part, records, all: totalsRecord(all, { ...settings, by: [] }) };
}

/** Lines are written many at a time. */
const CHUNK = 65_536;

async function putGroups(
  objects: Objects,
  ref: ObjectRef,
  sources: readonly Source[],
  onGroup: (group: Group) => void,
): Promise<ChunkPart> {
  const check = createPartCheck();
  const { size } = await objects.put({ ...ref, body: body() });
  return { bytes: size, crc32: check.value() };

  async function* body(): AsyncGenerator<Uint8Array> {
    let text = '';
    const take = (): Uint8Array => {
      const bytes = Buffer.from(text);
      check.update(bytes);
      text = '';
      return bytes;
    };
    for await (const group of mergeGroups(sources.map((open) => open()))) {
      onGroup(group);
      text += groupLine(group);
      if (text.length > CHUNK) yield take();
    }
    if (text !== '') yield take();
  }
}
