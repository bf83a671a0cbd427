/** Job definitions and job queues of a project, looked up by the names that definitions written for AWS have for them. */
import type { ExitRule, JobMount } from '../../ports/jobs.ts';
import { ServiceError } from '../../ports/service-error.ts';

export interface JobDefinition {
  readonly name: string;
  readonly revision: number;
  readonly image: string | null;
  readonly command: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly mounts: readonly JobMount[];
  readonly vcpus: number;
  /** MiB */
  readonly memory: number;
  readonly attempts: number;
  readonly exitRules: readonly ExitRule[];
  readonly timeoutSeconds: number | null;
  /** As whom its jobs call others. @defaultValue that of jobs without a definition */
  readonly role?: string;
}

export interface JobQueue {
  readonly name: string;
  readonly computeEnvironment: string;
  readonly priority: number;
}

/**
 * @param wanted a name, `name:revision`, or the ARN of either, of any partition, region and account; the latest revision
 * where it names none
 * @throws ServiceError ClientException
 */
export function findJobDefinition(wanted: string, definitions: readonly JobDefinition[]): JobDefinition {
  const [name, revision] = nameOf(wanted).split(':');
  const named = definitions.filter((each) => each.name === name);
  const found =
    revision === undefined
      ? named.toSorted((a, b) => b.revision - a.revision)[0]
      : named.find((each) => String(each.revision) === revision);
  if (found) return found;
  throw new ServiceError(
    'ClientException',
    `JobDefinition ${wanted} does not exist or is not in ACTIVE status. Add it to jobDefinitions in the project file.`,
  );
}

/** @param wanted its name or ARN @throws ServiceError ClientException */
export function findJobQueue(wanted: string, queues: readonly JobQueue[]): JobQueue {
  const name = nameOf(wanted);
  const found = queues.find((queue) => queue.name === name);
  if (found) return found;
  throw new ServiceError('ClientException', `JobQueue ${wanted} not found. Add it to jobQueues in the project file.`);
}

/** Of an ARN what follows `job-definition/` or `job-queue/`. */
function nameOf(wanted: string): string {
  return wanted.startsWith('arn:') ? wanted.slice(wanted.lastIndexOf('/') + 1) : wanted;
}

/**
 * Puts parameters in the places of `Ref::name`, in one pass: what a value brings along stays as it is, and so does a name
 * that is no parameter.
 */
export function fillReferences(
  command: readonly string[],
  parameters: Readonly<Record<string, string>>,
): readonly string[] {
  const names = Object.keys(parameters).sort((a, b) => b.length - a.length);
  if (names.length === 0) return command;
  const escaped = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  const pattern = new RegExp(`Ref::(${escaped.join('|')})`, 'g');
  return command.map((argument) => argument.replaceAll(pattern, (_, name: string) => parameters[name] ?? ''));
}
