/** Manifests over real buckets: what starts when, whatever comes in which order. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUCKET, Intake, INTAKE } from '../intake.fixture.ts';
import type { Trigger } from '../trigger.ts';
import { MOST_MANIFEST_BYTES } from './manifest.ts';

const trigger: Trigger = { ...INTAKE, suffix: 'manifest.json', manifest: {} };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const named = (name: string, body: string): object => ({ name, size: body.length, sha256: sha256(body) });

describe('a trigger that takes manifests', () => {
  let intake: Intake;
  beforeEach(() => {
    intake = new Intake();
  });
  afterEach(() => intake.remove());

  const send = async (name: string, body: string | object): Promise<void> => {
    await intake.write(`in/${name}`, typeof body === 'string' ? body : JSON.stringify(body));
    await intake.idle();
  };
  const warnings = (): unknown[] =>
    intake.logger.lines.flatMap(({ level, fields }) => (level === 'warn' ? [fields?.['reason']] : []));

  it('starts once all files are there as it says, and gives their list', async () => {
    intake.begin([trigger]);
    const files = [{ ...named('1.csv', 'id\na\n'), records: 1 }, named('sub/2.csv', 'id\nb\n')];
    await send('sub/2.csv', 'id\nb\n');
    await send('manifest.json', { files });
    expect([intake.running(), intake.pending()]).toEqual([[], ['in/manifest.json']]);
    await send('3.csv', 'of nobody');
    expect(intake.running()).toEqual([]);
    await send('1.csv', 'id\na\n');
    expect([intake.running(), intake.pending()]).toEqual([['in/manifest.json'], []]);
    expect(JSON.parse(intake.inputs[0] ?? '')).toMatchObject({
      Records: [{ s3: { object: { key: 'in/manifest.json' } } }],
      files: [
        { bucket: BUCKET, key: 'in/1.csv', size: 5, records: 1, sha256: sha256('id\na\n') },
        { bucket: BUCKET, key: 'in/sub/2.csv', size: 5, eTag: createHash('md5').update('id\nb\n').digest('hex') },
      ],
    });
    await send('1.csv', 'again');
    expect(intake.started.size).toBe(1);
  });

  it('waits for the right one where a file is not as it says, and tells what is wrong, once', async () => {
    intake.begin([{ ...trigger, maxBytes: 12 }]);
    await send('2.csv', 'no such MD5');
    await send('3.csv', 'it is too long');
    await send('manifest.json', [named('1.csv', 'right'), { name: '2.csv', md5: '0'.repeat(32) }, '3.csv']);
    await send('1.csv', 'cut');
    await send('3.csv', 'short');
    await send('1.csv', 'wrong');
    await send('1.csv', 'wrong');
    await send('1.csv', 'right');
    const [first, second, third, ...more] = warnings();
    expect(first).toBe(
      'Of 3 files 2 are missing or not as the manifest says. in/3.csv: it has 14 bytes, and 12 is the most that is taken; ' +
        'in/1.csv: it is not there',
    );
    expect(second).toContain('in/1.csv: it has 3 bytes, and is to have 5');
    expect(third).toContain(`in/1.csv: its sha256 is ${sha256('wrong')}, and is to be ${sha256('right')}`);
    expect(third).toContain('in/2.csv: its md5 is a34426a55a5c604ac930e3704cd072d1, and is to be 000');
    expect(more).toEqual([]);
    expect([intake.running(), intake.pending()]).toEqual([[], ['in/manifest.json']]);
  });

  it.each([
    ['a.csv', 'id,text\n1,"two\nlines"\n2,x\n', 2],
    ['a.jsonl', '{}\n\n{}\n{}', 3],
    ['a.json', '[1, 2, 3, 4]', 4],
  ])('counts the records of %s', async (name, body, records) => {
    intake.begin([trigger]);
    await send(name, body);
    await send('manifest.json', [{ name, records: records + 1 }]);
    expect([intake.running(), warnings()]).toEqual([
      [],
      [expect.stringContaining(`it has ${records} records, and is to have ${records + 1}`)],
    ]);
    await send('manifest.json', [{ name, records }]);
    // The first one waits no more.
    expect([intake.running(), intake.pending()]).toEqual([['in/manifest.json'], []]);
  });

  it('rejects a manifest that can never be started', async () => {
    intake.begin([trigger]);
    await send('1.csv', 'x');
    await send('a/manifest.json', ['../1.csv']);
    await send('b/manifest.json', ' '.repeat(MOST_MANIFEST_BYTES + 1));
    expect(intake.rejected).toEqual([
      ['in/a/manifest.json', expect.stringContaining('"../1.csv" is no name of a file')],
      ['in/b/manifest.json', expect.stringContaining(`${MOST_MANIFEST_BYTES} is the most that is read`)],
    ]);
    expect([intake.running(), intake.pending()]).toEqual([[], []]);
  });

  it('rejects a manifest whose files do not come in time, also when nothing ran at that moment', async () => {
    const hasty = { ...trigger, manifest: { waitSeconds: 60 } };
    intake.clock.set(Date.now());
    intake.begin([hasty]);
    await send('1.csv', 'x');
    await send('a/manifest.json', ['1.csv']);
    await send('manifest.json', ['1.csv', '2.csv']);
    await send('b/manifest.json', ['1.csv']);
    await send('b/1.csv', 'in time');
    intake.clock.advance(30_000);
    await intake.idle();
    expect([intake.running(), intake.rejected]).toEqual([['in/b/manifest.json'], []]);
    intake.clock.advance(60_000);
    await intake.idle();
    const late =
      'Not all files came in time. Of 2 files 1 are missing or not as the manifest says. in/2.csv: it is not there';
    expect(new Map(intake.rejected).get('in/manifest.json')).toBe(late);
    expect([intake.rejected.length, intake.pending()]).toEqual([2, []]);
    await intake.close();
    await intake.write('in/c/manifest.json', '["1.csv"]');
    intake.clock.advance(120_000);
    intake.begin([hasty]);
    await intake.idle();
    expect(intake.rejected.map(([key]) => key)).toContain('in/c/manifest.json');
  });

  it('keeps the order of manifests as they become complete', async () => {
    intake.begin([{ ...trigger, order: 'sequential' }]);
    await send('a/manifest.json', ['1.csv']);
    await send('b/manifest.json', ['1.csv']);
    await send('b/1.csv', 'b');
    await send('a/1.csv', 'a');
    expect(intake.running()).toEqual(['in/b/manifest.json']);
    await intake.end('in/b/manifest.json');
    expect(intake.running()).toEqual(['in/a/manifest.json']);
    await intake.end('in/a/manifest.json');
    expect(intake.pending()).toEqual([]);
  });

  it('starts once, whatever comes in whatever order, again and across restarts', async () => {
    const bodies = ['one', 'two', 'three', 'four'].map((body, i) => [`${i}.csv`, body] as const);
    const manifest = JSON.stringify(bodies.map(([name, body]) => named(name, body)));
    const right = [...bodies, ['manifest.json', manifest] as const];
    const steps = fc.array(
      fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom(...right) },
        { weight: 2, arbitrary: fc.constantFrom(...bodies.map(([name]) => [name, 'wrong'] as const)) },
        { weight: 1, arbitrary: fc.constant('restart' as const) },
      ),
      { maxLength: 14 },
    );
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.shuffledSubarray(right, { minLength: 5 }),
        fc.boolean(),
        async (some, rest, isSlow) => {
          const own = new Intake();
          own.begin([trigger]);
          const there = new Map<string, string>();
          // How many manifests have been complete: each of them is a delivery of its own.
          let complete = 0;
          let waits = false;
          for (const step of [...some, ...rest]) {
            if (step === 'restart') {
              await own.close();
              own.begin([trigger]);
            } else {
              const [name, body] = step;
              there.set(name, body);
              await own.write(`in/${name}`, body);
              if (name === 'manifest.json') waits = true;
            }
            if (isSlow) continue;
            await own.idle();
            if (!waits || right.some(([name, body]) => there.get(name) !== body)) continue;
            complete += 1;
            waits = false;
          }
          await own.idle();
          const { size } = own.started;
          const left = own.pending();
          await own.remove();
          // In the end all files are there as they should be.
          expect(left).toEqual([]);
          if (isSlow) expect(size).toBeGreaterThan(0);
          else expect(size).toBe(complete);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('looks a few times at many files, in whatever order they come', async () => {
    intake.begin([trigger]);
    const names = Array.from({ length: 200 }, (_, i) => `${i}.csv`);
    let reads = 0;
    const { get } = intake.local.objects;
    intake.local.objects.get = (params) => {
      reads += 1;
      return get.call(intake.local.objects, params);
    };
    await send('manifest.json', names);
    for (const name of names) await send(name, name);
    expect(intake.running()).toEqual(['in/manifest.json']);
    expect(reads).toBeLessThanOrEqual(10);
  });

  it.each<[Partial<Trigger>, string]>([
    [{ suffix: '' }, "name it with 'suffix'"],
    [{ suffix: [] }, "name it with 'suffix'"],
    [{ marker: '.done' }, "leave its 'marker' out"],
    [{ others: 'reject', error: 'bad/' }, "leave 'others' out"],
    [{ manifest: { waitSeconds: 0 } }, "'waitSeconds' must be a number above 0, not 0"],
  ])('cannot have %j', (settings, problem) => {
    expect(() => intake.begin([{ ...trigger, ...settings }])).toThrow(problem);
  });
});
