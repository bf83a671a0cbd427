/** Programs that are run for a task: one runner under AWS Batch's and Kubernetes' way of asking for them. */
import type { Json } from '../json.ts';
import type { TaskRef } from './services.ts';

/** What to run, whoever asks. */
export interface JobSpec {
  readonly name: string;
  /** The compute environment that admits it. */
  readonly environmentName: string;
  /** Of two waiting jobs the higher one is admitted first. */
  readonly priority: number;
  readonly image: string | null;
  /** The ARN of the execution that has submitted it. */
  readonly execution?: string;
  /** As whom it calls others, where it has a role of its own. */
  readonly role?: string;
  /** Arguments, each passed as it is: no shell reads them. */
  readonly argv: readonly string[];
  /** `argv` follows the image's own command, or stands in its place. */
  readonly start: 'image' | 'argv';
  readonly environment: Readonly<Record<string, string>>;
  /** Name -> the name of the engine's own environment variable that holds the value, which is never stored. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Which variable tells the program the number of its attempt, from 1. */
  readonly attemptVariable: string | null;
  readonly mounts: readonly JobMount[];
  /** CPUs that are set aside for it, in thousandths. */
  readonly milliCpus: number;
  /** MiB. What takes more is ended. */
  readonly memory: number;
  /** The most attempts that may fail. */
  readonly attempts: number;
  /** What decides after a failed attempt, the first that fits. */
  readonly exitRules: readonly ExitRule[];
  /** Of one attempt. A job that ran into it is not tried again. */
  readonly attemptSeconds: number | null;
  /** Of all attempts together. */
  readonly deadlineSeconds: number | null;
  /** The pause after the first failed attempt, which doubles up to `most`. */
  readonly backoffSeconds: { readonly first: number; readonly most: number } | null;
  /** How long the job is kept after its end. Null is the runner's own time. */
  readonly keepSeconds: number | null;
}

export interface JobMount {
  /** A volume of the project; null is a folder of the attempt's own. */
  readonly volume: string | null;
  /** Absolute, as the program knows it. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** Patterns may end in `*`; one that is null fits all. */
export interface ExitRule {
  readonly exitCode: string | null;
  readonly reason: string | null;
  readonly statusReason: string | null;
  readonly action: 'RETRY' | 'EXIT';
}

export interface JobAttempt {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly stoppedAt: number;
  /** Absent when the program could not be started. */
  readonly exitCode?: number;
  /** What happened to the program, where its exit code does not say it. */
  readonly reason?: string;
  readonly statusReason: string;
  /** Names the attempt's log. */
  readonly run: number;
}

export type JobStatus = 'RUNNABLE' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';

export interface Job {
  readonly id: string;
  /** Who has asked, and so knows how to describe it: `batch`, `eks`. */
  readonly face: string;
  /** Who waits for the end. */
  readonly task: TaskRef | null;
  readonly spec: JobSpec;
  /** What the face keeps with it. */
  readonly details: Json;
  readonly status: JobStatus;
  readonly statusReason: string | null;
  readonly createdAt: number;
  /** Of the last attempt. */
  readonly startedAt: number | null;
  readonly stoppedAt: number | null;
  /** Those that have ended by themselves or were ended; one that the engine's own end took away is not among them. */
  readonly attempts: readonly JobAttempt[];
}

export interface SubmitJob extends Pick<Job, 'id' | 'face' | 'task' | 'spec' | 'details'> {
  /** Names that one program only may go by at a time, until it is removed. */
  readonly uniqueName?: string;
  /** Attempts of one piece of work share a checkpoint folder, whichever job makes them. */
  readonly checkpoint: string;
  /** Aborted when nobody waits for the end any more: the job is ended. */
  readonly signal?: AbortSignal;
}

export interface Jobs {
  /**
   * Submitting again under the same id is the same job.
   * @throws ServiceError ClientException when it could never run here, AlreadyExists when its name is taken
   */
  submit(params: SubmitJob): Promise<Job>;
  /** The end of what an attempt wrote, at most so many bytes of it. */
  log(jobId: string, run: number, bytes: number): Promise<string>;
}
