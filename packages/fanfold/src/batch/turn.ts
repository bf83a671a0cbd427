/**
 * Who computes: of the chunks that one worker has at once only one makes records, so that they end one after the other, and
 * what one has made is written to the disk while the next one is made. Who has to wait for an answer gives the turn away.
 */
export interface Turn {
  /** Resolves when this chunk has the turn; at once where it has it already. */
  take(): Promise<void> | undefined;
  /** Lets the next one have it. */
  give(): void;
}

const waiting: (() => void)[] = [];
let isTaken = false;

export function createTurn(): Turn {
  let isMine = false;
  return {
    take: () => {
      if (isMine) return undefined;
      isMine = true;
      if (isTaken) return new Promise((resolve) => waiting.push(resolve));
      isTaken = true;
      return undefined;
    },
    give: () => {
      if (!isMine) return;
      isMine = false;
      const next = waiting.shift();
      if (next) next();
      else isTaken = false;
    },
  };
}
