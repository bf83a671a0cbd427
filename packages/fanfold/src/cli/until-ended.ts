/** Serves until somebody interrupts it, or the store fails. */
import type { App } from '../app/create-app.ts';
import type { Logger } from '../ports/logger.ts';
import { ExitCode } from './exit.ts';

/** For what is still to be written to a terminal or a pipe. */
const LAST_WORDS_MS = 1000;

/** @param stopFirst what is ended before the app is closed. @returns the exit code */
export async function untilEnded(
  app: App,
  logger: Logger,
  stopFirst: () => Promise<void> = async () => {},
): Promise<number> {
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'));
  });
  const ended = await Promise.race([interrupted, app.failed]);
  await stopFirst();
  await app.close();
  // What code of the project has left open keeps no server that has ended, nor does a folder that chokidar began to watch while it
  // was closed.
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
  if (ended === 'interrupted') return ExitCode.interrupted;
  logger.error('The store failed, so nothing can go on. Mend what is below and start again: nothing is lost.', {
    error: ended,
  });
  return ExitCode.failed;
}
