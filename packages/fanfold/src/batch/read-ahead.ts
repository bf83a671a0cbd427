import { setImmediate } from 'node:timers/promises';

/**
 * What comes next is made while the caller is at work on what has come: between a reader that waits for the disk and a writer
 * that does, neither waits for the other. To be read once; one part is held beside the caller's own.
 */
export async function* readAhead<Part>(parts: AsyncIterable<Part>): AsyncGenerator<Part, void, void> {
  const iterator = parts[Symbol.asyncIterator]();
  // Not before the caller has begun with what it was given: it may wait for the disk, and this may keep the thread busy.
  const take = async (): Promise<IteratorResult<Part>> => {
    await setImmediate();
    return iterator.next();
  };
  const begin = (): Promise<IteratorResult<Part>> => {
    const next = take();
    next.catch(() => {});
    return next;
  };
  let ahead = begin();
  try {
    for (;;) {
      const { done, value } = await ahead;
      if (done) return;
      ahead = begin();
      yield value as Part;
    }
  } finally {
    await ahead.catch(() => {});
    await iterator.return?.();
  }
}
