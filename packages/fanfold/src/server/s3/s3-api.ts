/**
 * As much of the API of S3 as setting up files for a workflow takes: CreateBucket, HeadBucket, PutObject, GetObject,
 * HeadObject, DeleteObject, ListObjectsV2. Everything else is refused by name.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Buckets } from '../../ports/buckets.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Objects } from '../../ports/objects.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { sendObject, sendObjectHead, sendRefusal } from '../links/object-links.ts';
import { listObjects } from './list-objects.ts';
import { putObject } from './put-object.ts';
import { parseTarget, type S3Target } from './target.ts';
import { xmlDocument } from './xml.ts';

export interface S3ApiParams {
  readonly objects: Pick<Objects, 'put' | 'get' | 'head' | 'list' | 'delete'>;
  readonly buckets: Buckets;
  readonly region: string;
  readonly logger: Logger;
}

export type S3Api = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** Whether a request is one of an AWS client: it is signed in its header, which no page of another origin can do. */
export function isSigned({ headers: { authorization = '' } }: IncomingMessage): boolean {
  return authorization.startsWith('AWS4-HMAC-SHA256 ');
}

export function createS3Api(params: S3ApiParams): S3Api {
  return async (incoming, outgoing) => {
    try {
      const target = parseTarget(incoming.url ?? '');
      await actionOf(incoming, target)(params, target, incoming, outgoing);
    } catch (error) {
      sendRefusal(incoming, outgoing, error, params.logger);
    }
  };
}

type Action = (
  params: S3ApiParams,
  target: S3Target,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
) => Promise<void> | void;

const BUCKET_ACTIONS: Readonly<Record<string, Action>> = {
  PUT: async ({ buckets }, { bucket }, incoming, outgoing) => {
    incoming.resume();
    await buckets.create(bucket);
    outgoing.writeHead(200, { Location: `/${bucket}`, 'Content-Length': 0 }).end();
  },
  HEAD: async ({ buckets, region }, { bucket }, _, outgoing) => {
    const status = (await buckets.has(bucket)) ? 200 : 404;
    outgoing.writeHead(status, { 'x-amz-bucket-region': region }).end();
  },
  GET: async ({ objects, region }, target, _, outgoing) => {
    if (target.query.has('location')) {
      const place = region === 'us-east-1' ? '' : region;
      return sendXml(outgoing, xmlDocument('LocationConstraint', place));
    }
    sendXml(outgoing, await listObjects(objects, target));
  },
};

const OBJECT_ACTIONS: Readonly<Record<string, Action>> = {
  PUT: async ({ objects }, { bucket, key }, incoming, outgoing) => {
    const { eTag } = await putObject(objects, { bucket, key }, incoming);
    outgoing.writeHead(200, { ETag: `"${eTag}"`, 'Content-Length': 0 }).end();
  },
  GET: ({ objects }, { bucket, key }, incoming, outgoing) => sendObject(objects, { bucket, key }, incoming, outgoing),
  HEAD: ({ objects }, { bucket, key }, _, outgoing) => sendObjectHead(objects, { bucket, key }, outgoing),
  DELETE: async ({ objects }, { bucket, key }, _, outgoing) => {
    await objects.delete({ bucket, key });
    outgoing.writeHead(204).end();
  },
};

/** What an action may be told in the query; others are other actions. */
const QUERIES: Readonly<Record<'bucket' | 'object', ReadonlySet<string>>> = {
  bucket: new Set([
    'list-type',
    'prefix',
    'start-after',
    'continuation-token',
    'max-keys',
    'encoding-type',
    'fetch-owner',
    'location',
    'x-id',
  ]),
  object: new Set(['x-id']),
};

/** @throws ServiceError NotImplemented, MethodNotAllowed */
function actionOf({ method = '' }: IncomingMessage, { bucket, key, query }: S3Target): Action {
  if (bucket === '') throw notImplemented('requests without a bucket');
  const kind = key === '' ? 'bucket' : 'object';
  const other = [...query.keys()].find((name) => !QUERIES[kind].has(name));
  if (other !== undefined) throw notImplemented(`'${other}' in the query of a request`);
  const actions = kind === 'bucket' ? BUCKET_ACTIONS : OBJECT_ACTIONS;
  const action = Object.hasOwn(actions, method) ? actions[method] : undefined;
  if (!action) throw notImplemented(`the method ${method} on a ${kind}`);
  return action;
}

export function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `This server does not have ${what} yet.`, 501);
}

function sendXml(outgoing: ServerResponse, xml: string): void {
  outgoing.writeHead(200, {
    'Content-Type': 'application/xml',
    'Content-Length': Buffer.byteLength(xml),
    'X-Content-Type-Options': 'nosniff',
  });
  outgoing.end(xml);
}
