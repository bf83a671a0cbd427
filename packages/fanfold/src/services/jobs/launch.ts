/** What a job's next attempt is started with: its folders, its command, its environment. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { keyBeside, type WorkerKey, type Working } from '../../access/sessions.ts';
import type { JobSpec } from '../../ports/jobs.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { CONTAINER_CHECKPOINT, containerCommand, isImageName } from './containers.ts';
import type { JobRecord } from './job-table.ts';
import { type MountedFolder, rewriteMounts } from './mounts.ts';
import { MARK } from '../processes.ts';
import type { RunParams } from './run.ts';

export interface LaunchSettings {
  /** The data directory. */
  readonly directory: string;
  /** Image -> what runs in its place, without a container. */
  readonly programs: Readonly<Record<string, readonly string[]>>;
  readonly volumes: readonly string[];
  /** `docker` or `podman`, as a path. */
  readonly containerEngine?: string;
  /** The address of this server. */
  readonly endpoint: () => string;
  readonly region: string;
  /** The key for an attempt of a role; undefined is that of jobs which have none of their own. @defaultValue none */
  readonly keyOf?: (role: string | undefined, working: Working) => WorkerKey;
}

/** Folders of the data directory that programs write. */
export const JOB_FOLDERS: readonly string[] = ['jobs', 'checkpoints', 'volumes'];

export function jobFolder({ directory }: Pick<LaunchSettings, 'directory'>, id: string): string {
  return join(directory, 'jobs', id);
}

export function checkpointFolder({ directory }: Pick<LaunchSettings, 'directory'>, checkpoint: string): string {
  return join(directory, 'checkpoints', checkpoint);
}

export function logFile(settings: Pick<LaunchSettings, 'directory'>, id: string, run: number): string {
  return join(jobFolder(settings, id), `${run}.log`);
}

/** Whether the image needs a container, as no program stands for it. */
export function needsContainer({ programs }: Pick<LaunchSettings, 'programs'>, { image }: JobSpec): boolean {
  return image !== null && !Object.hasOwn(programs, image);
}

/** What is wrong before anything is started. @throws ServiceError ClientException */
export function checkLaunch(settings: LaunchSettings, spec: JobSpec): void {
  const refuse = (message: string): never => {
    throw new ServiceError('ClientException', message);
  };
  const texts = [...spec.argv, ...Object.entries(spec.environment).flat()];
  if (texts.some((text) => text.includes('\0')))
    refuse('A command or environment must not contain the character U+0000.');
  for (const name of [...Object.keys(spec.environment), ...Object.keys(spec.secrets)])
    if (name === '' || name.includes('=')) refuse(`'${name}' cannot be the name of an environment variable.`);
  for (const [name, variable] of Object.entries(spec.secrets))
    if (process.env[variable] === undefined)
      refuse(`The secret '${name}' is to come from the environment variable ${variable}, which is not set.`);
  for (const { volume } of spec.mounts)
    if (volume !== null && !settings.volumes.includes(volume))
      refuse(`There is no volume '${volume}'. Add it to volumes in the project file.`);
  if (spec.image !== null && !isImageName(spec.image)) refuse(`'${spec.image}' is not the name of an image.`);
  if (!needsContainer(settings, spec)) {
    if (commandOf(settings, spec).length === 0) refuse('There is no command to run.');
  } else if (settings.containerEngine === undefined)
    refuse(
      `No program stands for the image '${spec.image}'. Name its command in images of the project file; docker or podman, which could run it, are not here.`,
    );
}

export interface Launch {
  readonly params: RunParams;
  readonly container?: string;
}

/** Makes the folders of a run. @param key what it signs its requests with @throws Error when they cannot be made */
export function prepareLaunch(
  settings: LaunchSettings,
  record: JobRecord,
  { run, mark, key }: { readonly run: number; readonly mark: string; readonly key: WorkerKey | undefined },
): Launch {
  const { id, spec, checkpoint } = record;
  const folder = jobFolder(settings, id);
  const work = join(folder, 'work');
  const checkpoints = checkpointFolder(settings, checkpoint);
  rmSync(work, { recursive: true, force: true });
  for (const made of [work, checkpoints]) mkdirSync(made, { recursive: true, mode: 0o700 });
  const mounts = spec.mounts.map((mount, i) => {
    const target = mount.volume === null ? join(work, `.volume-${i}`) : volumeFolder(settings, mount.volume);
    mkdirSync(target, { recursive: true, mode: 0o700 });
    return { ...mount, folder: target };
  });
  const secrets = Object.fromEntries(
    Object.entries(spec.secrets).map(([name, variable]) => [name, process.env[variable] ?? '']),
  );
  const added = {
    AWS_ENDPOINT_URL: settings.endpoint(),
    AWS_REGION: settings.region,
    AWS_DEFAULT_REGION: settings.region,
    ...keyBeside({ ...spec.environment, ...secrets }, key),
  };
  const common = {
    mark,
    logFile: logFile(settings, id, run),
    secrets: [...Object.values(secrets), ...(key?.secrets ?? [])],
    cwd: work,
  };
  const attempt = spec.attemptVariable !== null && { [spec.attemptVariable]: String(record.attempts.length + 1) };
  if (needsContainer(settings, spec)) {
    const { environment, argv } = containerCommand({
      engine: settings.containerEngine ?? '',
      name: mark,
      spec,
      image: spec.image ?? '',
      binds: [...mounts, { folder: checkpoints, path: CONTAINER_CHECKPOINT, readOnly: false }],
      environment: { ...added, ...spec.environment, ...secrets, ...attempt, FANFOLD_CHECKPOINT: CONTAINER_CHECKPOINT },
    });
    return { params: { ...common, argv, environment: { ...environment, [MARK]: mark } }, container: mark };
  }
  const environment = {
    ...machineEnvironment(),
    HOME: work,
    ...added,
    ...rewritten(spec.environment, mounts),
    ...secrets,
    ...attempt,
    FANFOLD_CHECKPOINT: checkpoints,
    [MARK]: mark,
  };
  const argv = commandOf(settings, spec).map((argument) => rewriteMounts(argument, mounts));
  return { params: { ...common, argv, environment } };
}

export function volumeFolder({ directory }: Pick<LaunchSettings, 'directory'>, volume: string): string {
  return join(directory, 'volumes', volume);
}

function commandOf({ programs }: LaunchSettings, { image, argv, start }: JobSpec): readonly string[] {
  const program = image !== null && Object.hasOwn(programs, image) ? programs[image] : undefined;
  return start === 'image' && program ? [...program, ...argv] : argv;
}

/** Never the engine's own environment, which may hold secrets. */
function machineEnvironment(): Record<string, string> {
  const names = process.platform === 'win32' ? ['PATH', 'SystemRoot'] : ['PATH'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function rewritten(environment: JobSpec['environment'], mounts: readonly MountedFolder[]): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, rewriteMounts(value, mounts)]));
}
