import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../ports/clock.ts';
import { recordingLogger } from '../../testing/logger.fixture.ts';
import { type LogFiles, logFiles, openLogFiles } from './log-files.ts';

const DAY = 86_400_000;
let directory: string;
let now: number;
let wake: (() => void) | undefined;
let logs: LogFiles | undefined;
const logger = recordingLogger();
const clock: Clock = {
  now: () => now,
  wake: (_at, run) => {
    wake = run;
    return () => {};
  },
  soon: (run) => void queueMicrotask(run),
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fanfold-logs-'));
  now = Date.parse('2026-01-01T10:00:00Z');
});
afterEach(async () => {
  await logs?.close();
  rmSync(directory, { recursive: true });
});

function open(settings: { days?: number; megabytes?: number; partBytes?: number } = {}): LogFiles {
  logs = openLogFiles({ directory, clock, logger, ...settings });
  return logs;
}
const entry = (line: string) =>
  ({ source: 'function:f', id: 'i', execution: 'arn:e', stream: 'stdout', line }) as const;
const text = (name: string): string => readFileSync(join(directory, name), 'utf8');

describe('the files of logs', () => {
  it('have one entry a line, and a file for each day', async () => {
    const files = open();
    files.write(entry('one\ntwo'));
    await files.flush();
    now += DAY;
    files.write(entry('three'));
    await files.flush();
    expect(readdirSync(directory)).toEqual(['2026-01-01.0000.jsonl', '2026-01-02.0000.jsonl']);
    expect(JSON.parse(text('2026-01-01.0000.jsonl'))).toEqual({
      time: '2026-01-01T10:00:00.000Z',
      ...entry('one\ntwo'),
    });
  });

  it('go on where an engine before this one ended', async () => {
    const first = open();
    first.write(entry('one'));
    await first.close();
    open().write(entry('two'));
    await logs?.flush();
    expect(text('2026-01-01.0000.jsonl').split('\n')).toHaveLength(3);
  });

  it('have a bounded size each, in the order in which they were written', async () => {
    const files = open({ partBytes: 300 });
    for (let i = 0; i < 12; i++) {
      files.write(entry(String(i)));
      await files.flush();
    }
    const names = logFiles(directory);
    expect(names.length).toBeGreaterThan(3);
    const lines = names.flatMap((name) => text(name).trim().split('\n'));
    expect(lines.map((line) => (JSON.parse(line) as { line: string }).line)).toEqual(
      Array.from({ length: 12 }, (_, i) => String(i)),
    );
  });

  it('are let go by age and by size', async () => {
    for (const name of ['2025-12-20.0000.jsonl', '2025-12-30.0000.jsonl', '2025-12-31.0000.jsonl', 'other.txt'])
      writeFileSync(join(directory, name), 'x'.repeat(700_000));
    open({ days: 7, megabytes: 1 });
    expect(readdirSync(directory)).toEqual(['2025-12-31.0000.jsonl', 'other.txt']);
    now += 20 * DAY;
    wake?.();
    expect(readdirSync(directory)).toEqual(['other.txt']);
  });

  it('that cannot be written are told of, and nothing else ends', async () => {
    const files = open();
    rmSync(directory, { recursive: true });
    files.write(entry('lost'));
    await files.flush();
    expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', message: 'Lines of logs cannot be kept' });
    directory = mkdtempSync(join(tmpdir(), 'fanfold-logs-'));
  });
});
