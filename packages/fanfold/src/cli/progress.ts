/** One line of live progress on stderr: redrawn on a terminal, a plain line every five seconds elsewhere. */

export interface Progress {
  /** Ends it and leaves the line empty. */
  stop(): void;
}

const REDRAW_MS = 100;
const PLAIN_MS = 5000;

/** @param describe what to show now */
export function showProgress(describe: () => string): Progress {
  const terminal = process.stderr.isTTY === true && !process.env['CI'];
  const draw = (): void => {
    process.stderr.write(
      terminal ? `\r\u001b[K${describe().slice(0, (process.stderr.columns ?? 80) - 1)}` : `${describe()}\n`,
    );
  };
  const timer = setInterval(draw, terminal ? REDRAW_MS : PLAIN_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      if (terminal) process.stderr.write('\r\u001b[K');
    },
  };
}
