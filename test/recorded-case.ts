/**
 * Plays what the runner of the recorded cases leaves out: what a client did while an execution ran, what there was before the
 * first call of the API, and waiting for as long as it takes.
 */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';

export interface RecordedCase {
  readonly id: string;
  readonly kind: string;
  readonly needs: readonly string[];
  readonly type?: string;
  readonly definition?: unknown;
  readonly input?: string | null;
  readonly functions?: Readonly<Record<string, { readonly behaviour: string }>>;
  readonly resources?: Resources;
  readonly interactions?: readonly { readonly op: string }[];
  readonly steps?: readonly Step[];
  readonly uids?: readonly string[];
  readonly expected: { readonly history?: readonly unknown[] };
}

interface Resources {
  readonly s3_buckets?: readonly string[];
  readonly s3_objects?: readonly { readonly bucket: string; readonly key: string; readonly body?: string }[];
  readonly sqs_queues?: readonly { readonly QueueName: string; readonly url: string }[];
  readonly activities?: readonly { readonly name: string; readonly arn: string }[];
}

interface Step {
  readonly op: string;
  readonly params: unknown;
  readonly poll?: boolean;
  readonly client_side?: boolean;
  readonly binds?: Readonly<Record<string, string>>;
}

type Answer = Readonly<Record<string, unknown>>;
/** What stood in the recording -> what there is. */
type Names = Map<string, string>;

/** As the comparer wants it. */
export type Played = Answer;

class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const ROLE = 'arn:aws:iam::111111111111:role/conformance';
const ENDED = new Set(['SUCCEEDED', 'FAILED', 'ABORTED', 'TIMED_OUT']);
const ACCOUNT_OF_CASES = 'arn:aws:states:us-east-1:111111111111:';
/** Any key that was not issued here is the owner's, on this machine. */
const SIGNED =
  'AWS4-HMAC-SHA256 Credential=OWNER/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=none';
const PAUSE = 20;
const LONGEST = 30_000;

export async function playCase(url: string, recorded: RecordedCase): Promise<Played> {
  const names: Names = new Map();
  for (const uid of recorded.uids ?? []) names.set(uid, randomBytes(4).toString('hex'));
  await makeResources(url, recorded.resources ?? {}, names);
  return recorded.kind === 'api' ? playCalls(url, recorded, names) : playExecution(url, recorded, names);
}

async function makeResources(url: string, resources: Resources, names: Names): Promise<void> {
  for (const bucket of resources.s3_buckets ?? []) await put(`${url}/${renamed(bucket, names)}`);
  for (const { bucket, key, body = '' } of resources.s3_objects ?? [])
    await put(`${url}/${renamed(bucket, names)}/${key}`, body);
  for (const { QueueName, url: recordedUrl } of resources.sqs_queues ?? []) {
    const answer = await call(url, 'AmazonSQS.CreateQueue', { QueueName: renamed(QueueName, names) });
    names.set(recordedUrl, String(answer['QueueUrl']));
  }
}

async function playExecution(url: string, recorded: RecordedCase, names: Names): Promise<Played> {
  for (const { name, arn } of recorded.resources?.activities ?? []) {
    const { activityArn } = await states(url, 'CreateActivity', { name });
    names.set(arn, String(activityArn));
  }
  const { stateMachineArn } = await states(url, 'CreateStateMachine', {
    name: `case-${randomBytes(6).toString('hex')}`,
    definition: renamed(JSON.stringify(recorded.definition), names),
    roleArn: ROLE,
    type: recorded.type,
  });
  if (recorded.id.endsWith('_on_deleted'))
    for (const { arn } of recorded.resources?.activities ?? [])
      await states(url, 'DeleteActivity', { activityArn: names.get(arn) });
  const { input } = recorded;
  const { executionArn } = await states(url, 'StartExecution', {
    stateMachineArn,
    ...(typeof input === 'string' && { input: renamed(input, names) }),
  });
  const done = new Set((recorded.interactions ?? []).map(({ op }) => op));
  if (done.has('StopExecution')) await states(url, 'StopExecution', { executionArn });
  if (done.has('SendTaskSuccess')) await answerMessage(url, recorded.resources?.sqs_queues?.[0]?.url ?? '', names);
  const { status, output, error, cause } = await untilEnded(url, executionArn);
  const { events } = await states(url, 'GetExecutionHistory', { executionArn, maxResults: 1000 });
  return { status, output, error, cause, history: events };
}

