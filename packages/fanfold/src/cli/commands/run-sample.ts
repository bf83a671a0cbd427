/** `fanfold run <batch> <file> --sample N`: what would come of the first records; nothing is kept. */
import { createReadStream, statSync } from 'node:fs';
import { createApp } from '../../app/load-app.ts';
import type { LoadedProject } from '../../app/load-project.ts';
import { type Preview, previewFile } from '../../app/preview-batch.ts';
import type { SinkSettings } from '../../batch/settings.ts';
import type { ByteSource } from '../../records/index.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { dataDirectory, type GlobalOptions } from '../project-access.ts';
import { createTextLogger } from '../text-logger.ts';

export interface SampleParams extends GlobalOptions {
  readonly project: LoadedProject;
  readonly machine: string;
  readonly file: string;
  readonly sample: number;
  readonly json?: boolean;
}

export async function runSample({ project, machine, file, sample, json, ...options }: SampleParams): Promise<number> {
  const batch = project.batches?.get(machine);
  if (!batch) throw new UsageError(`${machine} is no batch, and only of a batch a sample can be run.`);
  const app = await createApp({
    project,
    logger: createTextLogger({ quiet: true }),
    still: true,
    ...dataDirectory(options),
  });
  try {
    const { objects, tables } = app;
    const found = await previewFile(file, { batch, file: fileSource(file), records: sample, objects, tables });
    process.stdout.write(json ? `${JSON.stringify(found)}\n` : text(found));
    return ExitCode.ok;
  } finally {
    await app.close();
  }
}

function fileSource(path: string): ByteSource {
  return {
    size: statSync(path).size,
    read: async function* (start, end) {
      if (end > start) yield* createReadStream(path, { start, end: end - 1 });
    },
  };
}

function text({ counts, outputs, rejects }: Preview): string {
  const { read, written, filtered, rejected, emitted } = counts;
  const parts = outputs.map(({ sink, text }) => section(sinkName(sink), text));
  if (rejects !== '') parts.push(section('rejects', rejects));
  const account = `${read} read = ${written} written + ${filtered} filtered + ${rejected} rejected; ${emitted} ${emitted === 1 ? 'output' : 'outputs'}; nothing was published\n`;
  return parts.join('') + account;
}

function sinkName(sink: SinkSettings): string {
  if (sink.kind === 'table') return `table ${sink.table}`;
  return sink.kind === 'http' ? sink.url : sink.object;
}

function section(title: string, text: string): string {
  const ended = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return `--- ${title}\n${ended.replaceAll('\r\n', '\n')}\n`;
}
