/**
 * Connections: how requests are authorised, known by name. Their secrets are looked up as a request is made, and taken out
 * of all that is told of it.
 */
import type { HttpClient } from '../http-client.ts';

/** A value as it stands, or the environment variable of the engine that holds it: that is never stored and never shown. */
export type ConnectionValue = string | { readonly secret: string };

/** At most one of `basic`, `apiKey` and `oauth`. */
export interface ConnectionSettings {
  readonly basic?: { readonly username: ConnectionValue; readonly password: ConnectionValue };
  /** A header. */
  readonly apiKey?: { readonly name: string; readonly value: ConnectionValue };
  /** Client credentials, for which a token is fetched. */
  readonly oauth?: {
    readonly tokenUrl: string;
    readonly clientId: ConnectionValue;
    readonly clientSecret: ConnectionValue;
    readonly scope?: string;
  };
  /** What every request has besides; it goes before what the definition says. */
  readonly headers?: Readonly<Record<string, ConnectionValue>>;
  readonly query?: Readonly<Record<string, ConnectionValue>>;
}

/** What a connection adds to a request. */
export interface Authorization {
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Takes all secrets out of a text. */
  readonly conceal: (text: string) => string;
}

export interface Connections {
  has(name: string): boolean;
  /** @throws ConnectionError */
  authorize(name: string, signal: AbortSignal): Promise<Authorization>;
  /** What it was authorised with is not good any more. */
  forget(name: string): void;
}

export class ConnectionError extends Error {}

export const NO_AUTHORIZATION: Authorization = { headers: {}, query: {}, conceal: (text) => text };

export interface ConnectionsParams {
  readonly connections: Readonly<Record<string, ConnectionSettings>>;
  /** The value of a secret, looked up each time; undefined when there is none. */
  readonly secret: (name: string) => string | undefined;
  readonly client: HttpClient;
  readonly now: () => number;
}

interface Token {
  readonly value: string;
  readonly until: number;
}

/** A token is fetched anew so long before it ends. */
const TOKEN_MARGIN_MS = 60_000;
const TOKEN_MS = 3_600_000;

export function createConnections({ connections, secret, client, now }: ConnectionsParams): Connections {
  const tokens = new Map<string, Token>();

  const reader = (name: string): { readonly value: (of: ConnectionValue) => string; readonly secrets: Set<string> } => {
    const secrets = new Set<string>();
    const value = (of: ConnectionValue): string => {
      if (typeof of === 'string') return of;
      const found = secret(of.secret);
      if (found === undefined || found === '')
        throw new ConnectionError(
          `The connection ${name} needs the environment variable ${of.secret}, which is not set.`,
        );
      secrets.add(found);
      return found;
    };
    return { value, secrets };
  };

  const tokenOf = async (
    name: string,
    settings: NonNullable<ConnectionSettings['oauth']>,
    form: string,
    signal: AbortSignal,
  ): Promise<string> => {
    const known = tokens.get(name);
    if (known && known.until > now()) return known.value;
    const url = new URL(settings.tokenUrl);
    const answer = await client({
      origin: url.origin,
      method: 'POST',
      target: url.pathname + url.search,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', Accept: 'application/json' },
      body: form,
      signal,
    });
    const token = parseToken(answer.body);
    if (answer.status >= 300 || token === undefined)
      throw new ConnectionError(`The connection ${name} got no token from ${url.origin}: it answers ${answer.status}.`);
    const lasts = token.seconds === undefined ? TOKEN_MS : token.seconds * 1000;
    tokens.set(name, { value: token.value, until: now() + Math.max(0, lasts - TOKEN_MARGIN_MS) });
    return token.value;
  };

  return {
    has: (name) => Object.hasOwn(connections, name),
    forget: (name) => void tokens.delete(name),
    authorize: async (name, signal) => {
      const settings = Object.hasOwn(connections, name) ? connections[name] : undefined;
      if (!settings) throw new ConnectionError(`There is no connection ${name}.`);
      const { value, secrets } = reader(name);
      const { basic, apiKey, oauth } = settings;
      const all = (record: Readonly<Record<string, ConnectionValue>> = {}): Record<string, string> =>
        Object.fromEntries(Object.entries(record).map(([key, one]) => [key, value(one)]));
      const headers = all(settings.headers);
      const query = all(settings.query);
      if (apiKey) headers[apiKey.name] = value(apiKey.value);
      if (basic) {
        const pair = Buffer.from(`${value(basic.username)}:${value(basic.password)}`).toString('base64');
        secrets.add(pair);
        headers['Authorization'] = `Basic ${pair}`;
      }
      if (oauth) {
        const { clientId, clientSecret, scope } = oauth;
        const form = new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: value(clientId),
          client_secret: value(clientSecret),
          ...(scope !== undefined && { scope }),
        });
        const token = await tokenOf(name, oauth, form.toString(), signal);
        secrets.add(token);
        headers['Authorization'] = `Bearer ${token}`;
      }
      return { headers, query, conceal: concealer(secrets) };
    },
  };
}

function parseToken(body: string): { readonly value: string; readonly seconds?: number } | undefined {
  try {
    const { access_token: value, expires_in: seconds } = JSON.parse(body) as Record<string, unknown>;
    if (typeof value !== 'string' || value === '') return undefined;
    return { value, ...(Number.isFinite(Number(seconds)) && seconds !== undefined && { seconds: Number(seconds) }) };
  } catch {
    return undefined;
  }
}

/** In every spelling in which a request or its echo may have them; the longest first, as one may hold another. */
function concealer(secrets: ReadonlySet<string>): (text: string) => string {
  const forms = [...secrets].flatMap((one) => [
    one,
    encodeURIComponent(one),
    new URLSearchParams({ s: one }).toString().slice(2),
    JSON.stringify(one).slice(1, -1),
    Buffer.from(one).toString('base64'),
  ]);
  const sorted = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) => sorted.reduce((rest, form) => rest.replaceAll(form, '***'), text);
}
