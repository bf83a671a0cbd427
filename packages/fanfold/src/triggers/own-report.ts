/** The report of one execution, or rejection, among all that lie below a prefix. */
import type { ObjectInfo, ObjectRef } from '../ports/objects.ts';
import { type Ending, errorReport, type ObjectOrigin } from './error-report.ts';
import { openVersion } from './file-set/agreement.ts';
import { type MovedFile, movedFilesIn } from './file-set/moved-files.ts';
import { isRefusal, type Settling } from './settling.ts';
import { REPORT_OF } from './trigger.ts';

/** Writes the report, unless it is there already; false when the name belongs to something else. */
export async function reported(settling: Settling, report: ObjectRef, files: readonly MovedFile[]): Promise<boolean> {
  try {
    await putReport(settling, report, files, true);
    return true;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return isOwn(settling, await settling.objects.head(report));
  }
}

export async function putReport(
  { objects, origin, ending }: Settling,
  report: ObjectRef,
  files: readonly MovedFile[],
  ifAbsent: boolean,
): Promise<void> {
  await objects.put({
    ...report,
    body: errorReport(origin, ending, files),
    contentType: 'application/json',
    metadata: { [REPORT_OF]: cameOf(origin, ending) },
    ifAbsent,
  });
}

function isOwn({ origin, ending }: Settling, report: ObjectInfo | undefined): boolean {
  return report?.metadata[REPORT_OF] === cameOf(origin, ending);
}

/** The files that the report tells of; undefined where it is not there, or is that of something else. */
export async function ownReport(settling: Settling, report: ObjectRef): Promise<readonly MovedFile[] | undefined> {
  const { objects } = settling;
  const found = await objects.head(report);
  const body = found && isOwn(settling, found) ? await openVersion(found, objects) : undefined;
  if (!body) return undefined;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return movedFilesIn(Buffer.concat(parts).toString());
}

/** What a report is known by: its execution; of a rejected object, the version. */
function cameOf({ trigger, sequencer }: ObjectOrigin, { arn }: Ending): string {
  return arn ?? `rejected by ${encodeURIComponent(trigger)} ${sequencer}`;
}
