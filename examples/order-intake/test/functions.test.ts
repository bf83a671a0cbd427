import { beforeEach, describe, expect, it } from 'vitest';
import { handler as lookUp } from '../functions/get-financial-data.ts';
import { handler as merge } from '../functions/merge-files.ts';
import { handler as readFile } from '../functions/read-file.ts';
import { handler as sendEmail } from '../functions/send-email.ts';
import { handler as split } from '../functions/split-input-file.ts';
import { handler as validate } from '../functions/validate-data.ts';
import { type EnrichedOrder, handler as write } from '../functions/write-output-chunk.ts';
import { ORDER_HEADER, type Order } from '../orders/columns.ts';
import { runIdOf } from '../orders/run-folder.ts';
import { BUCKET, processChunk, splitEvent } from './dry-run.ts';
import { createFakes, type Fakes } from './fakes.ts';

const HEADER = ORDER_HEADER.join(',');
const KEY = 'execution-1/Split';
const RUN = runIdOf(KEY);

let fakes: Fakes;
beforeEach(() => {
  fakes = createFakes(KEY);
});

function row(uuid: string, country = 'Chad', shipDate = '2/3/14'): string {
  return `${uuid},${country},Meat,Online,C,1/2/14,Asia,${shipDate}`;
}

function upload(text: string | Buffer, key = 'input/orders.csv'): void {
  fakes.files.set(`${BUCKET}/${key}`, Buffer.from(text));
}

/** Keys in the bucket under the run's folder. */
function runKeys(): string[] {
  const prefix = `${BUCKET}/${RUN}/`;
  return [...fakes.files.keys()].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
}

const order: Order = {
  uuid: '535113847',
  country: 'Azerbaijan',
  itemType: 'Snacks',
  salesChannel: 'Online',
  orderPriority: 'C',
  orderDate: '10/8/14',
  region: 'Middle East and North Africa',
  shipDate: '10/23/14',
  line: 17,
};
const item = { unitsSold: '1', unitPrice: '2', unitCost: '3', totalRevenue: '4', totalCost: '5', totalProfit: '6' };

