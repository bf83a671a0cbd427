/** Stopping and showing executions. */
import type { Execution } from '../../interpreter/execution.ts';
import { MACHINE_GONE, notRedrivable } from '../../interpreter/redrive.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { MapRun } from '../../ports/map-runs.ts';
import { splitMachineArn, versionNumber } from '../../state-machine-arn.ts';
import { describedExecution, listedExecution } from '../execution-shape.ts';
import { decodePageToken, encodePageToken, type Listing } from '../page-token.ts';
import { given, oneOf, required, text, validationException } from '../params.ts';
import { checkArn } from '../states-arn.ts';
import { type ShownStatus, shownStatus } from '../shown-status.ts';
import {
  type Action,
  type ActionContext,
  action,
  arnField,
  longArnField,
  maxResultsField,
  pageSize,
  seconds,
} from './action.ts';

/** In AWS's order, which shows in its refusal of others. */
const STATUSES = ['SUCCEEDED', 'TIMED_OUT', 'PENDING_REDRIVE', 'ABORTED', 'FAILED', 'RUNNING'] as const;

/** The listing that a page token of ListExecutions belongs to. */
export function executionsListing(
  stateMachineArn: string | undefined,
  status: string | undefined,
  redriveFilter?: string,
  mapRunArn?: string,
): Listing {
  return ['ListExecutions', stateMachineArn, status, redriveFilter, ...(mapRunArn === undefined ? [] : [mapRunArn])];
}

const includedDataField = oneOf('ALL_DATA', 'METADATA_ONLY');

export const executionActions: Readonly<Record<string, Action>> = {
  StopExecution: action(
    {
      executionArn: required(arnField),
      error: text({ max: 256, sensitive: true }),
      cause: text({ max: 32_768, sensitive: true }),
    },
    async ({ executionArn, error, cause }, context) => {
      checkArn(executionArn, 'execution', context);
      const stopped = await context.executions.stop({ executionArn, ...given({ error, cause }) });
      return { stopDate: seconds(stopped) };
    },
  ),

  RedriveExecution: action(
    {
      executionArn: required(arnField),
      clientToken: text({ min: 1, max: 64 }),
      // Fanfold's own: a corrected definition to go on with.
      definition: text({ min: 1, max: 1_048_576, sensitive: true }),
    },
    async ({ executionArn, clientToken, definition }, context) => {
      checkArn(executionArn, 'execution', context);
      if (clientToken !== undefined && !/^[!-~]+$/.test(clientToken))
        throw validationException('clientToken must contain between 1 and 64 printable ASCII characters.');
      const corrected = context.details ? definition : undefined;
      const redriven = await context.executions.redrive({
        executionArn,
        ...given({ clientToken, definition: corrected }),
      });
      return { redriveDate: seconds(redriven) };
    },
  ),

  DescribeExecution: action(
    { executionArn: required(arnField), includedData: includedDataField },
    async ({ executionArn, includedData }, context) => {
      const execution = await context.executions.describe(checkArn(executionArn, 'execution', context));
      return describedExecution(execution, {
        status: shownStatus(execution, await runOf(execution, context), context.now()),
        data: includedData !== 'METADATA_ONLY',
        details: context.details,
        notRedrivable: notRedrivable(execution, context.now()) ?? (await machineReason(execution, context)),
      });
    },
  ),

  ListExecutions: action(
    {
      stateMachineArn: arnField,
      mapRunArn: longArnField,
      statusFilter: oneOf(...STATUSES),
      redriveFilter: oneOf('REDRIVEN', 'NOT_REDRIVEN'),
      maxResults: maxResultsField,
      nextToken: text({ min: 1, max: 3096 }),
    },
    async ({ stateMachineArn, mapRunArn, statusFilter, redriveFilter, maxResults, nextToken }, context) => {
      const machine = await findListed(stateMachineArn, mapRunArn, context);
      const listing = executionsListing(stateMachineArn, statusFilter, redriveFilter, mapRunArn);
      const after = nextToken === undefined ? undefined : decodePageToken(listing, nextToken, 'string');
      const { run } = machine;
      const isPending = statusFilter === 'PENDING_REDRIVE';
      if (isPending && !run?.pendingRedrive?.executions) return { executions: [] };
      const status = isPending ? undefined : statusFilter;
      const wanted = { limit: pageSize(maxResults), ...machine.filter, ...given({ status, after }) };
      const statusOf = (execution: Execution): ShownStatus =>
        context.details ? execution.status : shownStatus(execution, run, context.now());
      const page = await listed(
        context.executions,
        wanted,
        (execution) =>
          (redriveFilter === undefined || (execution.redrive !== undefined) === (redriveFilter === 'REDRIVEN')) &&
          (statusFilter === undefined || statusOf(execution) === statusFilter),
      );
      // Older ones belong to a machine of this name that was deleted.
      const own = page.executions.filter(({ startedAt }) => startedAt >= machine.createdAt);
      const isLast = page.next === undefined || own.length < page.executions.length;
      return {
        executions: own.map((execution) => listedExecution(execution, statusOf(execution), context.details)),
        ...(!isLast && page.next !== undefined && { nextToken: encodePageToken(listing, page.next) }),
      };
    },
  ),
};

