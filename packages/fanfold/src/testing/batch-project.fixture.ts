/** A project with one batch, in a folder of its own, run as `fanfold run` runs it. */
import { globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type App, createApp } from '../app/create-app.ts';
import { stateMachineArn } from '../app/arn.ts';
import { loadProject } from '../app/load-project.ts';
import type { RunAccount } from '../batch/account.ts';
import type { Execution } from '../interpreter/execution.ts';
import type { Clock } from '../ports/clock.ts';
import { BATCHES, makeBatchFolder } from './batch-folder.fixture.ts';
import { recordingLogger } from './logger.fixture.ts';

export interface BatchProject {
  readonly app: App;
  readonly folder: string;
  /** Uploads the text as a file; what its trigger starts has ended. */
  run(key: string, text: string | Uint8Array): Promise<{ readonly execution: Execution; readonly account: RunAccount }>;
  /** The object's bytes as text. */
  text(key: string, bucket?: string): Promise<string>;
  bytes(key: string, bucket?: string): Promise<Buffer>;
  keys(prefix: string, bucket?: string): Promise<readonly string[]>;
  /** The texts of all mails. */
  mails(): readonly string[];
  /** Ends the project's process, as far as it can tell, and opens its directory again. */
  reopen(): Promise<App>;
  close(): Promise<void>;
}

export interface BatchProjectOptions {
  /** What stands before the batch in its module. */
  readonly before?: string;
  /** More of the project file. */
  readonly settings?: object;
  /** @defaultValue the machine's */
  readonly clock?: Clock;
}

/** @param definition what stands between the braces of `batch({…})`; its name and source may be left out */
export async function openBatchProject(
  definition: string,
  { before = '', settings = {}, clock }: BatchProjectOptions = {},
): Promise<BatchProject> {
  const folder = makeBatchFolder({
    prefix: 'fanfold-batch-',
    module: `import { batch } from '${BATCHES}';\n${before}\nexport default batch({ name: 'orders', source: { bucket: 'files', prefix: 'in/' }, ${definition} });\n`,
    settings,
  });
  const open = async (): Promise<App> =>
    createApp({ project: await loadProject(folder), logger: recordingLogger(), ...(clock && { clock }) });
  let app = await open();
  const bytes = async (key: string, bucket = 'files'): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of (await app.objects.get({ bucket, key })).body) parts.push(part);
    return Buffer.concat(parts);
  };
  return {
    get app() {
      return app;
    },
    reopen: async () => {
      await app.close();
      app = await open();
      return app;
    },
    folder,
    bytes,
    text: async (key, bucket) => (await bytes(key, bucket)).toString('utf8'),
    keys: async (prefix, bucket = 'files') =>
      (await app.objects.list({ bucket, prefix })).objects.map(({ key }) => key),
    run: async (key, body) => {
      const { sequencer } = await app.objects.put({ bucket: 'files', key, body });
      await app.settled();
      const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn('orders') });
      const started = executions.find(({ origin }) => origin?.kind === 'object' && origin.sequencer === sequencer);
      if (!started) throw new Error(`${key} has started nothing.`);
      const execution = await app.executions.closed(started.arn);
      await app.settled();
      return { execution, account: execution.output?.json as unknown as RunAccount };
    },
    mails: () =>
      globSync('**/*.eml', { cwd: app.outputs().outbox }).map((name) =>
        readFileSync(join(app.outputs().outbox, name), 'utf8'),
      ),
    close: async () => {
      await app.close();
      rmSync(folder, { recursive: true });
    },
  };
}
