/** What is wrong with the jobs of a project file beyond the shape of its settings. */
import { isImageName } from '../services/jobs/containers.ts';
import type { ProjectDefinition } from './define-project.ts';

export function* findBrokenJobs(project: ProjectDefinition): Generator<string> {
  const { jobDefinitions = {}, jobQueues = {}, computeEnvironments = {}, images = {}, volumes = {} } = project;
  const revisions = new Set<string>();
  for (const [key, settings] of Object.entries(jobDefinitions)) {
    const at = `jobDefinitions["${key}"]`;
    const match = /^([A-Za-z0-9_-]{1,128})(?::([1-9]\d*))?$/.exec(key);
    if (!match) yield `${at}: a name is letters, digits, - and _, and after a colon may come a revision`;
    const revision = `${match?.[1]}:${match?.[2] ?? 1}`;
    if (revisions.has(revision)) yield `${at}: the revision ${revision} is there twice`;
    revisions.add(revision);
    yield* findBrokenMounts(at, settings.mounts, volumes);
    const { vcpus = 1, memory = 1, attempts = 1, timeoutSeconds = 1 } = settings;
    if (!(vcpus > 0)) yield `${at}.vcpus: a number above 0 is needed, not ${vcpus}`;
    if (!isWhole(memory)) yield `${at}.memory: a whole number of MiB from 1 is needed, not ${memory}`;
    if (!isWhole(attempts) || attempts > 10)
      yield `${at}.attempts: a whole number from 1 to 10 is needed, not ${attempts}`;
    if (!isWhole(timeoutSeconds)) yield `${at}.timeoutSeconds: a whole number from 1 is needed, not ${timeoutSeconds}`;
    const rules = settings.evaluateOnExit?.length ?? 0;
    if (rules > 5) yield `${at}.evaluateOnExit: 5 rules at most, as on AWS, not ${rules}`;
    if (settings.image !== undefined && !isImageName(settings.image))
      yield `${at}.image: '${settings.image}' is not the name of an image`;
    if (settings.image === undefined && (settings.command ?? []).length === 0)
      yield `${at}: an image or a command is needed`;
  }
  for (const [name, { computeEnvironment = 'default', priority = 1 }] of Object.entries(jobQueues)) {
    if (!/^[A-Za-z0-9_-]{1,128}$/.test(name)) yield `jobQueues["${name}"]: a name is letters, digits, - and _`;
    if (!(Number.isInteger(priority) && priority >= 0))
      yield `jobQueues["${name}"].priority: a whole number from 0 is needed, not ${priority}`;
    if (computeEnvironment !== 'default' && !Object.hasOwn(computeEnvironments, computeEnvironment))
      yield `jobQueues.${name}.computeEnvironment: there is no compute environment ${computeEnvironment}`;
  }
  for (const [name, { vcpus, memory }] of Object.entries(computeEnvironments)) {
    if (!(vcpus > 0 && memory >= 1))
      yield `computeEnvironments.${name}: vcpus above 0 and memory from 1 MiB are needed`;
  }
  for (const [name, { command }] of Object.entries(images))
    if (command.some((part) => part.includes('\0'))) yield `images["${name}"].command: it must not contain U+0000`;
  for (const name of Object.keys(volumes)) {
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(name))
      yield `volumes["${name}"]: a name is letters, digits, '.', '_' and '-', a letter or digit first`;
  }
}

function isWhole(number: number): boolean {
  return Number.isInteger(number) && number >= 1;
}

/** @param at of what mounts them */
export function* findBrokenMounts(
  at: string,
  mounts: Readonly<Record<string, string>> = {},
  volumes: object = {},
): Generator<string> {
  for (const [path, volume] of Object.entries(mounts)) {
    if (!path.startsWith('/') || path === '/') yield `${at}.mounts: "${path}" is not an absolute path below the root`;
    if (!Object.hasOwn(volumes, volume)) yield `${at}.mounts["${path}"]: there is no volume ${volume}`;
  }
}
