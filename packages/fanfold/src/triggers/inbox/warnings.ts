import type { Logger } from '../../ports/logger.ts';

/** Warnings given once for as long as their cause is there: each time the inbox is gone through, it is looked for again. */
export interface Warnings {
  /** @param about what makes it the same warning */
  warn(about: string, message: string, fields: Readonly<Record<string, unknown>>): void;
  /** The inbox is about to be gone through. */
  begin(): void;
  /** It was: what was not found again may be warned of anew. */
  end(): void;
}

export function createWarnings(logger: Logger): Warnings {
  let round = 0;
  const given = new Map<string, number>();
  return {
    warn: (about, message, fields) => {
      if (!given.has(about)) logger.warn(message, fields);
      given.set(about, round);
    },
    begin: () => {
      round += 1;
    },
    end: () => {
      for (const [about, last] of given) if (last < round) given.delete(about);
    },
  };
}
