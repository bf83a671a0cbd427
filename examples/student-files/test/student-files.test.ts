/** The example as a whole: files go in, items, statistics, messages and archived files come out. */
import { ConfirmSubscriptionCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type App, createApp, type Execution, type Item, silentLogger, stateMachineArn } from 'fanfold';
import PostalMime from 'postal-mime';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Loaded } from '../functions/student-load.ts';
import { generateStudents } from '../generate.ts';
import { INBOUND, STATE_MACHINE, TABLE } from '../names.ts';
import { studentFiles, type StudentFilesSettings } from '../project.ts';

const PROJECT = join(import.meta.dirname, '..');
const HEADER = 'student_id,fname,lname,course';
const SAMPLE = [
  HEADER,
  'A10001,Jo,Field,"Advanced Botany"',
  'A10002,Sam,Brook,"Sound And Light"',
  'A10002,Sam,Brook,"Modern Maps"',
  'A10003,Lee,Hill,"Knitting For All"',
  '',
].join('\n');

const opened: { readonly app: App; readonly directory: string }[] = [];
afterEach(async () => {
  for (const { app, directory } of opened.splice(0)) {
    await app.close();
    rmSync(directory, { recursive: true, force: true });
  }
});

/** @param host of an endpoint that subscribes to the messages too */
async function open(settings: StudentFilesSettings = {}, host?: string): Promise<App> {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-student-files-'));
  const bare = studentFiles(settings);
  const topics = { batch_processing_notification: { subscriptions: [{ http: `http://${host}/` }] } };
  const definition = host === undefined ? bare : { ...bare, topics, http: { allow: [host] } };
  const project = { definition, directory: PROJECT };
  const app = await createApp({ project, logger: silentLogger, dataDirectory: directory });
  opened.push({ app, directory });
  return app;
}

/** Drops a file and waits for the end of what it starts; undefined when it starts nothing. */
async function drop(app: App, text: string, key = 'students.csv'): Promise<Execution | undefined> {
  const { sequencer } = await app.objects.put({ bucket: INBOUND, key, body: text });
  await app.settled();
  const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(STATE_MACHINE) });
  const started = executions.find(({ origin }) => origin?.kind === 'object' && origin.sequencer === sequencer);
  return started && app.executions.closed(started.arn);
}

async function items(app: App): Promise<Item[]> {
  return [...(await app.tables.scan({ table: TABLE })).items];
}

async function keys(app: App, bucket: string): Promise<string[]> {
  return (await app.objects.list({ bucket })).objects.map(({ key }) => key);
}

/** What the state `Load` made of its input, by the execution's history. */
async function loadOutput(app: App, execution: Execution | undefined): Promise<string> {
  const { events } = await app.executions.history({ executionArn: execution?.arn ?? '' });
  const exited = events.find(({ stateExitedEventDetails: details }) => details?.name === 'Load');
  return String(exited?.stateExitedEventDetails?.output);
}

async function loaded(app: App, execution: Execution | undefined): Promise<Loaded> {
  return (JSON.parse(await loadOutput(app, execution)) as { load: { Payload: Loaded } }).load.Payload;
}

