/** `batch:submitJob`, which is done when the job is taken, and `.sync`, whose outcome comes with the job's end. */
import { randomUUID } from 'node:crypto';
import { parseResource } from '../../asl/resource.ts';
import { Value } from '../../interpreter/value.ts';
import type { JsonObject } from '../../json.ts';
import type { Job, Jobs } from '../../ports/jobs.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Service, TaskOutcome, TaskRequest } from '../../ports/services.ts';
import { sdkMetadata } from '../sdk-metadata.ts';
import { entryKey, taskKey } from '../task-key.ts';
import { type BatchDetails, describeJob, jobArn, type Place } from './description.ts';
import {
  fillReferences,
  findJobDefinition,
  findJobQueue,
  type JobDefinition,
  type JobQueue,
} from './job-definitions.ts';
import { readSubmitParams, type SubmitJobParams } from './submit-params.ts';

export interface BatchServiceParams extends Place {
  readonly jobs: Jobs;
  readonly jobDefinitions: readonly JobDefinition[];
  readonly jobQueues: readonly JobQueue[];
}

/** By this name the end of a job comes back to {@link batchOutcome}. */
export const BATCH = 'batch';

/** What Step Functions adds to the environment of the jobs that it submits. */
const MANAGED = { MANAGED_BY_AWS: 'STARTED_BY_STEP_FUNCTIONS' };

const ACTIONS: ReadonlySet<string> = new Set(['submitJob', 'submitJob.sync']);

export function createBatchService(params: BatchServiceParams): Service {
  const submit = (request: TaskRequest, submitted: SubmitJobParams, isAwaited: boolean): Promise<Job> => {
    const { region, account } = params;
    checkName(submitted.jobName);
    const definition = findJobDefinition(submitted.jobDefinition, params.jobDefinitions);
    const queue = findJobQueue(submitted.jobQueue, params.jobQueues);
    const id = taskKey(request);
    const parameters = { ...definition.parameters, ...submitted.parameters };
    const arn = (name: string): string => `arn:aws:batch:${region}:${account}:${name}`;
    const details: BatchDetails = {
      queueArn: arn(`job-queue/${queue.name}`),
      definitionArn: arn(`job-definition/${definition.name}:${definition.revision}`),
      definitionName: definition.name,
      parameters,
      tags: submitted.tags,
    };
    return params.jobs.submit({
      id,
      face: BATCH,
      task: isAwaited ? request.task : null,
      checkpoint: entryKey(request),
      ...(isAwaited && { signal: request.signal }),
      details: { ...details } as unknown as JsonObject,
      spec: {
        name: submitted.jobName,
        environmentName: queue.computeEnvironment,
        priority: queue.priority,
        image: definition.image,
        execution: request.task.executionArn,
        ...(definition.role !== undefined && { role: definition.role }),
        argv: fillReferences(submitted.command ?? definition.command, parameters),
        start: 'image',
        environment: {
          ...definition.environment,
          ...submitted.environment,
          ...MANAGED,
          AWS_BATCH_JOB_ID: id,
          AWS_BATCH_JQ_NAME: queue.name,
          AWS_BATCH_CE_NAME: queue.computeEnvironment,
        },
        secrets: definition.secrets,
        attemptVariable: 'AWS_BATCH_JOB_ATTEMPT',
        mounts: definition.mounts,
        milliCpus: Math.round((submitted.vcpus ?? definition.vcpus) * 1000),
        memory: submitted.memory ?? definition.memory,
        attempts: submitted.attempts ?? definition.attempts,
        exitRules: submitted.exitRules ?? definition.exitRules,
        attemptSeconds: submitted.timeoutSeconds ?? definition.timeoutSeconds,
        deadlineSeconds: null,
        backoffSeconds: null,
        keepSeconds: null,
      },
    });
  };
  return {
    perform: async (request) => {
      const action = parseResource(request.resource)?.action ?? '';
      if (!ACTIONS.has(action))
        return failed('States.Runtime', `The resource '${request.resource}' is not available here.`);
      const read = readSubmitParams(request.parameters.json);
      if (!read.ok) return { kind: 'failed', error: 'States.Runtime', cause: read.error, rejected: true };
      const isAwaited = action === 'submitJob.sync';
      try {
        const job = await submit(request, read.value, isAwaited);
        if (isAwaited && job.stoppedAt !== null) return batchOutcome(job, params);
        return { kind: isAwaited ? 'submitted' : 'succeeded', output: Value.ofJson(submitOutput(job, params)) };
      } catch (error) {
        if (error instanceof ServiceError) return refused(error);
        throw error;
      }
    },
  };
}

/** @throws ServiceError ClientException */
function checkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(name)) return;
  throw new ServiceError(
    'ClientException',
    `Job name should match valid pattern: up to 128 letters, digits, hyphens and underscores, a letter or digit first, not '${name.slice(0, 200)}'.`,
  );
}

/** What the end of a job means to the task that waits for it. */
export function batchOutcome(job: Job, place: Place): Exclude<TaskOutcome, { kind: 'submitted' }> {
  const description = describeJob(job, place);
  if (job.status === 'SUCCEEDED') return { kind: 'succeeded', output: Value.ofJson(description) };
  return { kind: 'failed', error: 'States.TaskFailed', cause: JSON.stringify(description) };
}

function submitOutput({ id, spec, createdAt }: Job, place: Place): JsonObject {
  const members = { JobArn: jobArn(id, place), JobId: id, JobName: spec.name };
  const requestId = randomUUID();
  const headers = {
    'x-amzn-RequestId': requestId,
    connection: 'keep-alive',
    'Content-Length': String(JSON.stringify(members).length),
    Date: new Date(createdAt).toUTCString(),
    'Content-Type': 'application/json',
  };
  return { ...members, ...sdkMetadata(headers, requestId) };
}

function refused({ code, message, status }: ServiceError): TaskOutcome {
  const details = `(Service: AWSBatch; Status Code: ${status}; Error Code: ${code}; Request ID: ${randomUUID()}; Proxy: null)`;
  return failed(
    code === 'ClientException' ? 'Batch.ClientException' : 'Batch.AWSBatchException',
    `${message} ${details}`,
  );
}

function failed(error: string, cause: string): TaskOutcome {
  return { kind: 'failed', error, cause };
}