describe('Split Input File', () => {
  it('gives pieces in order, with the header repeated and every field quoted', async () => {
    upload([HEADER, row('100000001'), row('100000002', '"Korea, ""South"""'), row('100000003')].join('\r\n'));
    expect(await split(splitEvent('input/orders.csv', 2), fakes.context)).toEqual({
      bucket: BUCKET,
      key: 'input/orders.csv',
      splitFileNames: [1, 2].map((part) => `${BUCKET}/${RUN}/to_process/orders__part${part}__of2.csv`),
      toProcessFolder: `${RUN}/to_process`,
    });
    expect(fakes.text(`${BUCKET}/${RUN}/to_process/orders__part1__of2.csv`).split('\r\n')).toEqual([
      ORDER_HEADER.map((name) => `"${name}"`).join(','),
      '"100000001","Chad","Meat","Online","C","1/2/14","Asia","2/3/14"',
      '"100000002","Korea, ""South""","Meat","Online","C","1/2/14","Asia","2/3/14"',
      '',
    ]);
    expect(runKeys().toSorted()).toEqual([
      'lines/orders__part1__of2.json',
      'lines/orders__part2__of2.json',
      'manifest.json',
      'output/_started',
      'to_process/orders__part1__of2.csv',
      'to_process/orders__part2__of2.csv',
    ]);
    expect(JSON.parse(fakes.text(`${BUCKET}/${RUN}/manifest.json`))).toMatchObject({
      records: 3,
      chunks: [
        { records: 2, firstLine: 2 },
        { records: 1, firstLine: 4 },
      ],
    });
  });

  it('names the run after the idempotency key and writes the same bytes again, wherever it was cut off', async () => {
    upload([HEADER, row('1'), row('2'), row('1'), 'x'].join('\n'));
    const first = await split(splitEvent('input/orders.csv', 2), fakes.context);
    const bytes = new Map(fakes.files);
    for (let cut = 0; cut < 6; cut++) {
      for (const key of runKeys()) fakes.files.delete(`${BUCKET}/${RUN}/${key}`);
      let puts = 0;
      fakes.beforePut = () => {
        if (puts++ === cut) throw new Error('cut off');
      };
      await expect(split(splitEvent('input/orders.csv', 2), fakes.context)).rejects.toThrow('cut off');
      expect(runKeys()).not.toContain('manifest.json');
      fakes.beforePut = () => {};
      expect(await split(splitEvent('input/orders.csv', 2), fakes.context)).toEqual(first);
      expect(new Map([...fakes.files].toSorted())).toEqual(new Map([...bytes].toSorted()));
    }
    const other = await split(splitEvent('input/orders.csv', 2), { ...fakes.context, idempotencyKey: 'another' });
    expect(other.toProcessFolder).not.toBe(first.toProcessFolder);
  });

  it.each([
    ['an empty file', '', ['input/orders.csv in bucket source-bucket', 'empty']],
    ['no header', row('100000001'), ['line 1', 'lacks "uuid"', '"Chad"']],
    ['a wrong header', HEADER.replace('Ship Date', 'Shipped'), ['line 1', 'lacks "Ship Date"', 'has "Shipped"']],
    ['another delimiter', HEADER.replaceAll(',', ';'), ['line 1', 'separated by ","']],
    ['a column twice', `${HEADER},uuid`, ['line 1', '"uuid" twice']],
    ['a broken last quote', `${HEADER}\r\n${row('1')}\r\n${row('2', '"Chad')}`, ['opened in line 3', 'never closed']],
    ['UTF-16 without its mark', Buffer.from(HEADER, 'utf16le'), ['line 1', 'UTF-16']],
  ])('refuses %s with one clear error and leaves nothing', async (_, text, says) => {
    upload(text);
    const failure = split(splitEvent('input/orders.csv'), fakes.context);
    await expect(failure).rejects.toMatchObject({ name: 'InvalidInputFile' });
    for (const part of says) await expect(failure).rejects.toThrow(part);
    expect(runKeys()).toEqual([]);
  });

  it('takes a file in UTF-16 by its mark', async () => {
    upload(Buffer.from(`\ufeff${HEADER}\r\n${row('1', 'Tschüß')}`, 'utf16le'));
    const { splitFileNames } = await split(splitEvent('input/orders.csv'), fakes.context);
    expect(splitFileNames).toHaveLength(1);
  });

  it('decodes the key and refuses an object that is gone or was replaced', async () => {
    upload(`${HEADER}\n${row('1')}`, 'input/my +file, ü.csv');
    const { key, splitFileNames } = await split(splitEvent('input/my +file, ü.csv'), fakes.context);
    expect(key).toBe('input/my +file, ü.csv');
    expect(splitFileNames).toEqual([`${BUCKET}/${RUN}/to_process/my +file, ü__part1__of1.csv`]);
    await expect(split(splitEvent('input/none.csv'), fakes.context)).rejects.toThrow('input/none.csv is not in bucket');
    const event = splitEvent('input/my +file, ü.csv');
    const { bucket, object } = event.Records.s3;
    const old = { ...event, Records: { s3: { bucket, object: { ...object, eTag: 'old' } } } };
    await expect(split(old, fakes.context)).rejects.toThrow('was replaced after this run was started');
    const odd = { ...event, Records: { s3: { bucket, object: { key: '%zz' } } } };
    await expect(split(odd, fakes.context)).rejects.toThrow('"%zz" is not URL-encoded');
  });

  it.each([0, -1, 1.5, 'many'])('refuses the chunk size %j', async (size) => {
    upload(HEADER);
    const event = { ...splitEvent('input/orders.csv'), fileChunkSize: size };
    await expect(split(event, fakes.context)).rejects.toThrow('fileChunkSize');
  });
});

describe('Split Input File, settings', () => {
  it('refuses a delimiter that does not work', async () => {
    upload(HEADER);
    const failure = split(splitEvent('input/orders.csv', 600, '"'), fakes.context);
    await expect(failure).rejects.toThrow('The delimiter "\\"" does not work');
  });
});

