/** The command line. Each command is a file, loaded when it is called; results go to stdout, everything else to stderr. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Limits } from '../interpreter/limits.ts';
import { addBucketCommands } from './bucket-commands.ts';
import { addExecutionCommands } from './execution-commands.ts';
import { addTableCommands } from './table-commands.ts';
import { ExitCode, reportError } from './exit.ts';
import { type Finish, positiveNumber, secondsNumber } from './option-values.ts';
import { version } from './version.ts';

/** Runs one command and ends the process with its exit code. */
export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads the output has read enough, as `head` does.
    if (error.code === 'EPIPE') process.exit(ExitCode.ok);
    process.stderr.write(`fanfold: The output cannot be written: ${error.message}\n`);
    process.exit(ExitCode.failed);
  });
  process.exitCode = await run(args);
}

async function run(args: readonly string[]): Promise<number> {
  let code: number = ExitCode.ok;
  const finish = async (command: Promise<number>): Promise<void> => {
    code = await command;
  };
  try {
    await program(finish).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage;
    return reportError(error);
  }
}

function program(finish: Finish): Command {
  const fanfold = new Command('fanfold')
    .description('File batches as Amazon States Language workflows, durable, on one machine.')
    .version(version())
    .option('-C, --directory <path>', "the project's folder", '.')
    .option('--data <path>', 'the data directory, instead of the one in the project')
    .showHelpAfterError()
    .exitOverride();

  fanfold
    .command('init')
    .description('make a new project with one batch; nothing is overwritten')
    .argument('[folder]', 'made when it is not there', '.')
    .option('-f, --from <sample.csv>', 'a sample of the file that the batch is for: its columns become the schema')
    .option('-n, --name <name>', "of the batch, instead of the sample's")
    .action(async (folder: string, { from, name }: { from?: string; name?: string }) =>
      finish(
        (await import('./commands/init.ts')).init({
          folder,
          ...(from !== undefined && { from }),
          ...(name !== undefined && { name }),
        }),
      ),
    );

  fanfold
    .command('dev')
    .description('serve the project, take in what is dropped into inbox/<bucket>/, load it anew when it changes')
    .option('-p, --port <number>', 'instead of the port in the project file (7070)', portNumber)
    .option(...LIMITS_OPTION)
    .option('--json', 'log lines as JSON')
    .action(async (_, command: Command) => finish((await import('./commands/dev.ts')).dev(command.optsWithGlobals())));

  fanfold
    .command('serve')
    .description(
      'serve the Step Functions API, with the project where there is one; nothing is taken in or loaded anew',
    )
    .option('-p, --port <number>', 'instead of the port in the project file (7070)', portNumber)
    .option(...LIMITS_OPTION)
    .option('--json', 'one JSON line on stdout when it is ready, and log lines as JSON')
    .action(async (_, command: Command) =>
      finish(
        (await import('./commands/serve.ts')).serve({
          ...command.optsWithGlobals(),
          projectNamed: fanfold.getOptionValueSource('directory') !== 'default',
        }),
      ),
    );

  fanfold
    .command('run')
    .description('run one execution here and now; the exit code tells its outcome')
    .argument('<state-machine>', 'its name')
    .argument('[file]', "a file to upload to the bucket of the state machine's trigger")
    .option('-i, --input <json>', 'the input of the execution, instead of a file')
    .option('-n, --name <name>', 'the name of the execution')
    .option(
      '--sample <records>',
      "show what would come of the first records of a batch's file; nothing is published",
      positiveNumber,
    )
    .option(...LIMITS_OPTION)
    .option('--json', 'end with one JSON line instead of a summary')
    .action(async (machine: string, file: string | undefined, _, command: Command) =>
      finish(
        (await import('./commands/run.ts')).run({
          ...command.optsWithGlobals(),
          machine,
          ...(file !== undefined && { file }),
        }),
      ),
    );

  addBucketCommands(fanfold, finish);

  fanfold
    .command('destroy')
    .description('remove the executions, messages, jobs and logs of the project; its objects and tables stay')
    .option('-y, --yes', 'do it; without that it only says what would go, and what would stay')
    .option('--all', 'remove what would stay too')
    .option('--json', 'one JSON line for each')
    .action(async (_, command: Command) =>
      finish((await import('./commands/destroy.ts')).destroy(command.optsWithGlobals())),
    );

  const executions = fanfold
    .command('executions')
    .description('start, look at, wait for, stop and redrive executions')
    .exitOverride();
  executions
    .command('start')
    .description('start an execution and print its ARN at once')
    .argument('<state-machine>', 'its name or ARN')
    .option('-i, --input <json>', 'the input', '{}')
    .option('-n, --name <name>', 'the name of the execution')
    .action(async (machine: string, _, command: Command) =>
      finish((await import('./commands/executions-start.ts')).start({ ...command.optsWithGlobals(), machine })),
    );
  executions
    .command('ls')
    .description('list executions, newest first')
    .argument('[state-machine]', 'only those of one')
    .option('-s, --status <status>', 'only RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED', statusName)
    .option('-l, --limit <number>', 'at most so many', positiveNumber, 20)
    .option('--json', 'as JSON')
    .action(async (machine: string | undefined, _, command: Command) =>
      finish(
        (await import('./commands/executions-ls.ts')).ls({
          ...command.optsWithGlobals(),
          ...(machine !== undefined && { machine }),
        }),
      ),
    );
  executions
    .command('show')
    .description('show one execution with the input and output of each state')
    .argument('<execution>', 'its name, the beginning of its name, or its ARN')
    .option('--events', 'every event of the history instead')
    .option('--json', 'as JSON')
    .action(async (execution: string, _, command: Command) =>
      finish((await import('./commands/executions-show.ts')).show({ ...command.optsWithGlobals(), execution })),
    );

  addExecutionCommands(executions, finish);
  addTableCommands(fanfold, finish);

  fanfold
    .command('replay')
    .description('run an edited definition against the recorded results of an execution; nothing is called')
    .argument('<execution>', 'its name, the beginning of its name, or its ARN')
    .option('-w, --with <file>', 'the edited definition, instead of the one that the execution ran')
    .option('--json', 'as JSON')
    .action(async (execution: string, _, command: Command) =>
      finish((await import('./commands/replay.ts')).replay({ ...command.optsWithGlobals(), execution })),
    );

  fanfold
    .command('validate')
    .description('say what is wrong with definitions, as AWS does, with the place in the file')
    .argument('[definition...]', 'names of state machines or paths of files; all of the project without any')
    .option('--json', "as JSON, in AWS's shape")
    .action(async (names: string[], _, command: Command) =>
      finish((await import('./commands/validate.ts')).validate({ ...command.optsWithGlobals(), names })),
    );

  fanfold
    .command('test')
    .description('test states one by one: the cases of *.test.yaml and *.test.json files, and which states have none')
    .argument('[file...]', 'files with cases; all below the project without any')
    .option('--json', 'one JSON document instead of lines')
    .action(async (files: string[], _, command: Command) =>
      finish((await import('./commands/test.ts')).test({ ...command.optsWithGlobals(), files })),
    );

  fanfold
    .command('asl')
    .description('print a definition as it runs, its substitutions made')
    .argument('<state-machine>', 'its name, or the path of a file')
    .action(async (machine: string, _, command: Command) =>
      finish((await import('./commands/asl.ts')).asl({ ...command.optsWithGlobals(), machine })),
    );

  fanfold
    .command('policy')
    .description('print what functions, jobs and state machines need to be allowed, as AWS IAM takes it')
    .argument('[role]', 'function:<name>, job:<name> or stateMachine:<name>')
    .action(async (role: string | undefined, _, command: Command) =>
      finish(
        (await import('./commands/policy.ts')).policy({
          ...command.optsWithGlobals(),
          ...(role !== undefined && { role }),
        }),
      ),
    );

  fanfold
    .command('graph')
    .description('draw a state machine as text, as a Mermaid flow chart or as SVG')
    .argument('<state-machine>', 'its name, or the path of a file')
    .addOption(
      new Option('-f, --format <format>', "instead of the one that the output file's name tells").choices(FORMATS),
    )
    .option('-o, --output <file>', 'write it there')
    .action(async (machine: string, _, command: Command) =>
      finish((await import('./commands/graph.ts')).graph({ ...command.optsWithGlobals(), machine })),
    );

  fanfold
    .command('logs')
    .description('what functions and jobs have written; every line with its execution')
    .argument('[execution]', 'its name, how that begins, or its ARN')
    .option('-f, --follow', 'go on as lines come, until the execution has ended')
    .option('--function <name>', 'of one function')
    .option('--job <name>', 'of the jobs of one name')
    .option('--since <seconds>', 'not older than this', secondsNumber)
    .option('--json', 'one JSON line for each')
    .action(async (execution: string | undefined, _, command: Command) =>
      finish(
        (await import('./commands/logs.ts')).logs({
          ...command.optsWithGlobals(),
          ...(execution !== undefined && { execution }),
        }),
      ),
    );

  fanfold
    .command('backup')
    .description('copy the data directory, consistently, also while it is in use')
    .argument('<folder>', 'a new folder; nothing is in it until all is')
    .option('--json', 'as JSON')
    .action(async (target: string, _, command: Command) =>
      finish((await import('./commands/backup.ts')).backup({ ...command.optsWithGlobals(), target })),
    );

  fanfold
    .command('outputs')
    .description('print the ARNs, addresses and folders of the project')
    .option('--json', 'as JSON')
    .action(async (_, command: Command) =>
      finish((await import('./commands/outputs.ts')).outputs(command.optsWithGlobals())),
    );
  return fanfold;
}

function limitsName(text: string): Limits {
  if (text === 'aws' || text === 'local') return text;
  throw new InvalidArgumentError('It must be aws or local.');
}

const LIMITS_OPTION: [flags: string, description: string, parse: typeof limitsName] = [
  '--limits <whose>',
  "aws: fail where an execution fails on AWS; local: go on and warn (the project file's, or local)",
  limitsName,
];

/** Of `graph`. */
const FORMATS: readonly string[] = ['text', 'mermaid', 'svg'];

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return port;
}

const STATUSES: readonly string[] = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'];

function statusName(text: string): string {
  const status = text.toUpperCase();
  if (!STATUSES.includes(status)) throw new InvalidArgumentError(`It must be one of ${STATUSES.join(', ')}.`);
  return status;
}
