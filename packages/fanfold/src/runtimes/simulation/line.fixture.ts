/**
 * The way of writes from a driver to its store, with a stop before and behind: a write is asked for, becomes durable when
 * it is let through, and is told when it is let back. Those of one execution keep their order.
 */
import type { Store } from '../../ports/store.ts';
import { around, type StoreCall } from '../driver.fixture.ts';
import { subjectOf, type Write } from './ledger.fixture.ts';

interface Held {
  readonly arn: string;
  readonly write: Write;
  readonly let: () => Promise<boolean>;
  /** Lets the driver hear of it. Set once it is durable. */
  tell?: () => void;
}

export interface Line {
  readonly between: (store: Store) => Store;
  /** Executions and map runs with a write that was not let through. */
  asked(): string[];
  /** Executions and map runs with a write that is durable and was not told. */
  untold(): string[];
  /** Lets through what is asked for: `count` writes of each, all in one turn. */
  pass(arns: readonly string[], count: number): Promise<Write[]>;
  tell(arn: string): void;
  /** What {@link pass} would let through. */
  next(arns: readonly string[], count: number): Write[];
  /** Calls of the store that are under way. */
  busy(): number;
  /** From now on nothing comes back. */
  cut(): void;
}

export interface LineParams {
  /** Hears of each write that is asked for, in the turn in which it is made. */
  readonly wanted: (write: Write) => void;
  /** Hears of each write that became durable, before anybody else. */
  readonly written: (write: Write) => void;
}

export function createLine({ wanted, written }: LineParams): Line {
  const before = new Map<string, Held[]>();
  const behind = new Map<string, Held[]>();
  let busy = 0;
  let over = false;
  const never = <T>(): Promise<T> => new Promise(() => {});

  const counted = async <T>(go: () => Promise<T>): Promise<T> => {
    busy += 1;
    const result = await go();
    busy -= 1;
    return over ? never() : result;
  };

  const hold = <T>(write: Write, go: () => Promise<T>): Promise<T> => {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const arn = subjectOf(write);
    const held: Held = {
      arn,
      write,
      let: async () => {
        try {
          const result = await counted(go);
          held.tell = () => resolve(result);
          return result !== false;
        } catch (error) {
          held.tell = () => reject(error as Error);
          throw error;
        }
      },
    };
    queueOf(before, arn).push(held);
    wanted(write);
    return promise;
  };

  const guard = <T>(call: StoreCall, go: () => Promise<T>): Promise<T> => {
    if (over) return never();
    return call.kind === 'other' ? counted(go) : hold(call, go);
  };

  const chosen = (arns: readonly string[], count: number): Held[] =>
    arns.flatMap((arn) => (before.get(arn) ?? []).slice(0, count));

  return {
    between: (store) => around(store, (call, go) => guard(call, () => go())),
    asked: () => [...before].flatMap(([arn, queue]) => (queue.length > 0 ? [arn] : [])),
    untold: () => [...behind].flatMap(([arn, queue]) => (queue[0]?.tell ? [arn] : [])),
    next: (arns, count) => chosen(arns, count).map(({ write }) => write),
    pass: async (arns, count) => {
      const group = chosen(arns, count);
      for (const held of group) {
        before.get(held.arn)?.shift();
        queueOf(behind, held.arn).push(held);
      }
      const took = await Promise.all(
        group.map(async (held) => {
          const changed = await held.let();
          if (changed) written(held.write);
          return changed;
        }),
      );
      return group.filter((_, i) => took[i]).map(({ write }) => write);
    },
    tell: (arn) => behind.get(arn)?.shift()?.tell?.(),
    busy: () => busy,
    cut: () => {
      over = true;
    },
  };
}

function queueOf(queues: Map<string, Held[]>, arn: string): Held[] {
  let queue = queues.get(arn);
  if (!queue) {
    queue = [];
    queues.set(arn, queue);
  }
  return queue;
}