describe('Read File', () => {
  it('maps columns by name and gives each record its line in the input', async () => {
    const header = ['Ship Date', ...ORDER_HEADER.slice(0, -1)].join(';');
    const record = (uuid: string, country: string): string => `2/3/14;${uuid};${country};Meat;Online;C;1/2/14;Asia`;
    upload([header, '', record('1', '"A\r\nB"'), record('2', 'C'), '', record('3', 'D')].join('\r\n'));
    const done = await split(splitEvent('input/orders.csv', 2, ';'), fakes.context);
    const read = await Promise.all(
      done.splitFileNames.map((FilePath) => readFile({ input: { FilePath } }, fakes.context)),
    );
    expect(read.flat().map(({ uuid, country, shipDate, line }) => [uuid, country, shipDate, line])).toEqual([
      ['1', 'A\r\nB', '2/3/14', 3],
      ['2', 'C', '2/3/14', 5],
      ['3', 'D', '2/3/14', 7],
    ]);
    expect(Object.keys(read[0]?.[0] ?? {})).toEqual(Object.keys(order));
  });

  it('rejects repeated and empty uuids across chunks, and broken records', async () => {
    const bad = Buffer.concat([
      Buffer.from('7,'),
      Buffer.from([0xff]),
      Buffer.from(',Meat,Online,C,1/2/14,Asia,2/3/14'),
    ]);
    const text = [HEADER, row('1'), row('2'), row('1'), row(''), 'x,y', row('2'), row('3'), ''].join('\n');
    upload(Buffer.concat([Buffer.from(text), bad]));
    const done = await split(splitEvent('input/orders.csv', 3), fakes.context);
    const uuids: string[][] = [];
    for (const FilePath of done.splitFileNames)
      uuids.push((await readFile({ input: { FilePath } }, fakes.context)).map((read) => read.uuid));
    expect(uuids).toEqual([['1', '2'], [], ['3']]);
    const rejects = [1, 2, 3].flatMap((part) =>
      fakes
        .text(`${BUCKET}/${RUN}/rejects/orders__part${part}__of3.read.jsonl`)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    expect(rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [4, 'uuid 1 repeats that of line 2.'],
      [5, 'uuid is empty.'],
      [6, 'The record has 2 fields, the header 8 fields.'],
      [7, 'uuid 2 repeats that of line 3.'],
      [9, 'The record is not valid UTF-8.'],
    ]);
    expect([rejects[0].record.uuid, rejects[2].raw]).toEqual(['1', 'x,y']);
  });

  it('fails by name for a chunk that is missing or altered', async () => {
    upload(`${HEADER}\n${row('1')}`);
    const [FilePath = ''] = (await split(splitEvent('input/orders.csv'), fakes.context)).splitFileNames;
    fakes.files.set(FilePath, Buffer.from(`${fakes.text(FilePath)} `));
    await expect(readFile({ input: { FilePath } }, fakes.context)).rejects.toThrow(
      'Chunk orders__part1__of1 was altered',
    );
    fakes.files.delete(FilePath);
    await expect(readFile({ input: { FilePath } }, fakes.context)).rejects.toThrow(
      'Chunk orders__part1__of1 is missing',
    );
    const elsewhere = readFile({ input: { FilePath: 'source-bucket/secret.csv' } }, fakes.context);
    await expect(elsewhere).rejects.toThrow('FilePath is "source-bucket/secret.csv"');
  });
});

describe('Validate Data', () => {
  it('passes a good record', () => {
    expect(validate(order, fakes.context)).toBe(true);
    expect(validate({ ...order, country: '𝒜'.repeat(50) }, fakes.context)).toBe(true);
  });

  it.each([
    [{ uuid: '5351138471' }, 'Line 17: uuid "5351138471" is not nine digits.'],
    [{ uuid: '12345678a' }, 'Line 17: uuid "12345678a" is not nine digits.'],
    [
      { country: 'x'.repeat(51), shipDate: '', orderPriority: 'urgent' },
      'Line 17: country is 51 characters long, at most 50 are allowed; orderPriority is 6 characters long, at most 5 are allowed; shipDate is empty.',
    ],
  ])('throws a ValidationError with every reason for %j', (change, message) => {
    expect(() => validate({ ...order, ...change }, fakes.context)).toThrow(
      expect.objectContaining({ name: 'ValidationError', message }),
    );
  });
});

