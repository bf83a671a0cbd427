import { basename } from 'node:path';
import type { App, Execution } from 'fanfold';
import type { RunAccount } from 'fanfold/batch';
import { copyOut } from './copy-out.ts';
import { endOf, type Report, usedBy } from './report.ts';

/** What a run of a batch came to. Its outputs and rejects are copied into `folder`, so that they can be looked at. */
export async function batchReport(app: App, execution: Execution, folder: string): Promise<Report> {
  const account = execution.status === 'SUCCEEDED' ? (execution.output?.json as unknown as RunAccount) : undefined;
  const outputs = (account?.outputs ?? []).flatMap((output) => (output.kind === 'object' ? [output] : []));
  const used = await usedBy(app, execution);
  const copied = await Promise.all(outputs.map((output) => copyOut(app, output, folder)));
  return {
    ...endOf(execution),
    ...(account && { account: { ...pick(account) } }),
    rest: {
      ...(account && { chunks: account.chunks }),
      ...used,
      output: copied[0] ?? null,
      rejects: account?.rejects
        ? await copyOut(app, account.rejects, folder, `rejects-${basename(account.rejects.key)}`)
        : null,
    },
  };
}

function pick({
  read,
  written,
  filtered,
  rejected,
}: RunAccount): Pick<RunAccount, keyof NonNullable<Report['account']>> {
  return { read, written, filtered, rejected };
}
