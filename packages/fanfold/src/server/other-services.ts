/**
 * Requests for services of AWS that this server does not have. Those in the JSON and Query protocols say what they want in
 * their body; a path alone could be the path of an object of S3, so the service that they are signed for is looked at.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from '../ports/service-error.ts';
import { jsonError } from './json-apis.ts';

const SCOPE = /^AWS4-HMAC-SHA256\s.*?Credential=[^/,\s]+\/\d+\/[^/,\s]*\/([\w-]+)\/aws4_request/;

/** The service that a request is signed for, where its path means nothing here. */
export function otherServiceOf({ url = '', headers: { authorization = '' } }: IncomingMessage): string | undefined {
  const service = SCOPE.exec(authorization)?.[1];
  return service === undefined || service === 's3' || isCommon(service, url) ? undefined : service;
}

/** Ways that the APIs of several services lead over, and those of this server itself. */
function isCommon(service: string, url: string): boolean {
  return /^\/(\?|$|_fanfold\/)/.test(url) || service === 'sqs' || (service === 'ses' && url.startsWith('/v2/email/'));
}

export function refuseOther({ method, url = '' }: IncomingMessage, outgoing: ServerResponse, service: string): void {
  const hint = Object.hasOwn(INSTEAD, service) ? ` ${INSTEAD[service]}` : '';
  const path = url.replace(/\?.*/s, '').slice(0, 200);
  const refusal = new ServiceError(
    'UnknownOperationException',
    `This server does not have the API of '${service}' (${method} ${path}).${hint}`,
    404,
  );
  const { status, headers, body } = jsonError(refusal, { version: '1.1' });
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
  outgoing.end(body);
}

/** What a project has in place of them. */
const INSTEAD: Readonly<Record<string, string>> = {
  apigateway: 'Routes are set in the project file, by `apis`.',
  batch:
    'Jobs are submitted by the tasks of state machines, and set in the project file, by `jobDefinitions` and `jobQueues`.',
  eks: 'Kubernetes jobs are run by the tasks of state machines.',
  elasticfilesystem: 'Volumes are set in the project file, by `volumes`.',
  scheduler: 'Schedules are set in the project file, by `rules`, or with PutRule of EventBridge.',
};
