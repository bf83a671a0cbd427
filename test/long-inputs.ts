/** Lists of executions whose inputs are long. */
import { expect } from 'vitest';
import { callStates, PASS, ROLE } from './serve.ts';

const LONG = 'x'.repeat(200_000);
/** Of one execution in a list: its names, times and status. */
const LONGEST_ROW = 700;

/** Starts so many, and reads their list page by page: each is there once, and nothing of its input. */
export async function listLongInputs(url: string, count: number): Promise<void> {
  const made = await callStates(url, 'CreateStateMachine', { name: `long-${count}`, definition: PASS, roleArn: ROLE });
  const { stateMachineArn } = made;
  const numbers = Array.from({ length: count }, (_, i) => i);
  const start = async (i: number): Promise<void> => {
    const input = JSON.stringify({ i, LONG });
    const { executionArn } = await callStates(url, 'StartExecution', { stateMachineArn, input });
    expect(executionArn).toEqual(expect.any(String));
  };
  // Several at once, as clients do.
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let i = numbers.pop(); i !== undefined; i = numbers.pop()) await start(i);
    }),
  );
  const seen = new Set<string>();
  let nextToken: unknown;
  do {
    const maxResults = Math.min(1000, Math.ceil(count / 3));
    const page = await callStates(url, 'ListExecutions', { stateMachineArn, maxResults, nextToken });
    const executions = page['executions'] as readonly { readonly executionArn: string }[];
    expect(executions.length).toBeLessThanOrEqual(maxResults);
    expect(JSON.stringify(page).length).toBeLessThan((executions.length + 1) * LONGEST_ROW);
    for (const { executionArn } of executions) seen.add(executionArn);
    ({ nextToken } = page);
  } while (nextToken !== undefined);
  expect(seen.size).toBe(count);
}