/** The map run that an execution is a child of, as long as it is kept. Fanfold's own client sees what is stored. */
async function runOf({ origin }: Execution, { mapRuns, details }: ActionContext): Promise<MapRun | undefined> {
  if (origin?.kind !== 'mapRun' || details) return undefined;
  return (await mapRuns.describe(origin.mapRunArn).catch(unlessGone))?.run;
}

/** Why its state machine lets nothing be redriven; null where it does. */
async function machineReason({ stateMachineArn }: Execution, context: ActionContext): Promise<string | null> {
  const [machineArn = ''] = stateMachineArn.split('/');
  const machine = await context.stateMachines.describe(machineArn).catch(unlessGone);
  return machine?.status === 'ACTIVE' ? null : MACHINE_GONE;
}

const GONE: ReadonlySet<string> = new Set(['StateMachineDoesNotExist', 'ResourceNotFound']);

function unlessGone(error: unknown): undefined {
  if (!(error instanceof ServiceError && GONE.has(error.code))) throw error;
}

/** A page of those that are wanted: it looks on until the page is full. */
async function listed(
  executions: ActionContext['executions'],
  wanted: Parameters<ActionContext['executions']['list']>[0] & { readonly limit: number },
  isWanted: (execution: Execution) => boolean,
): ReturnType<ActionContext['executions']['list']> {
  const found: Execution[] = [];
  for (let after = wanted.after; ;) {
    const page = await executions.list({ ...wanted, limit: wanted.limit - found.length, ...given({ after }) });
    found.push(...page.executions.filter(isWanted));
    if (page.next === undefined) return { executions: found };
    if (found.length >= wanted.limit) return { executions: found, next: page.next };
    after = page.next;
  }
}

function childrenNotListed(): ServiceError {
  return new ServiceError(
    'StateMachineTypeNotSupported',
    'This operation is not supported by this type of state machine',
  );
}

interface Listed {
  /** What the executions are picked by. */
  readonly filter: Readonly<Record<string, string>>;
  readonly createdAt: number;
  /** Whose children they are. */
  readonly run?: MapRun;
}

/** Fanfold's own client may list the executions of all state machines. @throws ServiceError */
async function findListed(
  stateMachineArn: string | undefined,
  mapRunArn: string | undefined,
  context: ActionContext,
): Promise<Listed> {
  if (mapRunArn !== undefined) {
    if (stateMachineArn !== undefined)
      throw validationException('Only one of a StateMachine ARN or a MapRun ARN can be provided');
    const { run } = await context.mapRuns.describe(checkArn(mapRunArn, 'mapRun', context));
    if (run.childType === 'EXPRESS') throw childrenNotListed();
    return { filter: { mapRunArn }, createdAt: 0, run };
  }
  if (stateMachineArn === undefined) {
    if (context.details) return { filter: {}, createdAt: 0 };
    throw validationException('Must provide a StateMachine ARN or MapRun ARN');
  }
  const { machine, qualifier } = splitMachineArn(checkArn(stateMachineArn, 'stateMachine', context));
  const isAlias = qualifier !== undefined && versionNumber(qualifier) === undefined;
  const { type, aliases, createdAt } = await context.stateMachines.describe(isAlias ? machine : stateMachineArn);
  if (isAlias && !aliases.some(({ name }) => name === qualifier))
    throw new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${stateMachineArn}'`);
  if (type === 'EXPRESS' && !context.details)
    throw new ServiceError(
      'StateMachineTypeNotSupported',
      'This operation is not supported by this type of state machine',
    );
  const by = isAlias ? 'stateMachineAliasArn' : qualifier === undefined ? 'stateMachineArn' : 'stateMachineVersionArn';
  return { filter: { [by]: stateMachineArn }, createdAt };
}
