/** `fanfold-notify`: tells people what became of a run, once however often it is called, and words what topics are told. */
import type { Json } from '../../json.ts';
import type { FunctionContext } from '../../ports/functions.ts';
import type { Links } from '../../ports/links.ts';
import type { PublishedObject, RunAccount } from '../account.ts';
import { messageOf } from '../cause.ts';
import { type RunEvent, sourceOf } from '../event.ts';
import { outputPlace } from '../output-text.ts';

export interface NotifyEvent extends RunEvent {
  /** The input of the execution. */
  readonly input: Json;
  /** Nobody: there is only to say what topics are told. */
  readonly to: readonly string[];
  /** Empty: the project's sender. */
  readonly from: string;
  /** How long links to what was published can be opened; without it there are none. */
  readonly linkSeconds?: number;
  /** Of a run that has succeeded. */
  readonly account?: RunAccount;
  /** Of a run that has failed. */
  readonly failure?: { readonly Error?: string; readonly Cause?: string };
}

/** What a topic is told. */
export interface RunMessage {
  readonly batch: string;
  readonly run: string;
  /** `bucket/key`. */
  readonly file: string;
  readonly state: 'SUCCEEDED' | 'FAILED';
  readonly error?: string;
  readonly cause?: string;
  readonly account?: RunAccount;
}

export async function handler(event: NotifyEvent, { mail, links }: FunctionContext): Promise<RunMessage> {
  const { to, from, account } = event;
  const message = messageOfRun(event);
  if (to.length === 0) return message;
  const subject = `${message.batch}: ${message.file} ${account ? 'is done' : 'has failed'}`;
  const linked = account ? await linkLines(links, account, event.linkSeconds) : [];
  await mail.send({ from, to, subject, text: [...lines(message), ...linked, ''].join('\n') });
  return message;
}

function messageOfRun({ batch, run, input, account, failure }: NotifyEvent): RunMessage {
  const file = fileOf(input);
  if (account) return { batch, run, file, state: 'SUCCEEDED', account };
  const { Error: error = 'unknown', Cause: cause = 'unknown' } = failure ?? {};
  return { batch, run, file, state: 'FAILED', error, cause: messageOf(cause) };
}

/** A line for each object. */
async function linkLines(
  links: Links,
  { outputs, rejects }: RunAccount,
  seconds: number | undefined,
): Promise<readonly string[]> {
  if (seconds === undefined) return [];
  const line = async (what: string, { bucket, key }: PublishedObject): Promise<string> =>
    `${what}: ${await links.sign({ bucket, key }, seconds)}`;
  const made = outputs.flatMap((output) => (output.kind === 'object' ? [line('link to the output', output)] : []));
  if (rejects) made.push(line('link to the rejects', rejects));
  return [
    ...(await Promise.all(made)),
    ...(made.length > 0 ? [`Links can be opened for ${seconds} seconds, by whoever has them.`] : []),
  ];
}

function* lines({ batch, run, file, state, error, cause, account }: RunMessage): Generator<string> {
  yield `batch: ${batch}`;
  yield `run: ${run}`;
  yield `file: ${file}`;
  yield `state: ${state}`;
  if (error !== undefined) yield `error: ${error}`;
  if (cause !== undefined) yield `cause: ${cause}`;
  if (account) {
    const { read, written, filtered, rejected, outputs, totals = {}, rejects } = account;
    yield `records: ${read} read = ${written} written + ${filtered} filtered + ${rejected} rejected`;
    for (const output of outputs) yield `${output.kind === 'object' ? 'output' : output.kind}: ${outputPlace(output)}`;
    for (const [name, { all }] of Object.entries(totals)) yield `${name}: ${JSON.stringify(all)}`;
    if (rejects) yield `rejects: ${rejects.bucket}/${rejects.key}`;
  }
}

/** An input that names no file is what the run may have failed for. */
function fileOf(input: Json): string {
  try {
    const { bucket, key } = sourceOf(input);
    return `${bucket}/${key}`;
  } catch {
    return 'no file';
  }
}
