import { describe, expect, it } from 'vitest';
import type { Json } from '../../json.ts';
import { readSubmitParams } from './submit-params.ts';

const read = (more: Json) =>
  readSubmitParams({ JobName: 'n', JobQueue: 'q', JobDefinition: 'd', ...(more as object) } as Json);

const needs = (Type: string, Value: string): Json => ({
  ContainerOverrides: { ResourceRequirements: [{ Type, Value }] },
});

describe('the parameters of submitJob', () => {
  it('take room as texts', () => {
    expect(read(needs('VCPU', '0.25'))).toMatchObject({ ok: true, value: { vcpus: 0.25 } });
    expect(read(needs('MEMORY', '512'))).toMatchObject({ ok: true, value: { memory: 512 } });
  });

  it.each<[Json, string]>([
    [{ RetryStrategy: { Attempts: 1.5 } }, "The field 'RetryStrategy.Attempts' must be a whole number, not 1.5."],
    [
      { Timeout: { AttemptDurationSeconds: 60.5 } },
      "'Timeout.AttemptDurationSeconds' must be a whole number, not 60.5",
    ],
    [needs('VCPU', 'two'), "The resource 'VCPU' must be a number from 0.001, not 'two'."],
    [needs('VCPU', ''), "not ''"],
    [needs('MEMORY', '1.5'), "The resource 'MEMORY' must be a whole number of MiB from 1, not '1.5'."],
    [
      { RetryStrategy: { Attempts: 2, EvaluateOnExit: Array.from({ length: 6 }, () => ({ Action: 'EXIT' })) } },
      'EvaluateOnExit takes 5 rules at most, not 6.',
    ],
  ])('%j is refused', (more, error) => {
    expect(read(more)).toMatchObject({ ok: false, error: expect.stringContaining(error) });
  });
});