describe('Get Financial Data', () => {
  it('answers 200 with the item, or with null', async () => {
    fakes.items.set('FinancialTable/{"uuid":{"S":"535113847"}}', {
      uuid: { S: '535113847' },
      ...Object.fromEntries(Object.entries(item).map(([name, value]) => [name, { S: value }])),
      unitsSold: { N: '1' },
    });
    const found = await lookUp({ pathParameters: { uuid: '535113847' } }, fakes.context);
    expect([found.statusCode, JSON.parse(found.body)]).toEqual([200, { item }]);
    const unknown = await lookUp({ pathParameters: { uuid: '999999999' } }, fakes.context);
    expect([unknown.statusCode, unknown.body]).toEqual([200, '{"item":null}']);
  });

  it.each([[{ uuid: '1234567890' }], [{ uuid: 'abc' }], [{}], [null]])('answers 400 for %j', async (pathParameters) => {
    expect((await lookUp({ pathParameters }, fakes.context)).statusCode).toBe(400);
  });
});

describe('Write output file', () => {
  let FilePath = '';
  beforeEach(async () => {
    upload(`${HEADER}\n${row('1')}`, 'input/to_process.csv');
    FilePath = (await split(splitEvent('input/to_process.csv'), fakes.context)).splitFileNames[0] ?? '';
  });

  it('writes 14 quoted columns without a header, and the others as rejects with line and reason', async () => {
    const failed = (line: number, error: string, cause: string): EnrichedOrder => ({
      ...order,
      line,
      'error-info': { Error: error, Cause: cause },
    });
    const enrichedData: EnrichedOrder[] = [
      { ...order, country: 'Korea, "South"', financialdata: { item } },
      failed(18, 'ValidationError', JSON.stringify({ errorMessage: 'Line 18: shipDate is empty; country is empty.' })),
      failed(19, 'States.Timeout', 'no answer'),
      failed(20, 'Error', '[1]'),
      { ...order, line: 21, financialdata: { item: null } },
      { ...order, line: 22, financialdata: { item: { ...item, unitsSold: undefined } as never } },
    ];
    expect(await write({ FilePath, enrichedData }, fakes.context)).toEqual({
      outputFile: `${BUCKET}/${RUN}/output/to_process__part1__of1.csv`,
      written: 1,
      rejected: 5,
    });
    expect(fakes.text(`${BUCKET}/${RUN}/output/to_process__part1__of1.csv`)).toBe(
      '"535113847","Korea, ""South""","Snacks","Online","C","10/8/14","Middle East and North Africa","10/23/14","1","2","3","4","5","6"\r\n',
    );
    const lines = fakes.text(`${BUCKET}/${RUN}/rejects/to_process__part1__of1.write.jsonl`).trim().split('\n');
    const rejects = lines.map((line) => JSON.parse(line));
    expect(rejects.map(({ line, reason }) => [line, reason])).toEqual([
      [18, 'shipDate is empty; country is empty.'],
      [19, 'States.Timeout: no answer'],
      [20, 'Error: [1]'],
      [21, 'no financial data for uuid 535113847.'],
      [22, 'financial data for uuid 535113847 lacks unitsSold.'],
    ]);
    expect(Object.keys(rejects[0].record)).toEqual(Object.keys(order).slice(0, -1));
  });
});

