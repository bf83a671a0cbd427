import type { Execution } from '../interpreter/execution.ts';
import { EMPTY_OBJECT } from '../interpreter/value.ts';

/** An execution that succeeded, but for what is said otherwise. */
export function executionOf(changes: Partial<Execution> = {}): Execution {
  const name = changes.name ?? 'run-1';
  return {
    arn: `arn:aws:states:us-east-1:000000000000:execution:intake:${name}`,
    name,
    stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:intake',
    definition: 'hash',
    type: 'STANDARD',
    roleArn: 'arn:aws:iam::000000000000:role/intake',
    status: 'SUCCEEDED',
    startedAt: Date.UTC(2026, 0, 1),
    stoppedAt: Date.UTC(2026, 0, 2),
    deadline: null,
    input: EMPTY_OBJECT,
    output: null,
    error: null,
    cause: null,
    lastEventId: 2,
    transitions: 1,
    ready: [],
    origin: null,
    ...changes,
  };
}
