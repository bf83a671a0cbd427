/**
 * Tells the server of which invocation a request is. Clients keep a key as long as they are there, and a worker runs many
 * invocations at once: so each request that code of an invocation sends to this server bears a header that says which it is,
 * and programs that it starts find it in their AWS_SESSION_TOKEN.
 */
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { SESSION_HEADER } from '../../access/session-header.ts';
import { tokenOfPart } from '../../access/sessions.ts';
import type { WorkerSession } from './protocol.ts';
import { currentScope } from './worker-scope.ts';

export function announceInvocations({ token, endpoint }: WorkerSession): void {
  const now = (): string => {
    const id = currentScope()?.id ?? 0;
    return id === 0 ? token : tokenOfPart(token, id);
  };
  const isOurs = ownAddress(endpoint);
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { readonly request: ClientRequest };
    if (request.headersSent || request.protocol !== 'http:') return;
    if (isOurs(String(request.getHeader('host') ?? ''))) request.setHeader(SESSION_HEADER, now());
  });
  // That of fetch. https://undici.nodejs.org/#/docs/api/DiagnosticsChannel
  subscribe('undici:request:create', (message) => {
    const { request } = message as { readonly request: FetchRequest };
    const origin = URL.parse(String(request.origin));
    if (origin?.protocol === 'http:' && isOurs(origin.host)) request.addHeader?.(SESSION_HEADER, now());
  });
  process.env = new Proxy(process.env, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as string | undefined;
      return name === 'AWS_SESSION_TOKEN' && value === token ? now() : value;
    },
    // The target knows no other receiver than itself.
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

interface FetchRequest {
  readonly origin: unknown;
  /** Undefined in one that a function brings along, and is old. */
  addHeader?(name: string, value: string): void;
}

/** Whether a host and port are those of the server, by any name that clients give it: `bucket.localhost`, `sync-127.0.0.1`. */
function ownAddress(endpoint: string): (host: string) => boolean {
  const { port } = new URL(endpoint);
  return (host) => {
    const [, name = '', asked = ''] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
    return asked === port && /^(?:sync-)?(?:127(?:\.\d{1,3}){3}|\[::1\]|(?:.+\.)?localhost)$/i.test(name);
  };
}
