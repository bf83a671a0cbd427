/** Moves an object, and the files that it names, below the prefix for errors, with a report. */
import type { ObjectInfo, ObjectRef, Objects } from '../ports/objects.ts';
import { REPORT_SUFFIX } from './error-report.ts';
import { type MovedFile, movedFile } from './file-set/moved-files.ts';
import { targetKeys } from './object-key.ts';
import { ownReport, putReport, reported } from './own-report.ts';
import { isThere, moved, sameKey, type Settling, targets } from './settling.ts';

/** @param left files that go with it */
export async function setAside(settling: Settling, left: AsyncIterable<ObjectInfo> = none()): Promise<void> {
  const { objects, origin } = settling;
  // Of a process that ended in the midst of it the report says which files there were.
  const former = await formerReport(settling);
  let files = former?.files;
  const stale: ObjectRef[] = [];
  for (const to of targets(settling, REPORT_SUFFIX.length)) {
    if (!(await isThere(settling))) break;
    const stays = sameKey(origin, to);
    if (!stays && (await objects.head(to))) continue;
    const report = reportOf(to);
    files ??= await planned(settling, left);
    if (!(await reported(settling, report, files))) continue;
    if (former && !sameKey(former.report, report)) stale.push(former.report);
    files = await moveFiles(settling, report, files);
    if (stays || (await moved(settling, to))) break;
    // Somebody took the name, or the object, in this moment: the report must not stay behind alone.
    stale.push(report);
  }
  for (const report of stale) await objects.delete(report);
}

interface FormerReport {
  readonly report: ObjectRef;
  readonly files: readonly MovedFile[];
}

async function formerReport(settling: Settling): Promise<FormerReport | undefined> {
  for (const to of targets(settling, REPORT_SUFFIX.length)) {
    const report = reportOf(to);
    const files = await ownReport(settling, report);
    if (files) return { report, files };
    const [object, other] = await Promise.all([to, report].map((ref) => settling.objects.head(ref)));
    if (!object && !other) return undefined;
  }
  return undefined;
}

function reportOf({ bucket, key }: ObjectRef): ObjectRef {
  return { bucket, key: key + REPORT_SUFFIX };
}

async function* none(): AsyncGenerator<never> {}

/** Files with the names that they may be moved to. */
async function planned({ prefix, objects }: Settling, left: AsyncIterable<ObjectInfo>): Promise<MovedFile[]> {
  const files: MovedFile[] = [];
  const taken = new Set<string>();
  for await (const file of left) {
    const to = await freeKey(objects, file, prefix, taken);
    taken.add(to);
    files.push(movedFile(file, to));
  }
  return files;
}

async function freeKey(
  objects: Objects,
  { bucket, key, sequencer }: Pick<ObjectInfo, 'bucket' | 'key' | 'sequencer'>,
  prefix: string,
  taken: ReadonlySet<string>,
): Promise<string> {
  for (const to of targetKeys(prefix, key, sequencer, 0))
    if (to === key || !(taken.has(to) || (await objects.head({ bucket, key: to })))) return to;
  throw new Error(`There is no name left for ${key}`);
}

/** @returns the files with the names that they have now */
async function moveFiles(
  settling: Settling,
  report: ObjectRef,
  files: readonly MovedFile[],
): Promise<readonly MovedFile[]> {
  const { objects, origin, prefix } = settling;
  const { bucket } = origin;
  const found = [...files];
  for (const [i, { key, sequencer, to }] of files.entries()) {
    const own = { ...settling, origin: { ...origin, key, sequencer } };
    for (let name = to; (await isThere(own)) && name !== key && !(await moved(own, { bucket, key: name }));) {
      // The name was taken meanwhile: the report tells of the next one before the file has it.
      const taken = new Set(found.map((file) => file.to));
      name = await freeKey(objects, { bucket, key, sequencer }, prefix, taken);
      found[i] = { ...(found[i] as MovedFile), to: name };
      await putReport(settling, report, found, false);
    }
  }
  return found;
}
