/** What a project offers, and where: for people, scripts and `fanfold outputs`. */

import { join } from 'node:path';
import { ACCOUNT, defaultRegion, functionArn, stateMachineArn } from './arn.ts';
import type { ProjectDefinition } from './define-project.ts';
import type { LoadedProject } from './load-project.ts';

export interface Outputs {
  readonly endpoint: string;
  readonly stateMachines: Readonly<Record<string, string>>;
  readonly functions: Readonly<Record<string, string>>;
  readonly buckets: readonly string[];
  readonly tables: readonly string[];
  /** The URL of each queue. */
  readonly queues: Readonly<Record<string, string>>;
  /** The ARN of each topic. */
  readonly topics: Readonly<Record<string, string>>;
  /** The base address of each API. */
  readonly apis: Readonly<Record<string, string>>;
  /** A file dropped into `<inbox>/<bucket>/` is an upload while `fanfold dev` runs. */
  readonly inbox: string;
  /** The folders of the inbox whose files start something; of a bucket that no trigger looks at, its own. */
  readonly drops: readonly string[];
  /** Where mails are kept as files when no SMTP server is set. */
  readonly outbox: string;
}

/** The address that links are given away with: that of `fanfold dev`. */
export function publicUrl({ port = 7070 }: ProjectDefinition): string {
  return `http://127.0.0.1:${port}`;
}

/**
 * @param endpoint of the server that serves the project
 * @param base the folder of inbox and outbox; the project's, or the data directory where one was named
 */
export function projectOutputs(
  { definition, directory }: LoadedProject,
  endpoint: string,
  base: string = directory,
): Outputs {
  const each = <T>(
    record: Readonly<Record<string, T>> | undefined,
    make: (name: string, value: T) => string,
  ): Record<string, string> =>
    Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [name, make(name, value)]));
  return {
    endpoint,
    stateMachines: each(definition.stateMachines, stateMachineArn),
    functions: each(definition.functions, functionArn),
    buckets: Object.keys(definition.buckets ?? {}),
    tables: Object.keys(definition.tables ?? {}),
    queues: each(definition.queues, (name) => `${endpoint}/${ACCOUNT}/${name}`),
    topics: each(definition.topics, (name) => `arn:aws:sns:${defaultRegion()}:${ACCOUNT}:${name}`),
    apis: each(definition.apis, (name, { stage }) => `${endpoint}/_api/${name}/${stage}`),
    inbox: join(base, 'inbox'),
    drops: dropFolders(definition).map((folder) => join(base, 'inbox', folder)),
    outbox: join(base, 'outbox'),
  };
}

function dropFolders({ buckets = {}, triggers = [] }: ProjectDefinition): readonly string[] {
  const folders = Object.keys(buckets).flatMap((bucket) => {
    const own = triggers.filter((trigger) => trigger.bucket === bucket);
    return own.length === 0 ? [bucket] : own.map(({ prefix = '' }) => bucket + folderOf(prefix));
  });
  return [...new Set(folders)];
}

/** Of a prefix that is one for folders, too; else all of the bucket. */
function folderOf(prefix: string): string {
  const names = prefix.split('/').slice(0, -1);
  return names.every((name) => /^[^.\\\0][^\\\0]*$/.test(name)) ? names.map((name) => `/${name}`).join('') : '';
}
