/** A job as the Kubernetes API shows it, and as Step Functions gives it to the workflow. */
import type { Json, JsonObject } from '../../json.ts';
import type { Job, Jobs } from '../../ports/jobs.ts';
import { generatedSuffix } from './manifest.ts';

/** What is kept with a job that is not in its specification. */
export interface EksDetails {
  readonly manifest: JsonObject;
  readonly containerName: string;
  readonly logs: LogOptions | null;
}

export interface LogOptions {
  /** Give the log as it is, also where it is JSON. */
  readonly raw: boolean;
  readonly tailLines: number | null;
}

/** The most of one attempt's log that goes into a result, bytes. */
const LARGEST_LOG = 16 * 2 ** 20;

export function describeJob(job: Job): JsonObject {
  const { apiVersion, kind, metadata, spec } = detailsOf(job).manifest;
  return {
    apiVersion: apiVersion ?? '',
    kind: kind ?? '',
    metadata: { ...(metadata as JsonObject), uid: job.id, creationTimestamp: time(job.createdAt) },
    spec: spec ?? {},
    status: statusOf(job),
  };
}

/** The same, with what its pods wrote, where that was asked for. */
export async function describeEnd(job: Job, jobs: Jobs): Promise<JsonObject> {
  const { logs } = detailsOf(job);
  return logs ? { ...describeJob(job), logs: await logsOf(job, logs, jobs) } : describeJob(job);
}

async function logsOf(job: Job, options: LogOptions, jobs: Jobs): Promise<JsonObject> {
  const { containerName } = detailsOf(job);
  const pods: Record<string, Json> = {};
  for (const { run } of job.attempts) {
    const log = shownLog(await jobs.log(job.id, run, LARGEST_LOG), options);
    pods[`${job.spec.name}-${generatedSuffix(`${job.id}-${run}`)}`] = { containers: { [containerName]: { log } } };
  }
  return { pods };
}

function shownLog(text: string, { raw, tailLines }: LogOptions): Json {
  const lines = text.split(/(?<=\n)/);
  const shown = tailLines === null ? text : lines.slice(Math.max(0, lines.length - tailLines)).join('');
  if (raw) return shown;
  try {
    return JSON.parse(shown) as Json;
  } catch {
    return shown;
  }
}

function statusOf(job: Job): JsonObject {
  const { status, attempts, createdAt, stoppedAt } = job;
  const failed = attempts.filter(({ exitCode }) => exitCode !== 0).length;
  const counts = { ...(failed > 0 && { failed }), ...(status === 'SUCCEEDED' && { succeeded: 1 }) };
  if (stoppedAt === null) return status === 'RUNNING' ? { active: 1, startTime: time(createdAt) } : {};
  const at = time(stoppedAt);
  const told = { lastProbeTime: at, lastTransitionTime: at, status: 'True' };
  return {
    ...(status === 'SUCCEEDED' && { completionTime: at }),
    conditions: [status === 'SUCCEEDED' ? { ...told, type: 'Complete' } : { ...told, ...failure(job), type: 'Failed' }],
    ...counts,
    startTime: time(createdAt),
  };
}

function failure({ statusReason, spec, attempts }: Job): JsonObject {
  if (statusReason === 'DeadlineExceeded')
    return { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  if (attempts.length >= spec.attempts)
    return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  return { reason: 'Terminated', message: statusReason ?? '' };
}

function detailsOf({ details }: Job): EksDetails {
  return details as unknown as EksDetails;
}

function time(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
