/** The composition root: the only place that picks implementations and puts them together. */
import { join, resolve } from 'node:path';
import { createAccessControl } from '../access/access-control.ts';
import { createSessions } from '../access/sessions.ts';
import { asDiskError } from '../database/disk-error.ts';
import { lockDirectory } from '../database/lock.ts';
import type { EarlyThread } from '../early-thread.ts';
import type { Limits } from '../interpreter/limits.ts';
import { createBatchRuns } from '../batch/progress.ts';
import type { BatchRuns } from '../ports/batch-runs.ts';
import type { Clock } from '../ports/clock.ts';
import type { Executions, StateMachines, StateTests, SyncExecutions } from '../ports/executions.ts';
import type { Logger } from '../ports/logger.ts';
import type { Buckets } from '../ports/buckets.ts';
import type { Links } from '../ports/links.ts';
import type { Objects } from '../ports/objects.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { TaskRequest } from '../ports/services.ts';
import type { TableApi, Tables } from '../ports/tables.ts';
import { startRetention } from '../runtimes/retention.ts';
import { createActivities } from '../runtimes/activities/activities.ts';
import { createRuntime, type Runtime } from '../runtimes/runtime.ts';
import { createMachines } from '../runtimes/machines/machines.ts';
import { createStatesCall } from '../server/states-api.ts';
import { remoteAccess } from '../services/lambda/remote-access.ts';
import { openLogFiles } from '../services/logs/log-files.ts';
import { authorised } from '../services/registry.ts';
import { type AuthoriseMapRun, authorisedSinks, authorisedSources } from '../services/map-run-access.ts';
import { taskAccess } from '../services/task-access.ts';
import { createResponseShapes } from '../services/response-shapes/response-shapes.ts';
import { createLinks } from '../services/s3/links.ts';
import { startExpiry } from '../services/s3/expiry.ts';
import { createItemSources } from '../services/s3/item-sources.ts';
import { createResultSinks } from '../services/s3/result-sinks.ts';
import { outcomeOf } from '../services/states/outcome.ts';
import { createInbox, type Inbox } from '../triggers/inbox.ts';
import { createOutsideEvents } from '../triggers/outside-events.ts';
import { machineNameOf } from '../state-machine-arn.ts';
import { ACCOUNT, defaultRegion, stateMachineArn } from './arn.ts';
import { backUp } from './backup.ts';
import { createBucketPolicies } from './bucket-policies.ts';
import { type Closers, createClosers } from './closers.ts';
import { createWorkerKeys, loadCredentials, sessionSecret, tokenSecret } from './credentials.ts';
import { startBatchThread } from './early-threads.ts';
import { inside } from './inside.ts';
import type { LoadedProject } from './load-project.ts';
import { type Outputs, projectOutputs, publicUrl } from './outputs.ts';
import { ProjectError } from './project-error.ts';
import { openJobs } from './project-jobs.ts';
import { openProjectMail } from './project-mail.ts';
import { openProjectData } from './project-data.ts';
import { startProjectServer } from './project-server.ts';
import { projectServices } from './project-services.ts';
import { createProjectTriggers } from './project-triggers.ts';
import { openProjectHttp } from './project-http.ts';
import { projectRoles } from './project-roles.ts';
import { openFunctions, withFunctionEndpoint, withPlainItems } from './project-functions.ts';
import { createDeliver } from './deliver.ts';
import { putStateMachines, readStateMachines } from './project-state-machines.ts';
import { expirySettings, retentionSettings } from './retention-settings.ts';
import { seeds } from './seeds.ts';
import { readServerFile, removeServerFile, writeServerFile } from './server-file.ts';
import { systemClock } from './system-clock.ts';

export interface AppOptions {
  readonly project: LoadedProject;
  readonly logger: Logger;
  /** The data directory, which then holds inbox and outbox too. @defaultValue the project's, with these beside it */
  readonly dataDirectory?: string;
  /** 0 is any free port. @defaultValue 0 */
  readonly port?: number;
  /** @defaultValue the machine's clock */
  readonly clock?: Clock;
  /** @defaultValue the project's, which are `local` by default */
  readonly limits?: Limits;
  /** Only to look at what is there: nothing that was running goes on, and nothing is started. @defaultValue false */
  readonly still?: boolean;
  /** Take in what is dropped into `inbox/<bucket>/`. @defaultValue false */
  readonly inbox?: boolean;
}

