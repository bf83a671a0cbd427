/** The command line of a container engine, `docker` or `podman`, which take the same words. Each argument is passed as it is. */
import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { JobSpec } from '../../ports/jobs.ts';

const run = promisify(execFile);

/** What the command itself needs to reach its engine. */
const OWN_VARIABLES = [
  'PATH',
  'HOME',
  'DOCKER_HOST',
  'DOCKER_CONFIG',
  'DOCKER_CONTEXT',
  'CONTAINER_HOST',
  'XDG_RUNTIME_DIR',
];

/** Where the folders of an attempt are seen in its container. */
export const CONTAINER_CHECKPOINT = '/fanfold/checkpoint';

export interface ContainerParams {
  /** The program: a path. */
  readonly engine: string;
  readonly name: string;
  readonly spec: JobSpec;
  readonly image: string;
  readonly binds: readonly { readonly folder: string; readonly path: string; readonly readOnly: boolean }[];
  readonly environment: Readonly<Record<string, string>>;
}

/** The first of these on PATH, as a path. */
export function findProgram(names: readonly string[], path: string = process.env['PATH'] ?? ''): string | undefined {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      const file = join(folder, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here.
      }
    }
  }
  return undefined;
}

/** An image's name as registries know it: never an option, never more than one word. */
export function isImageName(image: string): boolean {
  return image.length <= 512 && /^[A-Za-z0-9][A-Za-z0-9._/:@-]*$/.test(image);
}

/** The values of the environment do not stand on the command line, where everybody could read them. */
export function containerCommand({ engine, name, spec, image, binds, environment }: ContainerParams): {
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
} {
  const own = Object.fromEntries(OWN_VARIABLES.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])));
  const isOwn = (key: string): boolean => Object.hasOwn(own, key);
  const program = spec.start === 'argv' ? spec.argv[0] : undefined;
  const args = program === undefined ? spec.argv : spec.argv.slice(1);
  const argv = [
    engine,
    'run',
    '--name',
    name,
    '--network',
    'host',
    '--cpus',
    String(spec.milliCpus / 1000),
    '--memory',
    `${spec.memory}m`,
    '--pids-limit',
    '4096',
    ...binds.flatMap(({ folder, path, readOnly }) => [
      '--mount',
      ['type=bind', quoted(`source=${folder}`), quoted(`target=${path}`), ...(readOnly ? ['readonly'] : [])].join(','),
    ]),
    ...Object.entries(environment).flatMap(([key, value]) => ['--env', isOwn(key) ? `${key}=${value}` : key]),
    ...(program === undefined ? [] : ['--entrypoint', program]),
    image,
    ...args,
  ];
  return { argv, environment: { ...environment, ...own } };
}

/** A field of a line of comma-separated values. */
function quoted(field: string): string {
  return `"${field.replaceAll('"', '""')}"`;
}

/** Removes a container, running or not. @returns what became of it; `absent` where there is none, nor ever was, perhaps */
export async function removeContainer(engine: string, name: string): Promise<'ended' | 'outOfMemory' | 'absent'> {
  const told = await run(engine, ['inspect', '--format', '{{.State.OOMKilled}}', name]).catch(() => undefined);
  await run(engine, ['rm', '--force', name]).catch(() => {});
  if (!told) return 'absent';
  return told.stdout.trim() === 'true' ? 'outOfMemory' : 'ended';
}

/** Lets a container end by itself first. */
export async function stopContainer(engine: string, name: string, graceMs: number): Promise<void> {
  await run(engine, ['stop', '--time', String(Math.ceil(graceMs / 1000)), name]).catch(() => {});
}
