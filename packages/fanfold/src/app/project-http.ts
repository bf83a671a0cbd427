/** HTTP to the outside, as the project allows it. */
import type { Clock } from '../ports/clock.ts';
import type { Service } from '../ports/services.ts';
import { type AddressPolicy, createAddressPolicy } from '../services/addresses.ts';
import { createHttpClient, type HttpClient } from '../services/http-client.ts';
import { createConnections } from '../services/http/connections.ts';
import { createHttpService } from '../services/http/service.ts';
import { defaultRegion } from './arn.ts';
import type { ConnectionSettings, ProjectDefinition } from './define-project.ts';
import { ProjectError } from './project-error.ts';

export interface ProjectHttp {
  readonly service: Service;
  /** Posts a topic's message. @throws Error when it was not taken */
  post(to: { readonly url: string; readonly headers: Readonly<Record<string, string>> }, body: string): Promise<void>;
}

/** As AWS: what a task may get back, and how long it waits. */
const LIMITS = { longestAnswer: 262_144, latestAnswer: 60_000 } as const;
/** As SNS waits for those that it posts to. */
const POST_MS = 15_000;

/** @throws ProjectError when a setting cannot be */
export function openProjectHttp(
  { connections = {}, http }: Pick<ProjectDefinition, 'connections' | 'http'>,
  { clock, sync }: { readonly clock: Clock; readonly sync: () => Promise<void> },
): ProjectHttp {
  const policy = policyOf(http?.allow ?? []);
  for (const [name, connection] of Object.entries(connections)) checkConnection(name, connection);
  const client = createHttpClient({ ...LIMITS, policy });
  const poster = createHttpClient({ ...LIMITS, latestAnswer: POST_MS, policy });
  // No address is asked about: only a host that is allowed by name answers yes.
  const mayBePlain = (host: string, port: number): boolean => policy(host, port, '');
  return {
    service: createHttpService({
      client,
      connections: createConnections({ connections, secret: (name) => process.env[name], client, now: clock.now }),
      mayBePlain,
      region: defaultRegion(),
      sync,
    }),
    post: (to, body) => post(poster, to, body),
  };
}

async function post(
  client: HttpClient,
  { url, headers }: Parameters<ProjectHttp['post']>[0],
  body: string,
): Promise<void> {
  const { origin, pathname, search, username, password } = new URL(url);
  const signal = new AbortController().signal;
  const own = username !== '' && { Authorization: basic(decodeURIComponent(username), decodeURIComponent(password)) };
  const target = pathname + search;
  const answer = await client({ origin, method: 'POST', target, headers: { ...headers, ...own }, body, signal });
  if (answer.status < 200 || answer.status >= 300) throw new Error(`${origin} answers ${answer.status}.`);
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function policyOf(allow: readonly string[]): AddressPolicy {
  try {
    return createAddressPolicy(allow);
  } catch (error) {
    throw new ProjectError(`http.allow: ${(error as Error).message}`, { cause: error });
  }
}

/** As EventBridge names them. */
const NAME = /^[.\-_A-Za-z0-9]{1,64}$/;

function checkConnection(name: string, { basic, apiKey, oauth }: ConnectionSettings): void {
  if (!NAME.test(name)) throw new ProjectError(`connections: the name ${JSON.stringify(name)} is not allowed`);
  if ([basic, apiKey, oauth].filter((one) => one !== undefined).length > 1)
    throw new ProjectError(`connections.${name} may have one of basic, apiKey and oauth`);
  const tokenUrl = oauth && URL.parse(oauth.tokenUrl);
  if (oauth && !/^https?:$/.test(tokenUrl?.protocol ?? ''))
    throw new ProjectError(`connections.${name}.oauth.tokenUrl must be a URL, not ${JSON.stringify(oauth.tokenUrl)}`);
}
