/** `fanfold-notify`: tells people what became of a run, once however often it is called. */
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

export async function handler(
  event: NotifyEvent,
  { mail, links }: FunctionContext,
): Promise<{ readonly messageId: string }> {
  const { batch, to, from, account } = event;
  const state = account ? 'SUCCEEDED' : 'FAILED';
  const subject = `${batch}: ${fileOf(event.input)} ${account ? 'is done' : 'has failed'}`;
  const linked = account ? await linkLines(links, account, event.linkSeconds) : [];
  return mail.send({ from, to, subject, text: [...lines(event, state), ...linked, ''].join('\n') });
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

function* lines({ batch, run, input, account, failure }: NotifyEvent, state: string): Generator<string> {
  yield `batch: ${batch}`;
  yield `run: ${run}`;
  yield `file: ${fileOf(input)}`;
  yield `state: ${state}`;
  if (failure) yield `error: ${failure.Error ?? 'unknown'}`;
  if (failure) yield `cause: ${messageOf(failure.Cause ?? 'unknown')}`;
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
