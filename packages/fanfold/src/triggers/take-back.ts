/** Archives what an execution had set aside when it failed, and has succeeded with since. */
import type { ObjectInfo } from '../ports/objects.ts';
import { REPORT_SUFFIX } from './error-report.ts';
import { isThatFile, type MovedFile } from './file-set/moved-files.ts';
import { targetKeys } from './object-key.ts';
import { ownReport } from './own-report.ts';
import { moved, type Settling } from './settling.ts';

/** Archives what an earlier end of the execution had set aside; its report says where that is. */
export async function takeBack(settling: Settling, error: string): Promise<void> {
  const { objects, origin } = settling;
  const { bucket, key, sequencer } = origin;
  for (const asideKey of targetKeys(error, key, sequencer, REPORT_SUFFIX.length)) {
    const aside = { bucket, key: asideKey };
    const report = { bucket, key: asideKey + REPORT_SUFFIX };
    const [object, found] = await Promise.all([objects.head(aside), objects.head(report)]);
    if (!object && !found) return;
    const files = found && (await ownReport(settling, report));
    if (!files) continue;
    for (const file of files) {
      const now = await objects.head({ bucket, key: file.to });
      if (now && file.to.startsWith(error) && isThatFile(file, now)) await archiveFrom(settling, now, file);
    }
    if (object) await archiveFrom(settling, object, origin);
    await objects.delete(report);
    return;
  }
}

/** @param was its key and sequencer before it was set aside */
async function archiveFrom(
  settling: Settling,
  { key, sequencer }: ObjectInfo,
  was: Pick<MovedFile, 'key' | 'sequencer'>,
): Promise<void> {
  const { origin, prefix, objects } = settling;
  const { bucket } = origin;
  if (key === was.key) return;
  const own = { ...settling, origin: { ...origin, key, sequencer } };
  for (const to of targetKeys(prefix, was.key, was.sequencer, 0)) {
    if (await moved(own, { bucket, key: to })) return;
    if ((await objects.head({ bucket, key }))?.sequencer !== sequencer) return;
  }
}
