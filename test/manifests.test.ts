/** A partner's delivery of several files and a manifest, through the inbox and over S3, into a process that is killed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Dev, startDev } from './fanfold.ts';
import { callStates } from './serve.ts';

const OWNER =
  'AWS4-HMAC-SHA256 Credential=OWNER/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none';

/** As docs/guides/buckets.md has it: the files of a delivery, one after the other, through the batch. */
const DELIVERY = {
  StartAt: 'Files',
  States: {
    Files: {
      Type: 'Map',
      ItemsPath: '$.files',
      MaxConcurrency: 1,
      ItemProcessor: {
        StartAt: 'Batch',
        States: {
          Batch: {
            Type: 'Task',
            Resource: 'arn:aws:states:::states:startExecution.sync:2',
            Parameters: {
              StateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:orders',
              'Input.$': '$',
            },
            OutputPath: '$.Output.written',
            End: true,
          },
        },
      },
      End: true,
    },
  },
};

const BATCH = `
  import { batch } from 'fanfold/batch';
  export default batch({
    name: 'orders',
    source: { bucket: 'inbound', prefix: 'single/' },
    sinks: [{ object: 'out/{stem}.jsonl', format: 'jsonl' }],
  });
`;

let folder: string;
let dev: Dev;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fanfold-manifests-'));
  const settings = {
    name: 'partner',
    buckets: { inbound: {} },
    batches: ['./orders.batch.ts'],
    stateMachines: { delivery: { definition: DELIVERY } },
    triggers: [
      {
        name: 'delivery',
        bucket: 'inbound',
        prefix: 'in/',
        suffix: ['manifest.json', 'SHA256SUMS'],
        manifest: { waitSeconds: 3600 },
        stateMachine: 'delivery',
        archive: 'done/',
        error: 'bad/',
      },
    ],
  };
  writeFileSync(join(folder, 'fanfold.config.json'), JSON.stringify(settings));
  writeFileSync(join(folder, 'orders.batch.ts'), BATCH);
  dev = await startDev(['-C', folder]);
});
afterAll(async () => {
  await dev?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const restart = async (): Promise<void> => {
  await dev.kill();
  dev = await startDev(['-C', folder]);
};
/** Moved in, and finished long ago, so that it is taken at once. */
const drop = (key: string, body: string): void => {
  const file = join(folder, 'inbox/inbound', key);
  mkdirSync(dirname(file), { recursive: true });
  const aside = join(folder, 'aside');
  writeFileSync(aside, body);
  utimesSync(aside, 0, 0);
  renameSync(aside, file);
};
const request = async (method: string, path: string, body?: string): Promise<Response> =>
  fetch(`${dev.url}/inbound${path}`, {
    method,
    headers: { Authorization: OWNER },
    ...(body !== undefined && { body }),
  });
const put = async (key: string, body: string): Promise<void> => {
  expect((await request('PUT', `/${key}`, body)).status).toBe(200);
};
const keys = async (): Promise<readonly string[]> => {
  const text = await (await request('GET', '?list-type=2')).text();
  return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
};
/** Resolves when the inbox does not have the file any more: the object is there by then. */
const taken = async (key: string): Promise<void> => {
  const file = join(folder, 'inbox/inbound', key);
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (!existsSync(file)) resolve();
  };
  const watcher = watch(dirname(file), look);
  look();
  await promise;
  watcher.close();
};
/** The line of a process that was killed may be lost, but what it had moved is there when the next one is ready. */
const moved = async (key: string, to: string): Promise<void> => {
  if ((await keys()).includes(to)) return;
  await dev.logged(
    (line) => line.message.startsWith('An object was moved') && line['key'] === key && line['to'] === to,
  );
};
const executions = async (): Promise<readonly { readonly status: string; readonly executionArn: string }[]> => {
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:delivery';
  const answer = await callStates(dev.url, 'ListExecutions', { stateMachineArn });
  return answer['executions'] as readonly { readonly status: string; readonly executionArn: string }[];
};
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

it('starts once when all has come, in any order, by any way, killed in between, and puts all away', async () => {
  const [first, second] = ['id\n1\n2\n', 'id\n3\n'];
  const files = [
    { name: 'orders-1.csv', size: first.length, sha256: sha256(first), records: 2 },
    { name: 'orders-2.csv', size: second.length, sha256: sha256(second), records: 1 },
  ];
  drop('in/orders-2.csv', second);
  await taken('in/orders-2.csv');
  await put('in/manifest.json', JSON.stringify({ files }));
  await restart();
  await put('in/orders-1.csv', 'id\n1\n');
  await dev.logged(
    ({ level, reason }) => level === 'warning' && String(reason).includes('in/orders-1.csv: it has 5 bytes'),
  );
  await put('in/orders-1.csv', first);
  await restart();
  await moved('in/manifest.json', 'done/manifest.json');
  const [execution, ...more] = await executions();
  expect(more).toEqual([]);
  expect(await callStates(dev.url, 'DescribeExecution', { executionArn: execution?.executionArn })).toMatchObject({
    status: 'SUCCEEDED',
    output: '[2,1]',
  });
  expect(await keys()).toEqual(
    expect.arrayContaining(['done/orders-1.csv', 'done/orders-2.csv', 'out/orders-1.jsonl']),
  );
  expect((await keys()).filter((key) => key.startsWith('in/'))).toEqual([]);
});

it('takes SHA256SUMS from the inbox, and sets a manifest aside that leaves its place', async () => {
  const body = 'id\n7\n';
  drop('in/a/orders.csv', body);
  drop('in/a/SHA256SUMS', `${sha256(body)}  orders.csv\n`);
  drop('in/b/manifest.json', '["../../single/orders.csv"]');
  await Promise.all([
    taken('in/a/orders.csv'),
    taken('in/b/manifest.json'),
    moved('in/a/SHA256SUMS', 'done/SHA256SUMS'),
    moved('in/b/manifest.json', 'bad/manifest.json'),
  ]);
  expect(await (await request('GET', '/out/orders.jsonl')).text()).toBe('{"id":"7"}\n');
  expect(JSON.parse(await (await request('GET', '/bad/manifest.json.error.json')).text())).toMatchObject({
    status: 'REJECTED',
    message: expect.stringContaining('files[0]: "../../single/orders.csv" is no name of a file'),
  });
});
