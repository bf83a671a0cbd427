/** The jobs of a project: its settings as the runner and its faces take them. */
import { mkdirSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Job } from '../ports/jobs.ts';
import type { TaskOutcome } from '../ports/services.ts';
import type { JobDefinition } from '../services/batch/job-definitions.ts';
import { batchOutcome, type BatchServiceParams } from '../services/batch/service.ts';
import { EKS, eksOutcome, type EksServiceParams } from '../services/eks/service.ts';
import type { Capacity } from '../services/jobs/admission.ts';
import { findProgram } from '../services/jobs/containers.ts';
import { type LocalJobs, type LocalJobsParams, openLocalJobs } from '../services/jobs/jobs.ts';
import { volumeFolder } from '../services/jobs/launch.ts';
import type { JobDefinitionSettings, ProjectDefinition } from './define-project.ts';
import { inside } from './inside.ts';

export interface ProjectJobsParams extends Pick<
  LocalJobsParams,
  'clock' | 'logger' | 'tell' | 'awaited' | 'onFatal' | 'endpoint' | 'region' | 'keyOf' | 'logs'
> {
  readonly definition: ProjectDefinition;
  readonly account: string;
  /** Of the project file. */
  readonly directory: string;
  readonly dataDirectory: string;
  /** By the name of a job definition. */
  readonly roleOf: (jobDefinition: string) => string;
}

export interface ProjectJobs {
  readonly local: LocalJobs;
  readonly batch: BatchServiceParams;
  readonly eks: EksServiceParams;
  /** What the end of a job means to the task that waits for it. */
  outcomeOf(job: Job): Promise<Exclude<TaskOutcome, { kind: 'submitted' }>>;
}

export function openJobs({
  definition,
  directory,
  dataDirectory,
  account,
  roleOf,
  ...rest
}: ProjectJobsParams): ProjectJobs {
  const { images = {}, volumes = {}, containers } = definition;
  const program = (part: string): string => (/^\.\.?\//.test(part) ? inside(directory, part) : part);
  const wanted = containers === undefined ? ['docker', 'podman'] : containers === 'none' ? [] : [containers];
  const containerEngine = findProgram(wanted);
  for (const name of Object.keys(volumes))
    mkdirSync(volumeFolder({ directory: dataDirectory }, name), { recursive: true, mode: 0o700 });
  const environments = environmentsOf(definition);
  const local = openLocalJobs({
    ...rest,
    directory: dataDirectory,
    environments,
    programs: each(images, (_, { command }) => command.map(program)),
    volumes: Object.keys(volumes),
    ...(containerEngine !== undefined && { containerEngine }),
  });
  const place = { region: rest.region, account };
  return {
    local,
    batch: {
      ...place,
      jobs: local,
      jobDefinitions: Object.entries(definition.jobDefinitions ?? {}).map(([key, settings]) => ({
        ...jobDefinition(key, settings, program),
        role: roleOf(key),
      })),
      jobQueues: Object.entries(definition.jobQueues ?? {}).map(([name, settings]) => ({
        name,
        computeEnvironment: settings.computeEnvironment ?? 'default',
        priority: settings.priority ?? 1,
      })),
    },
    eks: {
      jobs: local,
      environmentOf: (cluster) => (Object.hasOwn(environments, cluster) ? cluster : 'default'),
    },
    outcomeOf: async (job) => (job.face === EKS ? await eksOutcome(job, local) : batchOutcome(job, place)),
  };
}

function environmentsOf({ computeEnvironments = {} }: ProjectDefinition): Record<string, Capacity> {
  const whole = { vcpus: availableParallelism(), memory: Math.floor(totalmem() / 2 ** 20) };
  return each({ default: whole, ...computeEnvironments }, (_, { vcpus, memory }) => ({
    milliCpus: Math.round(vcpus * 1000),
    memory,
  }));
}

function jobDefinition(key: string, settings: JobDefinitionSettings, program: (part: string) => string): JobDefinition {
  const [name = '', revision = '1'] = key.split(':');
  const { image, command = [] } = settings;
  return {
    name,
    revision: Number(revision),
    image: image ?? null,
    // Without an image the command is the project's own program.
    command: image === undefined ? command.map(program) : command,
    parameters: settings.parameters ?? {},
    environment: settings.environment ?? {},
    secrets: settings.secrets ?? {},
    mounts: Object.entries(settings.mounts ?? {}).map(([path, volume]) => ({ path, volume, readOnly: false })),
    vcpus: settings.vcpus ?? 1,
    memory: settings.memory ?? 2048,
    attempts: settings.attempts ?? 1,
    exitRules: (settings.evaluateOnExit ?? []).map((rule) => ({
      exitCode: rule.onExitCode ?? null,
      reason: rule.onReason ?? null,
      statusReason: rule.onStatusReason ?? null,
      action: rule.action,
    })),
    timeoutSeconds: settings.timeoutSeconds ?? null,
  };
}

function each<T, R>(record: Readonly<Record<string, T>>, make: (name: string, value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, make(name, value)]));
}
