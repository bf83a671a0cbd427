/** Executions as text for people. */
import type { Execution } from '../interpreter/execution.ts';
import { visible, visibleLines } from '../visible.ts';

const LONGEST = 2000;

/**
 * What came of an execution, in a few lines; an error first.
 *
 * @param output the lines that tell the output, instead of its JSON
 */
export function executionSummary(execution: Execution, output?: string): string {
  const lines = [
    `${execution.status}  ${execution.name}`,
    ...(execution.error === null ? [] : [`  error       ${visible(execution.error)}`]),
    ...(execution.cause === null
      ? []
      : [`  cause       ${causeText(execution.cause).replaceAll('\n', '\n              ')}`]),
    `  started     ${new Date(execution.startedAt).toISOString()}`,
    ...(execution.stoppedAt === null
      ? []
      : [`  took        ${((execution.stoppedAt - execution.startedAt) / 1000).toFixed(1)} s`]),
    ...(execution.redrive
      ? [
          `  redriven    ${execution.redrive.count === 1 ? 'once' : `${execution.redrive.count} times, the last`} at ${new Date(execution.redrive.at).toISOString()}`,
        ]
      : []),
    ...(execution.transitions > 0 ? [`  states      ${execution.transitions} entered`] : []),
    ...(execution.output ? [output?.trimEnd() ?? `  output      ${shorten(execution.output.text)}`] : []),
    ...(execution.warnings ?? []).map(({ message }) => `  warning     ${message}`),
    `  ${execution.arn}`,
  ];
  return visibleLines(`${lines.join('\n')}\n`);
}

/** An execution as commands give it as JSON. */
export function executionJson({
  arn,
  name,
  status,
  stateMachineArn: machine,
  startedAt,
  stoppedAt,
  input,
  output,
  error,
  cause,
  limits = 'local',
  warnings = [],
  redrive,
}: Execution): object {
  return {
    executionArn: arn,
    stateMachineArn: machine,
    name,
    status,
    startDate: new Date(startedAt).toISOString(),
    stopDate: stoppedAt === null ? null : new Date(stoppedAt).toISOString(),
    input: input.json,
    output: output?.json ?? null,
    error,
    cause,
    limits,
    warnings,
    redriveCount: redrive?.count ?? 0,
    ...(redrive && { redriveDate: new Date(redrive.at).toISOString() }),
  };
}

/** The message inside a function's error report; any other cause as it is. */
export function causeText(cause: string): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : cause;
  } catch {
    return cause;
  }
}

export function shorten(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${text.length} characters)`;
}