describe('student-files', () => {
  it('loads the sample: items, statistics, message, archive, and both ways to ask', async () => {
    const app = await open();
    const execution = await drop(app, SAMPLE);
    expect(execution?.status, execution?.cause ?? '').toBe('SUCCEEDED');
    await app.settled();
    expect((await items(app)).length).toBe(4);
    expect(await loaded(app, execution)).toMatchObject({
      totalRecordsProcessed: 4,
      totalInsertedRecords: 4,
      totalFailedRecords: 0,
      recordsFailedDueToValidation: 0,
      errorDetails: [],
      newRecords: 4,
    });
    expect(await keys(app, 'archival-bucket')).toEqual(['students.csv']);
    expect(await keys(app, INBOUND)).toEqual([]);

    const base = app.outputs().apis['students'];
    const one = await fetch(`${base}/students/A10002/courses/${encodeURIComponent('Modern Maps')}`);
    expect([one.status, ((await one.json()) as { fname: string }).fname]).toEqual([200, 'Sam']);
    const all = (await (await fetch(`${base}/students/A10002`)).json()) as { courses: { course: string }[] };
    expect(all.courses.map(({ course }) => course)).toEqual(['Modern Maps', 'Sound And Light']);
    expect((await fetch(`${base}/students/A10002/courses/None`)).status).toBe(404);

    const { outbox } = app.outputs();
    const mails = readdirSync(outbox).filter((file) => file.endsWith('.eml'));
    expect(mails.length).toBe(1);
    const mail = await PostalMime.parse(readFileSync(join(outbox, mails[0] ?? ''), 'utf8'));
    expect(mail.subject).toBe('Batch processing notification');
    expect(mail.text).toContain('"totalRecordsProcessed":4');
  });

  it('loads the same file again: the items stay, and the statistics say that they were replaced', async () => {
    const app = await open();
    await drop(app, SAMPLE);
    const again = await loaded(app, await drop(app, SAMPLE));
    expect(again).toMatchObject({ totalInsertedRecords: 4, newRecords: 0, replacedRecords: 4 });
    expect((await items(app)).length).toBe(4);
    expect((await keys(app, 'archival-bucket')).length).toBe(2);
  });

  it('tells rows that repeat each other, and puts them once', async () => {
    const app = await open();
    const statistics = await loaded(app, await drop(app, `${SAMPLE}A10001,Jo,Field,"Advanced Botany"\n`));
    expect(statistics).toMatchObject({ totalRecordsProcessed: 5, newRecords: 4, duplicates: [{ row: 5, of: 1 }] });
    expect((await items(app)).length).toBe(4);
  });

  it.each([
    ['lacks a column', 'student_id,fname,lname\nA10001,Jo,Field\n', "'course'"],
    ['is spelt otherwise', `Student_ID,fname,lname,course\nA10001,Jo,Field,Botany\n`, "'student_id'"],
    ['is not there, nor anything else', '', 'empty'],
  ])('sets a file aside whose header %s, and writes nothing', async (_, text, reason) => {
    const app = await open();
    const execution = await drop(app, text);
    expect(await loadOutput(app, execution)).toContain(reason);
    expect(await items(app)).toEqual([]);
    expect(await keys(app, 'error-bucket')).toEqual(['students.csv']);
    await app.settled();
    expect(readdirSync(app.outputs().outbox).length).toBe(1);
  });

  it.each([
    ['other columns', `${HEADER},room\nA10001,Jo,Field,Botany,7\n`, 1],
    ['columns in another order', 'course,lname,fname,student_id\nBotany,Field,Jo,A10001\n', 1],
    ['a byte order mark', `\ufeff${HEADER}\nA10001,Jo,Field,Botany\n`, 1],
    ['nothing but a header', `${HEADER}\n`, 0],
  ])('takes a file with %s', async (_, text, count) => {
    const app = await open();
    const execution = await drop(app, text);
    expect(execution?.status, execution?.cause ?? '').toBe('SUCCEEDED');
    const found = await items(app);
    const jo = { student_id: { S: 'A10001' }, fname: { S: 'Jo' }, lname: { S: 'Field' }, course: { S: 'Botany' } };
    expect(found).toEqual(Array.from({ length: count }, () => ({ ...jo, batch_id: expect.anything() })));
    expect(await keys(app, 'archival-bucket')).toEqual(['students.csv']);
  });

  it('takes empty values as they are written, unless told otherwise', async () => {
    const names = ['', '""', '  ', 'NULL'];
    const text = `${HEADER}\n${names.map((lname, i) => `A1000${i},Jo,${lname},Botany\n`).join('')}A10009,Jo,Botany\n`;
    const strict = await open();
    const { errorDetails } = await loaded(strict, await drop(strict, text));
    expect(errorDetails.map(({ row, line }) => [row, line])).toEqual([
      [1, 2],
      [2, 3],
      [3, 4],
      [5, 6],
    ]);
    expect(errorDetails[0]?.message).toBe('lname must NOT have fewer than 1 characters');
    const absent = { missing: 'absent', quoted: 'absent', blank: 'absent', NULL: 'absent' } as const;
    const lenient = await open({ emptyValues: absent });
    expect(await loaded(lenient, await drop(lenient, text))).toMatchObject({
      totalInsertedRecords: 4,
      totalFailedRecords: 1,
    });
    expect((await items(lenient)).some((item) => 'lname' in item)).toBe(false);
  });

  it.each(['A100', `A${'1'.repeat(20)}`])('refuses the student_id %s with its row and line', async (id) => {
    const app = await open();
    const text = `${SAMPLE}${id},Jo,Field,Botany\nA10009,Jo,Field,Yoga\n`;
    const { errorDetails } = await loaded(app, await drop(app, text));
    const length = /^student_id must NOT have (fewer|more) than (5|20) characters$/;
    expect(errorDetails).toEqual([
      { row: 5, line: 6, message: expect.stringMatching(length) },
      { row: 6, line: 7, message: 'course must NOT have fewer than 5 characters' },
    ]);
  });

  it.each(['students list.csv', 'ünï+1%.csv', 'in/der/tiefe.csv'])('opens %s', async (key) => {
    const app = await open();
    await drop(app, SAMPLE, key);
    expect((await items(app)).length).toBe(4);
    expect(await keys(app, 'archival-bucket')).toEqual([key]);
  });

  it.each(['x.txt', 'x.CSV', 'x.csv.gz'])('does not look at %s', async (key) => {
    const app = await open();
    expect(await drop(app, SAMPLE, key)).toBeUndefined();
    expect(await keys(app, INBOUND)).toEqual([key]);
  });

  it('processes all objects of an event, and refuses one of another bucket', async () => {
    const app = await open();
    const record = (bucket: string, key: string, sequencer: string): object => ({
      s3: { bucket: { name: bucket }, object: { key, sequencer } },
    });
    // Keys that no trigger looks at, so that only the event below starts something.
    const puts = ['a.one', 'b.two'].map((key, i) =>
      app.objects.put({ bucket: INBOUND, key, body: `${HEADER}\nA1000${i},Jo,Field,Botany\n` }),
    );
    const records = (await Promise.all(puts)).map(({ key, sequencer }) => record(INBOUND, key, sequencer));
    const start = (Records: object[]) =>
      app.executions.start({ stateMachineArn: stateMachineArn(STATE_MACHINE), input: JSON.stringify({ Records }) });
    const both = await app.executions.closed((await start(records)).executionArn);
    expect(both.status, both.cause ?? '').toBe('SUCCEEDED');
    expect(await loaded(app, both)).toMatchObject({ totalRecordsProcessed: 2, newRecords: 2 });
    expect(await keys(app, 'archival-bucket')).toEqual(['a.one', 'b.two']);

    const foreign = await app.executions.closed((await start([record('elsewhere', 'c.csv', '1')])).executionArn);
    expect(foreign).toMatchObject({ status: 'FAILED', error: 'WrongBucket' });
    expect(foreign.cause).toContain('elsewhere');
  });

  it('loses nothing when the table throttles', async () => {
    const app = await open({ throughput: { readsPerSecond: 1000, writesPerSecond: 100, burstSeconds: 1 } });
    const statistics = await loaded(app, await drop(app, generateStudents(300, 1, 0).text));
    expect(statistics).toMatchObject({ totalInsertedRecords: 300, newRecords: 300 });
    expect(await app.tables.count(TABLE)).toBe(300);
  });

  it('loads files one after the other, in the order of their arrival, where it is told to', async () => {
    const app = await open({ sequential: true });
    const names = ['e', 'd', 'c', 'b', 'a'].map((name) => `${name}.csv`);
    for (const key of names) await app.objects.put({ bucket: INBOUND, key, body: SAMPLE });
    await app.settled();
    // Each is started once the one before it has ended.
    const runs: Execution[] = [];
    await vi.waitFor(async () => {
      const { executions } = await app.executions.list({ stateMachineArn: stateMachineArn(STATE_MACHINE) });
      if (executions.length < names.length) throw new Error('Some have not begun.');
      runs.push(...executions);
    }, 30_000);
    const ended = await Promise.all(runs.map(({ arn }) => app.executions.closed(arn)));
    const inOrder = ended.toSorted((a, b) => a.startedAt - b.startedAt);
    expect(inOrder.map(({ origin }) => origin?.kind === 'object' && origin.key)).toEqual(names);
    for (const [index, run] of inOrder.slice(1).entries())
      expect(run.startedAt).toBeGreaterThanOrEqual(inOrder[index]?.stoppedAt ?? Infinity);
  });

  it('tells nothing to who subscribes, but to confirm that, before it is confirmed', async () => {
    const app = await open();
    const sns = new SNSClient({
      endpoint: app.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    });
    const [TopicArn, Endpoint] = [app.outputs().topics['batch_processing_notification'], 'dean@example.com'];
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint }));
    const mails = async (): Promise<readonly (string | undefined)[]> => {
      await app.settled();
      const { outbox } = app.outputs();
      const texts = readdirSync(outbox).map((file) => readFileSync(join(outbox, file), 'utf8'));
      return (await Promise.all(texts.map((one) => PostalMime.parse(one))))
        .filter(({ to }) => to?.some(({ address }) => address === Endpoint))
        .map(({ subject, text: told = '' }) => (subject === 'Batch processing notification' ? subject : told));
    };
    await drop(app, SAMPLE);
    const [confirmation = '', ...others] = await mails();
    expect([confirmation, others]).toEqual([expect.stringContaining('Token='), []]);
    const Token = /Token=([\w%.~-]+)/.exec(confirmation)?.[1] ?? '';
    await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token: decodeURIComponent(Token) }));
    sns.destroy();
    await drop(app, SAMPLE);
    expect((await mails()).filter((told) => told === 'Batch processing notification')).toHaveLength(1);
  });

  it('keeps what a run came to when nobody takes its message, and tells it until somebody does', async () => {
    let down = true;
    const taken: string[] = [];
    const endpoint = createServer((request, response) => {
      void text(request).then((body) => {
        if (!down) taken.push(body);
        response.writeHead(down ? 503 : 200).end();
      });
    }).listen(0, '127.0.0.1');
    await once(endpoint, 'listening');
    try {
      const host = `127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
      const app = await open({}, host);
      const execution = await drop(app, SAMPLE);
      expect(execution?.status, execution?.cause ?? '').toBe('SUCCEEDED');
      expect((await items(app)).length).toBe(4);
      down = false;
      await vi.waitFor(() => expect(taken).toHaveLength(1), 30_000);
      expect(taken[0]).toContain('totalRecordsProcessed');
    } finally {
      endpoint.closeAllConnections();
      endpoint.close();
    }
  });
});