/** A project at work. */
export interface App {
  readonly executions: Executions & SyncExecutions & StateTests;
  readonly stateMachines: StateMachines;
  readonly objects: Objects;
  readonly buckets: Buckets;
  readonly links: Links;
  readonly tables: Tables;
  /** The same tables by the words of DynamoDB's API. */
  readonly tableApi: TableApi;
  readonly batchRuns: BatchRuns;
  readonly directory: string;
  readonly dataDirectory: string;
  readonly url: string;
  /** Executions that were running when the directory was opened, and go on. */
  readonly recovered: number;
  /** ARNs, addresses and folders of the project, by what they are. */
  outputs(): Outputs;
  /** What this process has done so far. */
  counts(): ReturnType<Runtime['counts']>;
  /** Resolves when every object event was taken in, and every end of an execution told. */
  settled(): Promise<void>;
  /** Loads the functions and the definitions anew. Running executions keep their definitions. @throws ProjectError */
  reload(): Promise<void>;
  close(): Promise<void>;
  /** Resolves with the reason when the store fails and nothing can go on. */
  readonly failed: Promise<unknown>;
}

/**
 * Opens the project's data directory and sets everything in it going.
 *
 * @param tablesThread that was started before; who has started it ends it when this throws
 * @throws ProjectError
 */
export async function createApp(options: AppOptions, tablesThread?: EarlyThread): Promise<App> {
  const { project, logger } = options;
  const { definition, directory } = project;
  const dataDirectory = resolve(options.dataDirectory ?? inside(directory, definition.dataDirectory ?? '.fanfold'));
  const lock = lockDirectory(dataDirectory);
  if (!lock) throw directoryInUse(dataDirectory);
  const closers = createClosers();
  closers.add({ close: () => lock.release() });
  try {
    return await open(options, dataDirectory, closers, tablesThread);
  } catch (error) {
    await closers.close().catch((second: unknown) => logger.error('Closing failed too', { error: second }));
    throw asDiskError(dataDirectory, error);
  }
}

