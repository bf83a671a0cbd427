/** Log lines on stderr: for people, or one JSON object each. */
import type { Logger } from '../ports/logger.ts';
import { visibleLines } from '../visible.ts';

type Fields = Readonly<Record<string, unknown>>;

export function createTextLogger({
  json = false,
  quiet = false,
}: {
  readonly json?: boolean;
  readonly quiet?: boolean;
} = {}): Logger {
  const write =
    (level: string) =>
    (message: string, fields: Fields = {}) => {
      if (quiet && level === 'info') return;
      const time = new Date().toISOString();
      process.stderr.write(
        json
          ? `${JSON.stringify({ time, level, message, ...shown(fields) })}\n`
          : visibleLines(`${time.slice(11, 19)} ${level === 'info' ? '' : `${level}: `}${message}${tail(fields)}\n`),
      );
    };
  return { info: write('info'), warn: write('warning'), error: write('error') };
}

function tail(fields: Fields): string {
  const parts = Object.entries(shown(fields)).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return parts.length > 0 ? `  ${parts.join(' ')}` : '';
}

function shown(fields: Fields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, value instanceof Error ? value.message : value]),
  );
}
