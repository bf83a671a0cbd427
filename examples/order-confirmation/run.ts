/** Runs the example end to end: makes an input, drops it, waits for the end, and tells what came of it. */
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { App, ObjectRef } from 'fanfold';
import { executeByObject } from '../command/dropped.ts';
import { execute, runExample } from '../command/example.ts';
import { endOf, usedBy } from '../command/report.ts';
import { generateOrders } from './generate.ts';

const BUCKET = 'input-bucket';

/** By the option `--machine`. The first is started by a rule, the others by hand. */
const MACHINES: Readonly<Record<string, { readonly stateMachine: string; readonly ending: string }>> = {
  map: { stateMachine: 'OrderConfirmation', ending: '_Output' },
  merge: { stateMachine: 'OrderConfirmationWithMerge', ending: '_Output' },
  single: { stateMachine: 'OrderConfirmationSingle', ending: '_Single_Output' },
};

await runExample({
  project: import.meta.dirname,
  options: { records: 199, seed: 1, machine: 'map' },
  perform: async ({ app, run: { number, records, seed, machine }, folder, say }) => {
    const chosen = MACHINES[machine];
    if (!chosen) throw new Error(`There is no machine '${machine}'. There are: ${Object.keys(MACHINES).join(', ')}`);
    const { stateMachine, ending } = chosen;
    // The rule looks at keys that begin with test.
    const key = `${machine === 'map' ? 'test' : 'by-hand'}-${number}.csv`;
    const put = (): Promise<unknown> => {
      say(`Dropping ${key} with ${records} orders into ${BUCKET}.`);
      return app.objects.put({ bucket: BUCKET, key, body: encoded(generateOrders(records, seed)) });
    };
    const byHand = async () => {
      if (!(await app.objects.head({ bucket: BUCKET, key }))) await put();
      const input = { id: `run-${number}`, detail: { requestParameters: { bucketName: BUCKET, key } } };
      return execute(app, { stateMachine, name: `run-${number}`, input: JSON.stringify(input) });
    };
    const execution = machine === 'map' ? await executeByObject(app, { stateMachine, key }, put) : await byHand();
    const output = execution.status === 'SUCCEEDED' ? await copyOut(app, `${key}${ending}`, folder) : null;
    const written = output === null ? 0 : (await readFile(output, 'utf8')).split('\n').length - 1;
    return {
      ...endOf(execution),
      published: 'the original takes 189 s for 1,000,000 records, by its authors',
      ...(output !== null && { account: { read: records, written, filtered: 0, rejected: 0 } }),
      rest: {
        items: await app.tables.count('Order'),
        ...(await usedBy(app, execution)),
        output,
      },
    };
  },
});

async function copyOut(app: App, key: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, key);
  const ref: ObjectRef = { bucket: BUCKET, key };
  const { body } = await app.objects.get(ref);
  await pipeline(body, createWriteStream(path));
  return path;
}

async function* encoded(texts: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const text of texts) yield encoder.encode(text);
}