describe('Merge all Files', () => {
  async function prepared(): Promise<{ toProcessFolder: string; bucket: string; key: string }> {
    upload([HEADER, row('100000001'), 'broken', row('12', 'Chad', '')].join('\n'));
    const { splitFileNames, ...rest } = await split(splitEvent('input/orders.csv', 1), fakes.context);
    fakes.items.set(
      'FinancialTable/{"uuid":{"S":"100000001"}}',
      Object.fromEntries(Object.entries(item).map(([name, value]) => [name, { S: value }])),
    );
    for (const path of splitFileNames.toReversed()) await processChunk(path, fakes.context);
    return rest;
  }

  it('follows the manifest, ignores strays and gives the same bytes again', async () => {
    const event = await prepared();
    fakes.files.set(`${BUCKET}/${RUN}/output/orders__part9__of3.csv`, Buffer.from('stray\n'));
    const first = await merge(event, fakes.context);
    expect(first).toEqual({
      response: 'All files merged',
      S3OutputFileName: `${RUN}/output/completed/orders.csv`,
      summary: { read: 3, written: 1, filtered: 0, rejected: 2, rejects: `${RUN}/output/rejected/orders.csv` },
    });
    expect(fakes.text(`${BUCKET}/${RUN}/output/rejected/orders.csv`).split('\r\n')).toEqual([
      `${HEADER},line,reason`,
      '"","","","","","","","","3","The record has 1 field, the header 8 fields. Its text is: broken"',
      '"12","Chad","Meat","Online","C","1/2/14","Asia","","4","uuid ""12"" is not nine digits; shipDate is empty."',
      '',
    ]);
    const bytes = new Map(fakes.files);
    expect(await merge(event, fakes.context)).toEqual(first);
    expect(fakes.files).toEqual(bytes);
  });

  it.each([
    ['output/orders__part1__of3.csv', undefined, 'Chunk orders__part1__of3 is missing'],
    ['output/orders__part1__of3.csv', 'other', 'Chunk orders__part1__of3 was altered'],
    ['accounts/orders__part2__of3.json', undefined, 'Chunk orders__part2__of3 is missing'],
    [
      'rejects/orders__part3__of3.write.jsonl',
      undefined,
      'Chunk orders__part3__of3 does not add up: 1 read, 0 written, 0 rejected',
    ],
    ['manifest.json', undefined, 'manifest.json is missing'],
  ])('fails by name when %s is %j instead', async (name, text, message) => {
    const event = await prepared();
    if (text === undefined) fakes.files.delete(`${BUCKET}/${RUN}/${name}`);
    else fakes.files.set(`${BUCKET}/${RUN}/${name}`, Buffer.from(text));
    await expect(merge(event, fakes.context)).rejects.toThrow(message);
    expect(runKeys().filter((key) => key.startsWith('output/completed/'))).toEqual([]);
  });
});

describe('Email the file', () => {
  const event = {
    sender: 'a@example.com',
    recipient: 'b@example.com',
    bucket: BUCKET,
    s3OutputFileName: 'run/output/completed/a&b.csv',
  };

  it('sends links that expire, as text and as HTML', async () => {
    const summary = { read: 3, written: 1, filtered: 0, rejected: 2, rejects: 'run/output/rejected/a&b.csv' };
    fakes.files.set(`${BUCKET}/run/summary.json`, Buffer.from(JSON.stringify(summary)));
    await sendEmail(event, fakes.context);
    const [mail] = fakes.mails;
    expect(mail).toMatchObject({
      from: 'a@example.com',
      to: ['b@example.com'],
      subject: 'Batch processing is complete: a&b.csv',
    });
    expect(mail?.text).toContain('3 records were read, 1 written, 2 rejected.');
    expect(mail?.text).toContain('https://objects.test/source-bucket/run/output/completed/a&b.csv?expires=3600&s=1');
    expect(mail?.text).toContain('/run/output/rejected/a&b.csv?expires=3600');
    expect(mail?.html).toContain(
      'href="https://objects.test/source-bucket/run/output/completed/a&amp;b.csv?expires=3600&amp;s=1"',
    );
  });

  it('has no link to rejects when there are none, and lets a failure be seen', async () => {
    const summary = { read: 1, written: 1, filtered: 0, rejected: 0, rejects: null };
    fakes.files.set(`${BUCKET}/run/summary.json`, Buffer.from(JSON.stringify(summary)));
    await sendEmail(event, fakes.context);
    expect(fakes.mails[0]?.text).not.toContain('rejected/');
    const mail = { send: () => Promise.reject(new Error('mail server is down')) };
    await expect(sendEmail(event, { ...fakes.context, mail })).rejects.toThrow('mail server is down');
  });
});
