/**
 * One request of a sink, sent until it is taken: what may pass is tried again for about half a minute, with the same
 * idempotency key. Redirects are not followed, so that nothing goes anywhere but where the batch says.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchError } from './errors.ts';
import type { HttpSinkSettings } from './settings.ts';

export interface HttpRequest {
  readonly sink: HttpSinkSettings;
  /** The same for the same data, whenever they are sent. */
  readonly idempotencyKey: string;
  /** Begins anew for each try. */
  readonly body: () => Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

const TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/x-ndjson', json: 'application/json' } as const;
/** Before each further try, in milliseconds. */
const PAUSES: readonly number[] = [250, 1000, 5000, 20_000];
const LONGEST_PAUSE_MS = 60_000;
/** Statuses of what may pass, beside those from 500 on. */
const PASSING: readonly number[] = [408, 425, 429];
const LONGEST_ANSWER = 300;

/** @throws BatchError Fanfold.SinkUnavailable for what may pass later, Fanfold.SinkRefused for what will not */
export async function send(request: HttpRequest): Promise<void> {
  const headers = headersOf(request);
  for (const pause of [...PAUSES, null]) {
    const { signal, sink } = request;
    const answer = await attempt(request, headers);
    if (answer.kind === 'taken') return;
    signal.throwIfAborted();
    if (answer.kind === 'refused')
      throw new BatchError('Fanfold.SinkRefused', `${sink.url} has refused what was sent: ${answer.message}`);
    if (pause === null)
      throw new BatchError('Fanfold.SinkUnavailable', `${sink.url} does not take what is sent: ${answer.message}`);
    await sleep(Math.min(answer.waitMs ?? pause, LONGEST_PAUSE_MS), undefined, { signal });
  }
}

type Answer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'later'; readonly message: string; readonly waitMs?: number };

async function attempt({ sink, body, signal }: HttpRequest, headers: Headers): Promise<Answer> {
  const limit = AbortSignal.timeout(sink.timeoutSeconds * 1000);
  const bytes = body();
  let response: Response;
  try {
    response = await fetch(sink.url, {
      method: sink.method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, limit]),
      ...(bytes instanceof Uint8Array ? { body: bytes } : { body: ReadableStream.from(bytes), duplex: 'half' }),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof BatchError) throw error;
    const message = limit.aborted ? `no answer within ${sink.timeoutSeconds} s` : reasonOf(error);
    return { kind: 'later', message };
  }
  const { status } = response;
  if (response.ok) {
    await response.body?.cancel();
    return { kind: 'taken' };
  }
  const message = `status ${status}${status >= 300 && status < 400 ? ', a redirect, which is not followed' : ''}${await beginning(response)}`;
  if (status < 500 && !PASSING.includes(status)) return { kind: 'refused', message };
  const waitMs = retryAfter(response.headers.get('retry-after'));
  return { kind: 'later', message, ...(waitMs !== undefined && { waitMs }) };
}

/** @throws BatchError Fanfold.SinkRefused when the engine's environment does not hold a secret */
function headersOf({ sink, idempotencyKey }: HttpRequest): Headers {
  const headers = new Headers({ 'Content-Type': TYPES[sink.format], 'Idempotency-Key': idempotencyKey });
  for (const [name, value] of Object.entries(sink.headers)) headers.set(name, textOf(name, value));
  return headers;
}

function textOf(name: string, value: string | { readonly secret: string }): string {
  if (typeof value === 'string') return value;
  const found = process.env[value.secret];
  if (found !== undefined) return found;
  throw new BatchError(
    'Fanfold.SinkRefused',
    `The header ${name} is to have the secret ${value.secret}, which is not in the environment. Set it and start the engine again.`,
  );
}

/** Milliseconds. Dates are not taken: clocks differ. */
function retryAfter(text: string | null): number | undefined {
  return text !== null && /^\d{1,5}$/.test(text) ? Number(text) * 1000 : undefined;
}

async function beginning(response: Response): Promise<string> {
  try {
    const text = (await response.text()).slice(0, LONGEST_ANSWER).trim();
    return text === '' ? '' : `, ${JSON.stringify(text)}`;
  } catch {
    return '';
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}
