import { expect, it } from 'vitest';
import { executionOf } from '../testing/execution.fixture.ts';
import { executionSummary } from './execution-text.ts';

it('the summary of an execution tells where it passed limits of AWS', () => {
  const warnings = [
    { limit: 'payloadSize', message: "'A' returned a result of more than 262144 bytes" },
    { limit: 'historyEvents', message: 'The history has 25000 events' },
  ] as const;
  const lines = executionSummary(executionOf({ warnings })).split('\n');
  expect(lines.filter((line) => line.startsWith('  warning'))).toEqual([
    "  warning     'A' returned a result of more than 262144 bytes",
    '  warning     The history has 25000 events',
  ]);
  expect(executionSummary(executionOf())).not.toContain('warning');
});

it('the summary of an execution shows what would steer a terminal, and indents a cause of several lines', () => {
  const summary = executionSummary(
    executionOf({ error: 'E\u001b[31m\nE', cause: 'c\u001b[2J\r\n  states      9\u202e' }),
  );
  expect(summary.split('\n')).toEqual(
    expect.arrayContaining([
      String.raw`  error       E\u{1b}[31m\nE`,
      String.raw`  cause       c\u{1b}[2J\r`,
      String.raw`                states      9\u{202e}`,
    ]),
  );
});
