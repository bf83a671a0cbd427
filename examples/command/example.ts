/**
 * The command of an example: `npm run example -- <name> [--as batch] [--json] [--directory DIR] [its own options]`. It opens
 * the project, brings a run to its end, wherever that stands, and prints what it came to.
 */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  type App,
  createApp,
  type Execution,
  type LoadedProject,
  type Logger,
  loadProject,
  ServiceError,
  stateMachineArn,
} from 'fanfold';
import { beginRun, endRun, type PlannedRun, RESULTS, unfinishedRun } from './planned-run.ts';
import { addsUp, formatReport, type Report, reportJson } from './report.ts';

export interface Example<Params extends Readonly<Record<string, string | number>>> {
  /** The folder of its project file. */
  readonly project: string;
  /** Its own options with their defaults; those whose default is a number take numbers. */
  readonly options: Params;
  /** Changes the project by the options, where these are about more than a run's input. */
  readonly configure?: (project: LoadedProject, params: Params) => LoadedProject;
  /** What `--as` chooses from: the state machines as they were published, and a `batch({…})` that does the same. */
  readonly ways: Readonly<Record<Way, Perform<Params>>>;
}

export type Way = 'machines' | 'batch';

/** Brings the run to its end, from wherever it stands, and tells what it came to. */
export type Perform<Params extends object> = (stage: Stage<Params>) => Promise<Report>;

/** What an example works with. */
export interface Stage<Params extends object> {
  readonly app: App;
  readonly run: PlannedRun<Params>;
  /** Where to put copies of results, so that they can be looked at. */
  readonly folder: string;
  /** Tells the person in front of it what goes on. */
  readonly say: (message: string) => void;
}

/** Warnings and errors go to stderr; the rest is told by the report. */
const logger: Logger = {
  info: () => {},
  warn: (message) => process.stderr.write(`warning: ${message}\n`),
  error: (message, fields) => process.stderr.write(`error: ${message} ${JSON.stringify(fields ?? {})}\n`),
};

/** Runs it with the arguments of this process, and sets its exit code: 0 when the run succeeded and its account adds up. */
export async function runExample<Params extends Readonly<Record<string, string | number>>>(
  example: Example<Params>,
): Promise<void> {
  const { way, json, directory, params } = readOptions(example);
  const unfinished = await unfinishedRun<Params>(directory);
  const project = await loadProject(example.project);
  const app = await createApp({
    project: example.configure?.(project, unfinished ?? params) ?? project,
    logger,
    ...(directory !== example.project && { dataDirectory: directory }),
  });
  try {
    const run = unfinished ?? (await beginRun(directory, way, params));
    say(unfinished ? `Going on with run ${run.number}, which was cut off.` : `Run ${run.number}.`);
    await app.settled();
    const report = await Promise.race([
      example.ways[run.way]({ app, run, folder: join(directory, RESULTS), say }),
      app.failed.then((error) => Promise.reject(error)),
    ]);
    await endRun(directory);
    process.stdout.write(
      json ? `${JSON.stringify(reportJson(report))}\n` : formatReport(report, (path) => relative(process.cwd(), path)),
    );
    process.exitCode = report.status === 'SUCCEEDED' && addsUp(report) ? 0 : 1;
  } finally {
    await app.close();
  }
}

/** The end of the execution of this name, which is started unless it was. */
export async function execute(
  app: App,
  {
    stateMachine,
    name,
    input = '{}',
  }: { readonly stateMachine: string; readonly name: string; readonly input?: string },
): Promise<Execution> {
  const machine = stateMachineArn(stateMachine);
  const executionArn = `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
  const known = await app.executions.describe(executionArn).catch((error: unknown) => {
    if (error instanceof ServiceError && error.code === 'ExecutionDoesNotExist') return undefined;
    throw error;
  });
  if (!known) await app.executions.start({ stateMachineArn: machine, name, input });
  const closed = await app.executions.closed(executionArn);
  await app.settled();
  return closed;
}

interface Options<Params> {
  readonly way: Way;
  readonly json: boolean;
  readonly directory: string;
  readonly params: Params;
}

function readOptions<Params extends Readonly<Record<string, string | number>>>({
  project,
  options,
  ways,
}: Example<Params>): Options<Params> {
  const own = Object.entries(options);
  const { values } = parseArgs({
    options: {
      ...Object.fromEntries(own.map(([name, value]) => [name, { type: 'string', default: String(value) }] as const)),
      as: { type: 'string', default: 'machines' },
      json: { type: 'boolean', default: false },
      /** Where the data, the mails and the output go. */
      directory: { type: 'string', default: project },
    },
  });
  const given = values as Readonly<Record<string, string | boolean>>;
  const params = own.map(([name, value]) => [name, typeof value === 'number' ? Number(given[name]) : given[name]]);
  const way = String(given['as']);
  if (!Object.hasOwn(ways, way)) throw new Error(`--as is '${way}'. Use ${Object.keys(ways).join(' or ')}.`);
  return {
    way: way as Way,
    json: given['json'] === true,
    directory: String(given['directory']),
    params: Object.fromEntries(params) as Params,
  };
}

function say(message: string): void {
  process.stderr.write(`${message}\n`);
}