async function open(
  options: AppOptions,
  dataDirectory: string,
  closers: Closers,
  tablesThread: EarlyThread | undefined,
): Promise<App> {
  const {
    project,
    logger,
    port = 0,
    inbox: takeIn = false,
    still = false,
    dataDirectory: named,
    clock = systemClock,
  } = options;
  const { definition, directory } = project;
  const limits = options.limits ?? definition.limits ?? 'local';
  const base = named === undefined ? directory : dataDirectory;
  const region = defaultRegion();
  const place = { region, account: ACCOUNT };
  const credentials = loadCredentials(dataDirectory);
  const failed = Promise.withResolvers<unknown>();
  let hasFailed = false;

  let serverUrl = '';
  const batches = [...(project.batches?.values() ?? [])];
  const batchThread = still || batches.length === 0 ? undefined : closers.add(startBatchThread(batches));
  const opening = closers.opening(
    openProjectData({
      definition,
      directory: dataDirectory,
      clock,
      logger,
      endpoint: () => serverUrl,
      place,
      tablesThread,
    }),
  );
  const [data, definitions] = await Promise.all([opening, readStateMachines(project, limits, logger)]);
  const { store, local, accessLog, tables, messages, sync } = data;
  const { queues, topics, rules, deliveries } = messages;

  const http = openProjectHttp(definition, { clock, sync });
  const { mail, mailApi } = openProjectMail({
    settings: definition.mail,
    outbox: projectOutputs(project, '', base).outbox,
    clock,
    region,
    sync,
  });
  const links = createLinks({
    endpoint: () => (port === 0 ? publicUrl(definition) : serverUrl),
    region,
    ...credentials,
    now: clock.now,
  });
  const logs = closers.add(openLogFiles({ directory: join(dataDirectory, 'logs'), clock, logger, ...definition.logs }));
  const roles = projectRoles(definition, credentials, place);
  const access = createAccessControl({
    logger,
    account: ACCOUNT,
    invokers: roles.invokers,
    sources: roles.sources,
    bucketPolicy: createBucketPolicies(local.policy),
  });
  const sessions = createSessions(sessionSecret(credentials));
  const keys = createWorkerKeys(credentials, sessions, () => serverUrl);
  const own = openFunctions({
    definition,
    directory,
    dataDirectory,
    place,
    logger,
    logs,
    endpoint: () => serverUrl,
    keys,
    roleOf: (name) => roles.ofFunction(name).name,
    batchThread,
    batches,
    host: {
      objectIndex: local.index,
      tables: tables.texts,
      mail,
      links,
      authorise: (role, call) => access.check(roles.byName(role), remoteAccess(call, place)),
    },
  });
  const functions = closers.add(
    withPlainItems(withFunctionEndpoint(own, process.env['AWS_ENDPOINT_URL_LAMBDA']), definition),
  );

  const machines = createMachines({ store, clock, ...place });
  const ownArn = (arn: string): string =>
    stateMachineArn(arn.startsWith('arn:') ? arn.split(':').slice(6).join(':') : arn);
  const jobs = openJobs({
    definition,
    directory,
    dataDirectory,
    ...place,
    clock,
    logger,
    logs,
    endpoint: () => serverUrl,
    roleOf: (name) => roles.ofJob(name).name,
    keyOf: (role = roles.ofJob(undefined).name, working) => keys.open(role, working),
    tell: async (job) => {
      if (job.task) await driver.outcomes.settleChild(job.task, await jobs.outcomeOf(job));
    },
    awaited: (task) => driver.outcomes.awaited(task),
    onFatal: (error) => failed.resolve(error),
  });
  const authoriseTask = (request: TaskRequest): void =>
    access.check(roles.ofStateMachine(machineName(request)), taskAccess(request, place));
  const authoriseMapRun: AuthoriseMapRun = (machine, accesses) => access.check(roles.ofStateMachine(machine), accesses);
  const invokeLater = (functionName: string, payload: string, execution?: string, key?: string): void => {
    const target = { kind: 'function', functionName, ...(execution !== undefined && { execution }) } as const;
    deliveries.accept({}, [{ target, payload }], key);
  };
  const services = projectServices({
    definition,
    directory,
    place,
    functions,
    invokeLater,
    tables: tables.api,
    jobs,
    local,
    messages,
    mailApi,
    http,
    sync,
    now: clock.now,
    endpoint: () => serverUrl,
    ownArn,
    callStates: (...params) => callStates(...params),
  });

  const triggers = createProjectTriggers({
    definition,
    local,
    messages,
    invokers: roles.sources,
    ownArn,
    place,
    clock,
    logger,
    sync,
  });
  const driver = createRuntime({
    store,
    machines,
    services: (executions) => authorised(services(executions), authoriseTask),
    clock,
    logger,
    seed: seeds(),
    itemSources: authorisedSources(
      createItemSources({ objects: local.objects, account: ACCOUNT }),
      authoriseMapRun,
      place,
    ),
    resultSinks: authorisedSinks(createResultSinks({ objects: local.objects }), authoriseMapRun),
    limits,
    responseShapes: createResponseShapes(),
    ...place,
    tokenSecret: tokenSecret(credentials),
    ...(definition.mapConcurrency !== undefined && { window: definition.mapConcurrency }),
    ...(definition.taskConcurrency !== undefined && { taskConcurrency: definition.taskConcurrency }),
    onClosed: async (origin, execution) => {
      if (origin.kind === 'object') await triggers.closed(origin, execution);
      else await driver.outcomes.settleChild(origin, outcomeOf(execution, origin.output));
    },
    onFatal: (error) => {
      hasFailed = true;
      failed.resolve(error);
    },
  });
  closers.add(driver);
  // Before the driver: what its end gives up is no job that nobody waits for.
  closers.add(jobs.local);
  const states = {
    executions: driver.executions,
    stateMachines: machines,
    mapRuns: driver.mapRuns,
    tokens: driver.tokens,
    activities: { ...createActivities({ store, clock, ...place }), take: driver.takeActivityTask },
  };
  const callStates = createStatesCall({ ...states, logger, now: clock.now, ...place }, limits);
  await putStateMachines(machines, definitions);

  const batchRuns = createBatchRuns({
    executions: driver.executions,
    objects: local.objects,
    batches: () => [...(project.batches?.keys() ?? [])],
    arnOf: ownArn,
    now: clock.now,
  });
  const outputs = (): Outputs => projectOutputs(project, serverUrl, base);
  const server = await startProjectServer({
    port,
    definition,
    clock,
    ...states,
    tables: tables.api,
    local,
    accessLog,
    messages,
    mailApi,
    functions,
    invokeLater,
    credentials,
    roles,
    access,
    sessions,
    outputs,
    batchRuns,
    backup: async (target) =>
      refusing(() => backUp({ store, objects: local, tables, messages }, { dataDirectory, target })),
    objectEvents: createOutsideEvents({
      triggers: triggers.triggers,
      objects: local.objects,
      events: local.events,
      sync,
    }),
    logger,
    limits,
    ...place,
  });
  closers.add(server);
  // Whoever waits for a task gets an answer before the connections are closed.
  closers.add({ close: () => driver.endPolls() });
  closers.add({ close: () => queues.endPolls() });
  serverUrl = server.url;
  writeServerFile(dataDirectory, { pid: process.pid, url: server.url });
  closers.add({ close: () => removeServerFile(dataDirectory) });

  if (!still)
    deliveries.start(
      createDeliver({
        queues: queues.queues,
        topics: topics.call,
        functions,
        mail,
        executions: driver.executions,
        authorise: access.checkSource,
        ownArn,
        post: http.post,
      }),
    );
  if (!still) await own.endLeftovers();
  const recovered = still ? 0 : await driver.recover();
  if (!still) await jobs.local.recover();
  closers.add(startRetention({ store, clock, logger, ...retentionSettings(definition.retention) }));
  const expired = expirySettings(definition);
  closers.add(
    startExpiry({
      rules: still ? [] : expired,
      objects: local.objects,
      uploads: local.uploads,
      clock,
      logger,
    }),
  );
  const notifications = closers.add(triggers.open(driver.executions));
  if (!still) notifications.start();
  if (!still) rules.start();
  const inbox = takeIn
    ? await createInbox({
        directory: outputs().inbox,
        buckets: Object.keys(definition.buckets ?? {}),
        folders: outputs().drops,
        objects: local.objects,
        index: local.index,
        clock,
        sync,
        logger,
      })
    : undefined;
  if (inbox) closers.add(inbox);

  return {
    executions: driver.executions,
    stateMachines: machines,
    objects: local.objects,
    buckets: local.buckets,
    links,
    tables,
    tableApi: tables.api,
    batchRuns,
    directory,
    dataDirectory,
    url: server.url,
    recovered,
    outputs,
    counts: driver.counts,
    settled: async () => {
      await settled(inbox, notifications, driver);
      await deliveries.idle();
    },
    reload: async () => {
      await own.reload();
      await putStateMachines(machines, await readStateMachines(project, limits, logger));
    },
    close: async () => {
      try {
        await closers.close();
      } catch (error) {
        // What closing says of a disk that has failed is known already.
        if (!hasFailed) throw error;
      }
    },
    failed: failed.promise,
  };
}

/** Of the execution that a task belongs to: `arn:…:execution:<name>:…`, and the same of an express one. */
function machineName({ task: { executionArn } }: Pick<TaskRequest, 'task'>): string {
  return machineNameOf(executionArn);
}

function directoryInUse(dataDirectory: string): ProjectError {
  const server = readServerFile(dataDirectory);
  const holder = server ? `process ${server.pid}, which serves ${server.url}` : 'another process';
  return new ProjectError(
    `The data directory ${dataDirectory} is held by ${holder}. Stop it first, or give this one a directory of its own.`,
  );
}

/** What the project's owner got wrong, told over HTTP. */
async function refusing<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ProjectError) throw new ServiceError('ValidationException', error.message);
    throw error;
  }
}

async function settled(
  inbox: Inbox | undefined,
  notifications: { idle(): Promise<void> },
  driver: Pick<Runtime, 'told'>,
): Promise<void> {
  await inbox?.idle();
  await notifications.idle();
  await driver.told();
}