/** What the recorder's client did with each message: it let the task live a while, then answered it with the message. */
async function answerMessage(url: string, queue: string, names: Names): Promise<void> {
  const QueueUrl = names.get(queue);
  const received = await call(url, 'AmazonSQS.ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
  const [message] = received['Messages'] as readonly { readonly Body: string }[];
  const output = message?.Body ?? '';
  const { TaskToken: taskToken } = JSON.parse(output) as { TaskToken: string };
  for (let beat = 0; beat < 3; beat++) await states(url, 'SendTaskHeartbeat', { taskToken });
  await states(url, 'SendTaskSuccess', { taskToken, output });
}

async function playCalls(url: string, recorded: RecordedCase, names: Names): Promise<Played> {
  const steps: unknown[] = [];
  for (const { op, params, poll, client_side: clientSide, binds = {} } of recorded.steps ?? []) {
    if (clientSide) {
      steps.push(undefined);
      continue;
    }
    const sent = JSON.parse(renamed(JSON.stringify(params), names)) as Answer;
    if (poll && typeof sent['executionArn'] === 'string' && !waitsForToken(recorded))
      await untilEnded(url, sent['executionArn']);
    try {
      const response = await states(url, op, sent);
      steps.push({ response });
      for (const [member, recordedValue] of Object.entries(binds)) bind(names, recordedValue, response, member);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      steps.push({ apiError: { code: error.code, message: error.message, op } });
    }
  }
  return { steps };
}

/** Nobody answers its task: there is nothing to wait for. */
function waitsForToken({ steps = [] }: RecordedCase): boolean {
  return steps.some(({ op }) => op === 'StopExecution');
}

function bind(names: Names, recordedValue: string, response: Answer, member: string): void {
  const [mapRun] = (response['mapRuns'] ?? []) as readonly Answer[];
  const value = response[member] ?? (member === 'mapRunArn' ? mapRun?.[member] : undefined);
  if (recordedValue === '' || typeof value !== 'string') return;
  names.set(recordedValue, value);
  const [ours] = /^arn:aws:states:[^:]+:\d+:/.exec(value) ?? [];
  if (ours) names.set(ACCOUNT_OF_CASES, ours);
}

async function untilEnded(url: string, executionArn: unknown): Promise<Answer> {
  for (let waited = 0; waited < LONGEST; waited += PAUSE) {
    const described = await states(url, 'DescribeExecution', { executionArn });
    if (ENDED.has(String(described['status']))) return described;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new Error(`${String(executionArn)} has not ended within ${LONGEST / 1000} s`);
}

function renamed(text: string, names: Names): string {
  const longestFirst = [...names].sort(([a], [b]) => b.length - a.length);
  return longestFirst.reduce((result, [from, to]) => result.replaceAll(from, to), text);
}

function states(url: string, action: string, params: object): Promise<Answer> {
  return call(url, `AWSStepFunctions.${action}`, params);
}

async function call(url: string, target: string, params: object): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-amz-json-1.0', 'X-Amz-Target': target },
    body: JSON.stringify(params),
  });
  const answer = (await response.json()) as Answer;
  if (response.ok) return answer;
  throw new Refused(String(answer['__type']).split('#').at(-1) ?? '', String(answer['message'] ?? answer['Message']));
}

/** Without a content type, which `fetch` would add to a text. */
function put(url: string, body = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Length': Buffer.byteLength(body), Authorization: SIGNED };
    const outgoing = request(url, { method: 'PUT', headers });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      incoming.resume();
      if (incoming.statusCode === 200) resolve();
      else reject(new Error(`PUT ${url} was answered with ${incoming.statusCode}`));
    });
    outgoing.end(body);
  });
}
