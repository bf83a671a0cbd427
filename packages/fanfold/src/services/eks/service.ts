/** `eks:runJob` and `.sync`: a Kubernetes Job, run by the runner of this machine whatever its cluster is. */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { Job, Jobs } from '../../ports/jobs.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import { entryKey, taskKey } from '../task-key.ts';
import { describeEnd, describeJob, type EksDetails, type LogOptions } from './description.ts';
import { completed, readManifest } from './manifest.ts';
import { ManifestError } from './manifest-error.ts';
import { countAt, objectAt, textAt, textsAt } from './members.ts';

export interface EksServiceParams {
  readonly jobs: Jobs;
  /** The compute environment that admits the jobs of a cluster. */
  readonly environmentOf: (clusterName: string) => string;
}

/** By this name the end of a job comes back to {@link eksOutcome}. */
export const EKS = 'eks';

const ACTIONS: ReadonlySet<string> = new Set(['runJob', 'runJob.sync']);

export function createEksService({ jobs, environmentOf }: EksServiceParams): Service {
  const run = (request: TaskRequest, isAwaited: boolean): Promise<Job> => {
    const params = readParams(request.parameters.json);
    const id = taskKey(request);
    const { name, containerName, spec } = readManifest(params.manifest, id, environmentOf(params.clusterName));
    checkNamespace(params.manifest as JsonObject, params.namespace);
    const manifest = completed(params.manifest as JsonObject, name, params.namespace);
    const details: EksDetails = { manifest, containerName, logs: params.logs };
    return jobs.submit({
      id,
      face: EKS,
      task: isAwaited ? request.task : null,
      uniqueName: `${EKS}/${params.clusterName}/${params.namespace}/${name}`,
      checkpoint: entryKey(request),
      ...(isAwaited && { signal: request.signal }),
      details: { ...details } as unknown as JsonObject,
      spec,
    });
  };
  return {
    perform: async (request) => {
      const action = parseResource(request.resource)?.action ?? '';
      if (!ACTIONS.has(action))
        return failed('States.Runtime', `The resource '${request.resource}' is not available here.`);
      const isAwaited = action === 'runJob.sync';
      try {
        const job = await run(request, isAwaited);
        if (isAwaited && job.stoppedAt !== null) return await eksOutcome(job, jobs);
        return { kind: isAwaited ? 'submitted' : 'succeeded', output: Value.ofJson(created(job)) };
      } catch (error) {
        if (error instanceof ManifestError) return badManifest(error);
        if (error instanceof ServiceError) return refused(error);
        throw error;
      }
    },
  };
}

/** @throws ServiceError as the API server does: the request says which namespace it is */
function checkNamespace({ metadata }: JsonObject, namespace: string): void {
  const stated = isObject(metadata) ? metadata['namespace'] : undefined;
  if (stated === undefined || stated === namespace) return;
  throw new ServiceError(
    'BadRequest',
    `the namespace of the provided object does not match the namespace sent on the request: metadata.namespace is ${JSON.stringify(stated)}, Namespace is "${namespace}"`,
  );
}

/** What the end of a job means to the task that waits for it. */
export async function eksOutcome(job: Job, jobs: Jobs): Promise<Exclude<TaskOutcome, { kind: 'submitted' }>> {
  const description = await describeEnd(job, jobs);
  if (job.status === 'SUCCEEDED') return { kind: 'succeeded', output: Value.ofJson(description) };
  return { kind: 'failed', error: 'States.TaskFailed', cause: JSON.stringify(description) };
}

interface RunJobParams {
  readonly clusterName: string;
  readonly namespace: string;
  readonly manifest: Json | undefined;
  readonly logs: LogOptions | null;
}

function readParams(json: Json): RunJobParams {
  const params = objectAt(json, 'Parameters', [
    'CertificateAuthority',
    'ClusterName',
    'Endpoint',
    'Job',
    'LogOptions',
    'Namespace',
  ]);
  const { ClusterName, Namespace = 'default' } = params;
  // Step Functions itself looks at these, before it asks the cluster.
  for (const [field, value] of Object.entries({ ClusterName, Namespace })) {
    if (value === undefined) throw new ManifestError('unavailable', `The field '${field}' is required but was missing`);
    if (typeof value !== 'string') throw new ManifestError('unavailable', `The field '${field}' must be a string.`);
  }
  return {
    clusterName: textAt(ClusterName, 'ClusterName'),
    namespace: textAt(Namespace, 'Namespace'),
    manifest: params['Job'],
    logs: logOptions(params['LogOptions']),
  };
}

function logOptions(json: Json | undefined): LogOptions | null {
  const options = objectAt(json ?? {}, 'LogOptions', ['LogParameters', 'RawLogs', 'RetrieveLogs']);
  for (const field of ['RawLogs', 'RetrieveLogs'])
    if (typeof (options[field] ?? false) !== 'boolean')
      throw new ManifestError(
        'unavailable',
        `The field LogOptions.${field} must be true or false, not ${JSON.stringify(options[field])}.`,
      );
  if (options['RetrieveLogs'] !== true) return null;
  const parameters = objectAt(options['LogParameters'] ?? {}, 'LogOptions.LogParameters', ['tailLines']);
  const [tail] = textsAt(parameters['tailLines'], 'LogOptions.LogParameters.tailLines');
  return {
    raw: options['RawLogs'] === true,
    tailLines: tail === undefined ? null : countAt(Number(tail), 'LogOptions.LogParameters.tailLines', null),
  };
}

/** The API server's answer. */
function created(job: Job): JsonObject {
  return {
    ResponseBody: describeJob(job),
    ResponseHeaders: {
      'Audit-Id': [randomUUID()],
      'Cache-Control': ['no-cache, private'],
      'Content-Type': ['application/json'],
      Date: [new Date(job.createdAt).toUTCString()],
    },
    StatusCode: 201,
    StatusText: 'Created',
  };
}

function badManifest({ kind, message }: ManifestError): TaskOutcome {
  if (kind === 'unavailable') return { kind: 'failed', error: 'States.Runtime', cause: message, rejected: true };
  return failed('EKS.422', status(422, 'Invalid', message));
}

function refused({ code: name, message, status: code }: ServiceError): TaskOutcome {
  if (name === 'BadRequest') return failed('EKS.400', status(400, 'BadRequest', message));
  if (code === 409) return failed('EKS.409', status(409, 'AlreadyExists', `jobs.batch ${message}`));
  return failed('EKS.422', status(422, 'Invalid', message));
}

/** An error as the Kubernetes API tells it. */
function status(code: number, reason: string, message: string): string {
  return JSON.stringify({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    details: { group: 'batch', kind: 'jobs' },
    code,
  });
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
