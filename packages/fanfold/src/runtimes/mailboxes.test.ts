import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMailboxes } from './mailboxes.ts';

/** Mailboxes whose turns come when the test says so. */
function trial(most: number) {
  const taken: string[] = [];
  let turns: (() => void)[] = [];
  const boxes = createMailboxes<string, string>({
    most: () => most,
    weigh: (event) => (event.endsWith('!') ? 3 : 1),
    take: (owner, event) => taken.push(owner + event),
    soon: (run) => turns.push(run),
  });
  const turn = (): number => {
    const now = turns;
    turns = [];
    for (const run of now) run();
    return now.length;
  };
  return { boxes, taken, turn };
}

describe('mailboxes', () => {
  it('take in so much in one turn, and the rest in the next ones, the owners in turn', () => {
    const { boxes, taken, turn } = trial(3);
    for (let i = 0; i < 6; i++) boxes.post('a', String(i));
    boxes.post('b', '0');
    expect(taken).toEqual(['a0', 'a1', 'a2']);
    turn();
    expect(taken.slice(3)).toEqual(['a3', 'b0', 'a4']);
    turn();
    expect(taken.slice(6)).toEqual(['a5']);
    // One more, in which there is nothing to do, and then none is asked for.
    expect(turn()).toBe(1);
    expect(turn()).toBe(0);
  });

  it('count what is large as more', () => {
    const { boxes, taken, turn } = trial(4);
    for (const event of ['0!', '1!', '2', '3']) boxes.post('a', event);
    expect(taken).toEqual(['a0!', 'a1!']);
    turn();
    expect(taken).toEqual(['a0!', 'a1!', 'a2', 'a3']);
  });

  it('are emptied before something that must not wait, in order', () => {
    const { boxes, taken, turn } = trial(1);
    for (const event of ['0', '1', '2']) boxes.post('a', event);
    boxes.post('b', '0');
    boxes.empty('a');
    boxes.empty('a');
    expect(taken).toEqual(['a0', 'a1', 'a2']);
    turn();
    expect(taken).toEqual(['a0', 'a1', 'a2', 'b0']);
  });

  it('drop what waits', () => {
    const { boxes, taken, turn } = trial(1);
    boxes.post('a', '0');
    boxes.post('a', '1');
    boxes.clear();
    turn();
    turn();
    expect(taken).toEqual(['a0']);
  });

  it('take in each once and those of an owner in order, however turns fall, and never too much in one', () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant('post' as const), owner: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('empty' as const), owner: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ kind: fc.constant('turn' as const) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (acts, most) => {
        const { boxes, taken, turn } = trial(most);
        const posted: string[] = [];
        for (const each of acts) {
          const before = taken.length;
          if (each.kind === 'post') {
            const event = String(posted.length);
            posted.push(each.owner + event);
            boxes.post(each.owner, event);
          } else if (each.kind === 'empty') boxes.empty(each.owner);
          else turn();
          if (each.kind === 'turn') expect(taken.length - before).toBeLessThanOrEqual(most);
        }
        while (turn() > 0);
        for (const owner of ['a', 'b', 'c'])
          expect(taken.filter((event) => event.startsWith(owner))).toEqual(
            posted.filter((event) => event.startsWith(owner)),
          );
      }),
    );
  });
});
