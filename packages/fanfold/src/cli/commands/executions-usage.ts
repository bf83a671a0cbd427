/** `fanfold executions usage`: what an execution has used, and what that would have cost on AWS. */
import { chargesOf, costOf, PRICES_AS_OF } from '../../app/usage/aws-prices.ts';
import { usageOf } from '../../app/usage/usage.ts';
import { ExitCode } from '../exit.ts';
import { findExecution } from '../find-execution.ts';
import { type GlobalOptions, openExecutions } from '../project-access.ts';
import { formatTable } from '../table-text.ts';

export interface UsageOptions extends GlobalOptions {
  readonly execution: string;
  readonly json?: boolean;
}

export async function usage({ execution, json, ...options }: UsageOptions): Promise<number> {
  const access = await openExecutions(options, 'look');
  try {
    const { arn } = await findExecution(access, execution);
    const used = await usageOf(access.executions, arn);
    const charges = chargesOf(used);
    if (json) {
      process.stdout.write(
        `${JSON.stringify({ executionArn: arn, usage: used, pricesAsOf: PRICES_AS_OF, charges, dollars: costOf(used) })}\n`,
      );
      return ExitCode.ok;
    }
    const rows = Object.entries(used).filter(([, quantity]) => quantity > 0);
    process.stdout.write(
      formatTable(
        ['used', 'quantity'],
        rows.map(([name, quantity]) => [words(name), number(quantity)]),
      ),
    );
    process.stdout.write(`\nOn AWS, by list prices of us-east-1 of ${PRICES_AS_OF}:\n`);
    process.stdout.write(
      formatTable(
        ['service', 'quantity', 'unit', 'dollars'],
        [
          ...charges.map(({ what, quantity, unit, dollars }) => [what, number(quantity), unit, dollars.toFixed(6)]),
          ['together', '', '', costOf(used).toFixed(6)],
        ],
      ),
    );
    return ExitCode.ok;
  } finally {
    await access.close();
  }
}

/** `functionCalls` as `function calls`. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}
