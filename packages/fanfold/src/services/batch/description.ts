/** A job as Step Functions shows what AWS Batch's DescribeJobs answers. */
import type { JsonObject } from '../../json.ts';
import type { ExitRule, Job, JobAttempt } from '../../ports/jobs.ts';

/** What is kept with a job that is not in its specification. */
export interface BatchDetails {
  readonly queueArn: string;
  readonly definitionArn: string;
  readonly definitionName: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Place {
  readonly region: string;
  readonly account: string;
}

export function jobArn(id: string, { region, account }: Place): string {
  return `arn:aws:batch:${region}:${account}:job/${id}`;
}

/** Names in the order in which AWS gives them. */
export function describeJob(job: Job, place: Place): JsonObject {
  const { spec, attempts, statusReason, startedAt, stoppedAt } = job;
  const details = job.details as unknown as BatchDetails;
  const last = attempts.at(-1);
  const ran = last && ranIn(job, last, place);
  return {
    Attempts: attempts.map((attempt) => ({
      Container: { ...ranIn(job, attempt, place), NetworkInterfaces: [] },
      StartedAt: attempt.startedAt,
      StatusReason: attempt.statusReason,
      StoppedAt: attempt.stoppedAt,
    })),
    Container: {
      Command: [...spec.argv],
      Environment: Object.entries(spec.environment)
        .filter(([name]) => !name.startsWith('AWS_BATCH_'))
        .map(([Name, Value]) => ({ Name, Value })),
      ...ran,
      ...(spec.image !== null && { Image: spec.image }),
      MountPoints: spec.mounts.map(({ path, readOnly, volume }) => ({
        ContainerPath: path,
        ReadOnly: readOnly,
        SourceVolume: volume ?? '',
      })),
      NetworkInterfaces: [],
      ResourceRequirements: [
        { Type: 'VCPU', Value: String(spec.milliCpus / 1000) },
        { Type: 'MEMORY', Value: String(spec.memory) },
      ],
      Secrets: Object.entries(spec.secrets).map(([Name, ValueFrom]) => ({ Name, ValueFrom })),
      Ulimits: [],
      Volumes: spec.mounts.map(({ volume }) => ({ Name: volume ?? '' })),
    },
    CreatedAt: job.createdAt,
    DependsOn: [],
    JobArn: jobArn(job.id, place),
    JobDefinition: details.definitionArn,
    JobId: job.id,
    JobName: spec.name,
    JobQueue: details.queueArn,
    Parameters: { ...details.parameters },
    RetryStrategy: { Attempts: spec.attempts, EvaluateOnExit: spec.exitRules.map(describeRule) },
    ...(startedAt !== null && { StartedAt: startedAt }),
    Status: job.status,
    ...(statusReason !== null && { StatusReason: statusReason }),
    ...(stoppedAt !== null && { StoppedAt: stoppedAt }),
    Tags: { ...details.tags },
    ...(spec.attemptSeconds !== null && { Timeout: { AttemptDurationSeconds: spec.attemptSeconds } }),
  };
}

function describeRule({ action, exitCode, reason, statusReason }: ExitRule): JsonObject {
  return {
    Action: action,
    ...(exitCode !== null && { OnExitCode: exitCode }),
    ...(reason !== null && { OnReason: reason }),
    ...(statusReason !== null && { OnStatusReason: statusReason }),
  };
}

function ranIn({ id, details }: Job, { exitCode, reason, run }: JobAttempt, { region, account }: Place): JsonObject {
  const { definitionName } = details as unknown as BatchDetails;
  return {
    ...(exitCode !== undefined && { ExitCode: exitCode }),
    LogStreamName: `${definitionName}/default/${id}-${run}`,
    ...(reason !== undefined && { Reason: reason }),
    TaskArn: `arn:aws:ecs:${region}:${account}:task/${id}-${run}`,
  };
}
