/** The lines that Lambda itself writes into the log of a function, around each invocation. */
import type { InvokeResult } from '../../ports/functions.ts';

export interface Report {
  readonly requestId: string;
  readonly result: InvokeResult;
  readonly ms: number;
  /** Of the function's settings; undefined where there is no limit. */
  readonly memoryLimitMb?: number | undefined;
  readonly memoryMb?: number | undefined;
  readonly initMs?: number;
}

export function startLine(requestId: string): string {
  return `START RequestId: ${requestId} Version: $LATEST`;
}

export function endLines(report: Report): readonly string[] {
  const { requestId, result } = report;
  return [...mishap(requestId, result), `END RequestId: ${requestId}`, reportLine(report)];
}

/** What the function could not say itself. */
function mishap(requestId: string, result: InvokeResult): readonly string[] {
  if (result.kind === 'timedOut')
    return [`${new Date().toISOString()} ${requestId} Task timed out after ${result.seconds.toFixed(2)} seconds`];
  if (result.kind === 'exited') return [`RequestId: ${requestId} Error: ${result.message}`];
  // A runtime that answers by itself has written what it thinks of it.
  if (result.kind !== 'threw' || result.payload !== undefined) return [];
  const { errorType, errorMessage, stackTrace: stack } = result;
  const told = JSON.stringify({ errorType, errorMessage, stack });
  return [`${new Date().toISOString()}\t${requestId}\tERROR\tInvoke Error \t${told}`];
}

function reportLine({ requestId, result, ms, memoryLimitMb, memoryMb, initMs }: Report): string {
  const parts = [
    `REPORT RequestId: ${requestId}`,
    `Duration: ${ms.toFixed(2)} ms`,
    `Billed Duration: ${Math.ceil(ms)} ms`,
  ];
  if (memoryLimitMb !== undefined) parts.push(`Memory Size: ${memoryLimitMb} MB`);
  if (memoryMb !== undefined) parts.push(`Max Memory Used: ${memoryMb} MB`);
  if (initMs !== undefined) parts.push(`Init Duration: ${initMs.toFixed(2)} ms`);
  if (result.kind === 'timedOut') parts.push('Status: timeout');
  if (result.kind === 'exited') parts.push('Status: error', `Error Type: ${result.errorType ?? 'Runtime.ExitError'}`);
  return `${parts.join('\t')}\t`;
}
