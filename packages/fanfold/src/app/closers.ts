/** What was opened one after the other, and is closed the other way round. */

export interface Closers {
  /** Closes it when all is closed. @returns it */
  add<T extends { close(): unknown }>(part: T): T;
  /** @throws the first error, after all others were closed */
  close(): Promise<void>;
}

export function createClosers(): Closers {
  const parts: { close(): unknown }[] = [];
  return {
    add: (part) => {
      parts.unshift(part);
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
