/** What a run came to: its account of records, and where the output is. */
import { basename } from 'node:path';
import type { App, Execution } from 'fanfold';
import { copyOut } from '../../command/copy-out.ts';
import { endOf, type Report, usedBy } from '../../command/report.ts';
import type { MergeResult } from '../functions/merge-files.ts';

const BUCKET = 'source-bucket';

/** Copies the run's results out of the bucket into `folder`, so that they can be looked at. */
export async function reportOn(app: App, execution: Execution, fileName: string, folder: string): Promise<Report> {
  const merged = execution.status === 'SUCCEEDED' ? await mergeResult(app, execution.arn) : undefined;
  const { read, written, filtered, rejected, rejects } = merged?.summary ?? NOTHING;
  const stem = basename(fileName, '.csv');
  const end = endOf(execution);
  const used = await usedBy(app, execution);
  return {
    ...end,
    account: { read, written, filtered, rejected },
    rest: {
      ...used,
      transitionsPerSecond: Math.round(Number(used['transitions']) / Math.max(end.seconds, 0.001)),
      output: merged
        ? await copyOut(app, { bucket: BUCKET, key: merged.S3OutputFileName }, folder, `${stem}.output.csv`)
        : null,
      rejects: rejects ? await copyOut(app, { bucket: BUCKET, key: rejects }, folder, `${stem}.rejects.csv`) : null,
      mails: app.outputs().outbox,
      link: `The one in the mail opens while 'npx fanfold dev -C examples/order-intake' runs.`,
    },
  };
}

const NOTHING: Pick<MergeResult['summary'], 'read' | 'written' | 'filtered' | 'rejected' | 'rejects'> = {
  read: 0,
  written: 0,
  filtered: 0,
  rejected: 0,
  rejects: null,
};

/** The result of the merge, from the execution's history. */
async function mergeResult(app: App, executionArn: string): Promise<MergeResult> {
  const { events } = await app.executions.history({ executionArn, reverse: true });
  const exited = events.find((event) => event.stateExitedEventDetails?.name === 'Merge all Files');
  const output = exited?.stateExitedEventDetails?.output;
  if (typeof output !== 'string') throw new Error(`The history of ${executionArn} does not tell what was merged.`);
  return (JSON.parse(output) as { mergeResponse: MergeResult }).mergeResponse;
}
