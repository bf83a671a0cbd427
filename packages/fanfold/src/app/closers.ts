/** What was opened one after the other, and is closed the other way round. */

export interface Closers {
  /** Closes it when all is closed. @returns it */
  add<T extends { close(): unknown }>(part: T): T;
  /** The same of what is opened while others are: where that fails there is nothing to close. @returns it */
  opening<T extends { close(): unknown }>(part: Promise<T>): Promise<T>;
  /** @throws the first error, after all others were closed */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const parts: { close(): unknown }[] = [];
  const add: Closers['add'] = (part) => {
    parts.unshift(part);
    return part;
  };
  return {
    add,
    opening: (part) => {
      const opened = part.catch(() => undefined);
      add({ close: async () => (await opened)?.close() });
      return part;
    },
    close: async () => {
      const errors: unknown[] = [];
      for (const part of parts.splice(0)) {
        try {
          await part.close();
        } catch (error) {
          errors.push(error);
        }
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}
