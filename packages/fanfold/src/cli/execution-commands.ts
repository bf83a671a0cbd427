/** The commands on one execution beside `show`: its history, waiting for it, stopping and redriving it. */
import type { Command } from 'commander';
import { type Finish, positiveNumber, secondsNumber } from './option-values.ts';

const EXECUTION: [name: string, description: string] = [
  '<execution>',
  'its name, the beginning of its name, or its ARN',
];

/** @param executions `fanfold executions` */
export function addExecutionCommands(executions: Command, finish: Finish): void {
  executions
    .command('history')
    .description('print the events of an execution, with the time since its start')
    .argument(...EXECUTION)
    .option('-r, --reverse', 'the newest first')
    .option('-l, --limit <number>', 'at most so many', positiveNumber)
    .option('--json', "one JSON line for each event, in AWS's shape")
    .action(async (execution: string, _, command: Command) =>
      finish((await import('./commands/executions-history.ts')).history({ ...command.optsWithGlobals(), execution })),
    );
  executions
    .command('usage')
    .description('count what an execution and all beneath it used, and what that would have cost on AWS')
    .argument(...EXECUTION)
    .option('--json', 'as one JSON line')
    .action(async (execution: string, _, command: Command) =>
      finish((await import('./commands/executions-usage.ts')).usage({ ...command.optsWithGlobals(), execution })),
    );
  executions
    .command('wait')
    .description('wait until an execution has ended; 0 when it succeeded, 1 when not, 5 when the time is up')
    .argument(...EXECUTION)
    .option('-t, --timeout <seconds>', 'wait no longer than that', secondsNumber)
    .option('--json', 'end with one JSON line instead of a summary')
    .action(async (execution: string, _, command: Command) =>
      finish((await import('./commands/executions-wait.ts')).wait({ ...command.optsWithGlobals(), execution })),
    );
  executions
    .command('stop')
    .description('stop an execution, and those that it waits for')
    .argument(...EXECUTION)
    .option('-e, --error <error>', 'the error that it ends with')
    .option('-c, --cause <cause>', 'the cause of it')
    .action(async (execution: string, _, command: Command) =>
      finish((await import('./commands/executions-stop.ts')).stop({ ...command.optsWithGlobals(), execution })),
    );
  executions
    .command('redrive')
    .description('let an execution that did not succeed go on from where it failed; what succeeded is kept')
    .argument(...EXECUTION)
    .option('-w, --with <file>', 'go on with the corrected definition in this file')
    .option('--wait', 'wait until it has ended; the exit code tells how')
    .option('-t, --timeout <seconds>', 'wait no longer than that', secondsNumber)
    .option('--json', 'as JSON')
    .action(async (execution: string, _, command: Command) =>
      finish((await import('./commands/executions-redrive.ts')).redrive({ ...command.optsWithGlobals(), execution })),
    );
}
