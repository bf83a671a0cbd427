/** The lines of events whose executions run one after the other, and objects that are rejected. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUCKET, Intake, INTAKE as trigger } from './intake.fixture.ts';

describe('triggers', () => {
  let intake: Intake;
  beforeEach(() => {
    intake = new Intake();
  });
  afterEach(() => intake.remove());

  it('have their executions one after the other, in the order of arrival, where they say so', async () => {
    intake.begin([{ ...trigger, order: 'sequential' }]);
    await intake.put('in/c.csv', 'in/a.csv', 'in/b.csv', 'in/no.txt');
    expect([intake.running(), intake.pending()]).toEqual([['in/c.csv'], ['in/c.csv', 'in/a.csv', 'in/b.csv']]);
    await intake.end('in/c.csv');
    expect([intake.running(), intake.pending()]).toEqual([['in/a.csv'], ['in/a.csv', 'in/b.csv']]);
    await intake.end('in/a.csv');
    await intake.end('in/b.csv');
    expect([intake.running(), intake.pending(), intake.started.size]).toEqual([[], [], 3]);
  });

  it('keep the order of a folder, or of a key, and let others go on beside', async () => {
    intake.begin([
      { ...trigger, order: 'folder' },
      { ...trigger, name: 'by key', prefix: 'keys/', order: 'key' },
    ]);
    await intake.put('in/x/1.csv', 'in/x/2.csv', 'in/y/1.csv', 'keys/a.csv', 'keys/b.csv', 'keys/a.csv');
    expect(intake.running()).toEqual(['in/x/1.csv', 'in/y/1.csv', 'keys/a.csv', 'keys/b.csv']);
    await intake.end('keys/a.csv');
    await intake.end('in/x/1.csv');
    expect(intake.running()).toEqual(['in/y/1.csv', 'keys/b.csv', 'keys/a.csv', 'in/x/2.csv']);
  });

  it('go on in the same order after a restart, and start nothing twice', async () => {
    const ordered = [{ ...trigger, order: 'sequential' as const }];
    intake.begin(ordered);
    await intake.put('in/1.csv', 'in/2.csv', 'in/3.csv');
    await intake.close();
    intake.begin(ordered);
    await intake.idle();
    expect([intake.running(), intake.started.size]).toEqual([['in/1.csv'], 1]);
    // It ends while nobody is told.
    for (const arn of intake.started.keys()) intake.endUnheard(arn);
    await intake.close();
    intake.begin(ordered);
    await intake.idle();
    expect([intake.running(), intake.pending(), intake.started.size]).toEqual([
      ['in/2.csv'],
      ['in/2.csv', 'in/3.csv'],
      2,
    ]);
  });

  it('hold the others of a line while the first cannot be started', async () => {
    intake.refuse = ({ origin }) => {
      if (origin?.kind === 'object' && origin.key === 'in/1.csv') throw new Error('not now');
    };
    intake.begin([
      { ...trigger, order: 'sequential' },
      { ...trigger, name: 'free', prefix: 'free/' },
    ]);
    await intake.put('in/1.csv', 'in/2.csv', 'free/3.csv');
    expect([intake.running(), intake.pending()]).toEqual([['free/3.csv'], ['in/1.csv', 'in/2.csv']]);
  });

  describe('with a marker', () => {
    const marked = { ...trigger, marker: '.done' };
    const keys = async (): Promise<string[]> =>
      (await intake.local.objects.list({ bucket: BUCKET })).objects.map(({ key }) => key);

    it.each([
      ['the object first', ['in/a.csv', 'in/a.csv.done']],
      ['the marker first', ['in/a.csv.done', 'in/a.csv']],
    ])('start an object when both are there, %s, and take the marker away', async (_, order) => {
      intake.begin([marked]);
      await intake.put(order[0] as string, 'in/b.csv', 'in/c.csv.done', 'in/d.txt.done');
      expect([intake.running(), intake.pending()]).toEqual([[], []]);
      await intake.put(order[1] as string);
      expect([intake.running(), intake.pending()]).toEqual([['in/a.csv'], []]);
      expect(await keys()).toEqual(['in/a.csv', 'in/b.csv', 'in/c.csv.done', 'in/d.txt.done']);
      await intake.put('in/a.csv');
      expect(intake.started.size).toBe(1);
      await intake.put('in/a.csv.done');
      expect(intake.started.size).toBe(2);
    });

    it('start an object once, when both have come before anybody looked', async () => {
      await intake.write('in/a.csv', 'a');
      await intake.write('in/a.csv.done', '');
      intake.begin([marked]);
      await intake.idle();
      expect([intake.running(), intake.pending(), intake.started.size]).toEqual([['in/a.csv'], [], 1]);
    });

    it('keep their order, also after a restart', async () => {
      const ordered = [{ ...marked, order: 'sequential' as const }];
      intake.begin(ordered);
      await intake.put('in/1.csv', 'in/1.csv.done', 'in/2.csv.done', 'in/2.csv');
      expect(intake.running()).toEqual(['in/1.csv']);
      await intake.close();
      intake.begin(ordered);
      await intake.idle();
      expect([intake.running(), intake.started.size]).toEqual([['in/1.csv'], 1]);
      await intake.local.objects.move({
        from: { bucket: BUCKET, key: 'in/1.csv' },
        to: { bucket: BUCKET, key: 'old/1.csv' },
      });
      await intake.end('in/1.csv');
      expect(intake.running()).toEqual(['in/2.csv']);
      await intake.end('in/2.csv');
      await intake.put('in/3.csv', 'in/3.csv.done');
      expect([intake.running(), intake.started.size]).toEqual([['in/3.csv'], 3]);
      await intake.end('in/3.csv');
      expect(intake.pending()).toEqual([]);
    });

    it('reject what is too large, and no markers', async () => {
      intake.begin([{ ...marked, maxBytes: 8, others: 'reject', error: 'bad/' }]);
      await intake.put('in/a.csv', 'in/larger.csv', 'in/a.csv.done', 'in/other.txt');
      expect(intake.rejected.map(([key]) => key)).toEqual(['in/larger.csv', 'in/other.txt']);
      expect(intake.running()).toEqual(['in/a.csv']);
    });
  });

  it('reject what is too large, and what is no file for them, unless another one takes it', async () => {
    intake.begin([
      { ...trigger, maxBytes: 8, others: 'reject', error: 'error/' },
      { ...trigger, name: 'json', suffix: '.json', others: 'reject', error: 'error/' },
    ]);
    await intake.put('in/a.csv', 'in/larger.csv', 'in/a.json', 'in/a.CSV', 'elsewhere/a.txt');
    expect(intake.running()).toEqual(['in/a.csv', 'in/a.json']);
    expect(intake.rejected).toEqual([
      ['in/larger.csv', 'The file has 13 bytes, and 8 is the most that is taken here.'],
      ['in/a.CSV', 'No file for this place: its name must end with .csv.'],
    ]);
    expect(intake.pending()).toEqual([]);
  });

  it.each([
    [{ maxBytes: 0 }, 'maxBytes'],
    [{ maxBytes: 1.5 }, 'maxBytes'],
    [{ others: 'reject' as const }, "name one with 'error'"],
  ])('cannot have %j', (settings, problem) => {
    intake.begin([]);
    expect(() => intake.begin([{ ...trigger, ...settings }])).toThrow(problem);
  });
});
