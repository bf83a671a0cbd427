/** The ports of executions and state machines over HTTP: for a command beside a server that holds the data directory. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Execution, isClosed } from '../interpreter/execution.ts';
import type { HistoryEvent } from '../interpreter/history.ts';
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { Executions, StateMachines } from '../ports/executions.ts';
import { ServiceError } from '../ports/service-error.ts';
import type { TableApi } from '../ports/tables.ts';
import type { StateMachineRecord } from '../ports/state-machines.ts';
import { executionsListing } from './actions/executions.ts';
import { historyListing } from './actions/history.ts';
import { executionOf, milliseconds } from './execution-shape.ts';
import { machineOf } from './machine-shape.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';
import { given } from './params.ts';
import { type Call, createCall, post } from './remote-call.ts';

const LARGEST_PAGE = 1000;
const FIRST_POLL_MS = 50;
const SLOWEST_POLL_MS = 1000;

/** @param url of a running server. Methods also throw Error when it does not answer. */
export function createRemoteExecutions(url: string): Executions {
  const call = createCall(url);

  const describe = async (executionArn: string): Promise<Execution> =>
    executionOf(await call('DescribeExecution', { executionArn }));

  return {
    start: async ({ stateMachineArn, name, input, traceHeader, origin }) => {
      if (origin) throw new Error('An execution with an origin is started inside the server, never from outside.');
      const started = await call('StartExecution', { stateMachineArn, ...given({ name, input, traceHeader }) });
      return {
        executionArn: textOf(started, 'executionArn'),
        startDate: dateOf(started, 'startDate'),
        existing: objectOf(started, 'fanfold').existing === true,
      };
    },
    stop: async ({ executionArn, error, cause }) =>
      dateOf(await call('StopExecution', { executionArn, ...given({ error, cause }) }), 'stopDate'),
    redrive: async ({ executionArn, clientToken, definition, origin }) => {
      if (origin) throw new Error('An execution with an origin is redriven inside the server, never from outside.');
      return dateOf(
        await call('RedriveExecution', { executionArn, ...given({ clientToken, definition }) }),
        'redriveDate',
      );
    },
    describe,
    list: async ({ status, after, limit = 100, ...of }) => {
      const stateMachineArn = of.stateMachineAliasArn ?? of.stateMachineVersionArn ?? of.stateMachineArn;
      const listing = executionsListing(stateMachineArn, status);
      const nextToken = after === undefined ? undefined : encodePageToken(listing, after);
      const page = await call('ListExecutions', {
        maxResults: Math.min(limit, LARGEST_PAGE),
        ...given({ stateMachineArn, statusFilter: status, nextToken }),
      });
      const executions = listOf(page, 'executions').map(executionOf);
      const { nextToken: next } = page;
      return typeof next === 'string' ? { executions, next: decodePageToken(listing, next, 'string') } : { executions };
    },
    history: async ({ executionArn, reverse = false, after, limit = LARGEST_PAGE, includeData = true }) => {
      const listing = historyListing(executionArn, reverse);
      const nextToken = after === undefined ? undefined : encodePageToken(listing, after);
      const page = await call('GetExecutionHistory', {
        executionArn,
        reverseOrder: reverse,
        includeExecutionData: includeData,
        maxResults: Math.min(limit, LARGEST_PAGE),
        ...given({ nextToken }),
      });
      const events = listOf(page, 'events').map(eventOf);
      const { nextToken: next } = page;
      return typeof next === 'string' ? { events, next: decodePageToken(listing, next, 'number') } : { events };
    },
    closed: async (executionArn) => {
      for (let wait = FIRST_POLL_MS; ; wait = Math.min(wait * 1.5, SLOWEST_POLL_MS)) {
        const execution = await describe(executionArn);
        if (isClosed(execution)) return execution;
        await sleep(wait);
      }
    },
  };
}

/** @param url of a running server. `call` also throws Error when it does not answer. */
export function createRemoteTables(url: string): TableApi {
  const headers = { Authorization: 'AWS4-HMAC-SHA256 Credential=fanfold' };
  return {
    call: async (action, request) => {
      try {
        return await post(url, '/', request, { ...headers, 'X-Amz-Target': `DynamoDB_20120810.${action}` });
      } catch (error) {
        // The code stands behind its namespace.
        if (!(error instanceof ServiceError)) throw error;
        throw new ServiceError(error.code.replace(/^.*#/, ''), error.message, error.status);
      }
    },
  };
}

/** Has a running server back up its data directory. @param target an absolute path on its machine */
export async function requestBackup(
  url: string,
  target: string,
): Promise<{ path: string; files: number; bytes: number }> {
  const answer = await post(url, '/_fanfold/backup', { target });
  const { path, files, bytes } = answer;
  if (typeof path !== 'string' || typeof files !== 'number' || typeof bytes !== 'number') throw unexpected('path');
  return { path, files, bytes };
}

/** @param url of a running server. Methods also throw Error when it does not answer. */
export function createRemoteStateMachines(url: string): StateMachines {
  const call = createCall(url);

  const describe: StateMachines['describe'] = async (stateMachineArn) =>
    machineOf(await call('DescribeStateMachine', { stateMachineArn }));

  return {
    put: async ({ name, definition, roleArn, type }) => {
      const existing = (await listMachines(call)).find((machine) => machine.name === name);
      if (existing && existing.type !== type)
        throw new ServiceError('ConflictException', `The type of ${existing.arn} cannot be changed to ${type}`);
      if (existing) await call('UpdateStateMachine', { stateMachineArn: existing.arn, definition, roleArn });
      const arn =
        existing?.arn ??
        textOf(await call('CreateStateMachine', { name, definition, roleArn, type }), 'stateMachineArn');
      const { definitionText: _, version: __, ...record } = await describe(arn);
      return record;
    },
    describe,
    describeForExecution: async (executionArn) =>
      machineOf(await call('DescribeStateMachineForExecution', { executionArn })),
    list: () => listMachines(call),
  };
}

async function listMachines(call: Call): Promise<StateMachineRecord[]> {
  const machines: StateMachineRecord[] = [];
  for (let nextToken: Json | undefined; ;) {
    const page = await call('ListStateMachines', { maxResults: LARGEST_PAGE, ...given({ nextToken }) });
    machines.push(...listOf(page, 'stateMachines').map(machineOf));
    nextToken = page.nextToken;
    if (nextToken === undefined) return machines;
  }
}

function eventOf(shown: JsonObject): HistoryEvent {
  return { ...shown, timestamp: dateOf(shown, 'timestamp') } as unknown as HistoryEvent;
}

function textOf(answer: JsonObject, name: string): string {
  const value = answer[name];
  if (typeof value !== 'string') throw unexpected(name);
  return value;
}

function dateOf(answer: JsonObject, name: string): Date {
  const value = answer[name];
  if (typeof value !== 'number') throw unexpected(name);
  return new Date(milliseconds(value));
}

function objectOf(answer: JsonObject, name: string): JsonObject {
  const value = answer[name];
  if (!isObject(value)) throw unexpected(name);
  return value;
}

function listOf(answer: JsonObject, name: string): readonly JsonObject[] {
  const value = answer[name];
  if (!isArray(value) || !value.every(isObject)) throw unexpected(name);
  return value;
}

function unexpected(name: string): Error {
  return new Error(`The server's answer has no usable '${name}': it is not a Fanfold of this version.`);
}
