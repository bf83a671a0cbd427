import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createActivityLine } from './activity-line.ts';

const waiting = (): AbortSignal => new AbortController().signal;

/** Lets what was resolved be heard. */
const turn = (): Promise<void> => new Promise(setImmediate);

describe('a line', () => {
  it('gives tasks in the order in which they came', async () => {
    const line = createActivityLine<string>();
    for (const task of ['a', 'b', 'c']) line.offer(task, task);
    expect(await Promise.all([line.next(waiting()), line.next(waiting()), line.next(waiting())])).toEqual([
      'a',
      'b',
      'c',
    ]);
    expect(line.isEmpty()).toBe(true);
  });

  it('gives a task to who waits longest', async () => {
    const line = createActivityLine<string>();
    const heard: string[] = [];
    for (const worker of ['x', 'y']) void line.next(waiting()).then((task) => heard.push(`${worker} ${task}`));
    line.offer('a', 'a');
    await turn();
    line.offer('b', 'b');
    await turn();
    expect(heard).toEqual(['x a', 'y b']);
  });

  it('gives nothing to who has left, before or while waiting', async () => {
    const line = createActivityLine<string>();
    const gone = new AbortController();
    const left = line.next(gone.signal);
    gone.abort();
    line.offer('a', 'a');
    expect(await left).toBeUndefined();
    expect(await line.next(gone.signal)).toBeUndefined();
    expect(await line.next(waiting())).toBe('a');
  });

  it('gives what comes back before all others', async () => {
    const line = createActivityLine<string>();
    line.offer('a', 'a');
    line.offer('b', 'b');
    const first = (await line.next(waiting())) as string;
    line.giveBack(first, first);
    expect(await line.next(waiting())).toBe('a');
  });

  it('forgets what is withdrawn', async () => {
    const line = createActivityLine<string>();
    for (const task of ['a', 'b', 'c']) line.offer(task, task);
    line.giveBack('d', 'd');
    for (const task of ['a', 'c', 'd', 'nobody']) line.withdraw(task);
    expect(await line.next(waiting())).toBe('b');
    expect(line.isEmpty()).toBe(true);
  });

  it('loses no task and gives none twice, whoever comes and goes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('offer', 'ask', 'leave', 'settle'), { maxLength: 60 }),
        async (happenings) => {
          const line = createActivityLine<number>();
          const given: number[] = [];
          const workers: AbortController[] = [];
          let offered = 0;
          for (const happening of happenings) {
            if (happening === 'offer') line.offer(String(offered), offered++);
            else if (happening === 'leave') workers.shift()?.abort();
            else if (happening === 'settle') await turn();
            else {
              const worker = new AbortController();
              workers.push(worker);
              void line.next(worker.signal).then((task) => task !== undefined && given.push(task));
            }
          }
          await turn();
          for (const worker of workers) worker.abort();
          const patience = new AbortController();
          const rest: number[] = [];
          while (!line.isEmpty()) rest.push((await line.next(patience.signal)) as number);
          expect([...given, ...rest].sort((a, b) => a - b)).toEqual(Array.from({ length: offered }, (_, i) => i));
        },
      ),
    );
  });
});
