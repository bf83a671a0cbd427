/** Starting, stopping and showing executions. */
import { ServiceError } from '../../ports/service-error.ts';
import { describedExecution, listedExecution } from '../execution-shape.ts';
import { decodePageToken, encodePageToken, type Listing } from '../page-token.ts';
import { given, integer, oneOf, required, text, validationException } from '../params.ts';
import { checkArn } from '../states-arn.ts';
import {
  type Action,
  type ActionContext,
  action,
  arnField,
  nameField,
  pageSize,
  seconds,
  tokenField,
} from './action.ts';

const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const;

/** The listing that a page token of ListExecutions belongs to. */
export function executionsListing(stateMachineArn: string | undefined, status: string | undefined): Listing {
  return ['ListExecutions', stateMachineArn, status];
}

export const executionActions: Readonly<Record<string, Action>> = {
  StartExecution: action(
    {
      stateMachineArn: required(arnField),
      name: nameField,
      input: text({ max: 262_144, sensitive: true }),
      traceHeader: text({ max: 256 }),
    },
    async ({ stateMachineArn, name, input }, context) => {
      checkArn(stateMachineArn, 'stateMachine', context);
      const started = await context.executions.start({ stateMachineArn, ...given({ name, input }) });
      return {
        executionArn: started.executionArn,
        startDate: seconds(started.startDate),
        ...(context.details && { fanfold: { existing: started.existing } }),
      };
    },
  ),

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

  DescribeExecution: action(
    { executionArn: required(arnField), includedData: oneOf('ALL_DATA', 'METADATA_ONLY') },
    async ({ executionArn, includedData }, context) => {
      const execution = await context.executions.describe(checkArn(executionArn, 'execution', context));
      return describedExecution(execution, { data: includedData !== 'METADATA_ONLY', details: context.details });
    },
  ),

  ListExecutions: action(
    {
      stateMachineArn: arnField,
      mapRunArn: text({ min: 1, max: 2000 }),
      statusFilter: oneOf(...STATUSES, 'PENDING_REDRIVE'),
      redriveFilter: oneOf('REDRIVEN', 'NOT_REDRIVEN'),
      maxResults: integer({ min: 0, max: 1000 }),
      nextToken: tokenField,
    },
    async ({ stateMachineArn, mapRunArn, statusFilter, redriveFilter, maxResults, nextToken }, context) => {
      await checkListed(stateMachineArn, mapRunArn, context);
      const listing = executionsListing(stateMachineArn, statusFilter);
      const after = nextToken === undefined ? undefined : decodePageToken(listing, nextToken, 'string');
      // Nothing is ever redriven here.
      if (statusFilter === 'PENDING_REDRIVE' || redriveFilter === 'REDRIVEN') return { executions: [] };
      const page = await context.executions.list({
        limit: pageSize(maxResults),
        ...given({ stateMachineArn, status: statusFilter, after }),
      });
      return {
        executions: page.executions.map((execution) => listedExecution(execution, context.details)),
        ...(page.next !== undefined && { nextToken: encodePageToken(listing, page.next) }),
      };
    },
  ),
};

/** Fanfold's own client may list the executions of all state machines. @throws ServiceError */
async function checkListed(
  stateMachineArn: string | undefined,
  mapRunArn: string | undefined,
  context: ActionContext,
): Promise<void> {
  if (mapRunArn !== undefined)
    throw new ServiceError('ResourceNotFound', `There is no map run here yet: '${mapRunArn}'. Pass a stateMachineArn.`);
  if (stateMachineArn === undefined) {
    if (context.details) return;
    throw validationException('Must provide a StateMachine ARN or MapRun ARN');
  }
  const { type } = await context.stateMachines.describe(checkArn(stateMachineArn, 'stateMachine', context));
  if (type === 'EXPRESS' && !context.details)
    throw new ServiceError(
      'StateMachineTypeNotSupported',
      'This operation is not supported by this type of state machine',
    );
}
