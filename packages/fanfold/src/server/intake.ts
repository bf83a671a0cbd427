/**
 * Requests that wait for their turn. What is sent at once by many is not looked at at once: in one turn of the event loop only so
 * much is read and checked, and in between the engine has its turns. A client's load makes others wait as long as that takes.
 */
export interface Intake {
  /** @returns undefined when a request of so many bytes may be looked at now; else resolves when it may */
  turn(bytes: number): Promise<void> | undefined;
}

export interface IntakeParams {
  /** How many bytes are looked at in one turn; of a request that is longer, one. */
  readonly most: number;
  /** Calls `run` once, after what is waiting now had its turn. @defaultValue setImmediate */
  readonly soon?: (run: () => void) => void;
}

/** What a request costs beside its bytes, in bytes. */
const REQUEST_ITSELF = 500;

interface Waiting {
  readonly bytes: number;
  readonly go: () => void;
}

export function createIntake({ most, soon = setImmediate }: IntakeParams): Intake {
  let waiting: Waiting[] = [];
  let left = most;
  let isTurnSet = false;

  const take = (bytes: number): void => {
    left -= bytes + REQUEST_ITSELF;
    if (isTurnSet) return;
    isTurnSet = true;
    soon(nextTurn);
  };

  const nextTurn = (): void => {
    isTurnSet = false;
    left = most;
    let next = 0;
    for (; next < waiting.length && left > 0; next++) {
      const { bytes, go } = waiting[next] as Waiting;
      take(bytes);
      go();
    }
    if (next > 0) waiting = waiting.slice(next);
  };

  return {
    turn: (bytes) => {
      if (left > 0 && waiting.length === 0) return void take(bytes);
      return new Promise((go) => waiting.push({ bytes, go }));
    },
  };
}
