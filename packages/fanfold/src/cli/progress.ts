/** One line of live progress on stderr: redrawn on a terminal, a plain line every five seconds elsewhere. */

export interface Progress {
  /** Ends it and leaves the line empty. */
  stop(): void;
}

const REDRAW_MS = 100;
const PLAIN_MS = 5000;

/** @param describe what to show now; asked again once it has answered */
export function showProgress(describe: () => string | Promise<string>): Progress {
  const terminal = process.stderr.isTTY === true && !process.env['CI'];
  const wait = terminal ? REDRAW_MS : PLAIN_MS;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const draw = async (): Promise<void> => {
    const line = await describe();
    if (stopped) return;
    process.stderr.write(terminal ? `\r\u001b[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}` : `${line}\n`);
  };
  const next = (): void => {
    timer = setTimeout(() => {
      // What cannot be told now is told later: progress is no part of the work.
      void draw()
        .catch(() => {})
        .then(() => stopped || next());
    }, wait);
    timer.unref();
  };
  next();
  return {
    stop: () => {
      if (stopped) return;
      stopped = true;
      clearTimeout(timer);
      if (terminal) process.stderr.write('\r\u001b[K');
    },
  };
}
