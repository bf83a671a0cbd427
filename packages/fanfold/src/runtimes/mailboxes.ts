/**
 * Events that wait for their turn. In one turn of the event loop only so much is taken in that what it adds is a commit of
 * a bounded size; what is more comes in the next turns, one event of each owner after the other, and those of one owner in
 * their order.
 */
import { createLines } from './lines.ts';

export interface Mailboxes<Owner, Event> {
  /** Has it taken in now, or when its turn comes. */
  post(owner: Owner, event: Event): void;
  /** Takes in all that waits for an owner: something comes behind it that must not wait. */
  empty(owner: Owner): void;
  /** Drops all that waits. */
  clear(): void;
}

export interface MailboxesParams<Owner, Event> {
  /** How much is taken in in one turn. */
  readonly most: () => number;
  /** How much of that an event was that has been taken in, 1 and up. */
  readonly weigh: (event: Event) => number;
  /** Must not throw. */
  readonly take: (owner: Owner, event: Event) => void;
  /** Calls `run` once, after what is waiting now had its turn. */
  readonly soon: (run: () => void) => void;
}

export function createMailboxes<Owner, Event>(params: MailboxesParams<Owner, Event>): Mailboxes<Owner, Event> {
  const { most, weigh, take, soon } = params;
  const lines = createLines<Owner, Event>();
  let left = most();
  let isTurnSet = false;

  const takeNow = (owner: Owner, event: Event): void => {
    take(owner, event);
    left -= weigh(event);
    // Only now, so that the next turn comes behind the commit.
    if (isTurnSet) return;
    isTurnSet = true;
    soon(nextTurn);
  };

  const nextTurn = (): void => {
    isTurnSet = false;
    left = most();
    while (left > 0) {
      const next = lines.next();
      if (!next) return;
      takeNow(next.owner, next.item);
    }
  };

  return {
    post: (owner, event) => {
      // While others wait there is nothing left of this turn.
      if (left > 0 && !lines.has(owner)) takeNow(owner, event);
      else lines.add(owner, event);
    },
    empty: (owner) => {
      for (const event of lines.takeAll(owner)) take(owner, event);
    },
    clear: lines.clear,
  };
}
