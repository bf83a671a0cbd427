/** What the ItemReader and the ResultWriter of a map run do to buckets, asked for as what the tasks of its state machine do. */
import { callAccess, objectArn, type Place } from '../access/call-access.ts';
import type { Access } from '../access/policy.ts';
import { isObject, type Json } from '../json.ts';
import { type ItemSourceParams, type ItemSources, ItemSourceError } from '../ports/item-sources.ts';
import { type ResultSinks, ResultSinkError } from '../ports/result-sinks.ts';
import { ServiceError } from '../ports/service-error.ts';
import { machineNameOf } from '../state-machine-arn.ts';

/** @throws ServiceError AccessDeniedException. @param machine the name of a state machine */
export type AuthoriseMapRun = (machine: string, accesses: readonly Access[]) => void;

export function authorisedSources(sources: ItemSources, authorise: AuthoriseMapRun, place: Place): ItemSources {
  return {
    open: async (params) => {
      const { mapRunArn, action, parameters } = params;
      refusing(() => authorise(machineNameOf(mapRunArn), readerAccess(action, parameters, place)), ItemSourceError);
      return sources.open(params);
    },
  };
}

export function authorisedSinks(sinks: ResultSinks, authorise: AuthoriseMapRun): ResultSinks {
  return {
    ...sinks,
    // What it was allowed to begin with, it may also end.
    check: async (params) => {
      const { mapRunArn, parameters } = params;
      refusing(() => authorise(machineNameOf(mapRunArn), writerAccess(parameters)), ResultSinkError);
      await sinks.check(params);
    },
  };
}

export function readerAccess(action: ItemSourceParams['action'], parameters: Json, place: Place): readonly Access[] {
  const input = isObject(parameters) ? parameters : {};
  return callAccess('s3', action === 'getObject' ? 'GetObject' : 'ListObjectsV2', input, place);
}

/** All that is written lies below the prefix. */
export function writerAccess(parameters: Json): readonly Access[] {
  const { Bucket, Prefix } = isObject(parameters) ? parameters : {};
  const prefix = typeof Prefix === 'string' ? Prefix : '';
  const resource = typeof Bucket === 'string' ? objectArn(Bucket, prefix.replace(/\**$/, '*')) : '*';
  return [{ action: 's3:PutObject', resource }];
}

/** A refusal fails the Map by its own name. */
function refusing(ask: () => void, Failure: new (message: string) => Error): void {
  try {
    ask();
  } catch (error) {
    throw error instanceof ServiceError ? new Failure(error.message) : error;
  }
}
