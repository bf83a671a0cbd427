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
