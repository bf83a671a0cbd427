/** What a ResultWriter writes: files of results and a manifest that lists them, below the prefix and the run's UUID. */
import { isObject, type Json, type JsonObject } from '../../json.ts';
import type { Objects } from '../../ports/objects.ts';
import {
  ResultSinkError,
  type ResultFileStatus,
  type ResultSinkParams,
  type ResultSinks,
} from '../../ports/result-sinks.ts';
import { ServiceError } from '../../ports/service-error.ts';
import { machineNameOf } from '../../state-machine-arn.ts';

export interface ResultSinksParams {
  readonly objects: Pick<Objects, 'put' | 'list'>;
  /** Bytes of one file, as on AWS. @defaultValue 5 GiB */
  readonly largestFile?: number;
}

const LARGEST_FILE = 5 * 1024 ** 3;

export function createResultSinks({ objects, largestFile = LARGEST_FILE }: ResultSinksParams): ResultSinks {
  return {
    check: async ({ parameters }) => {
      const { Bucket: bucket } = readParameters(parameters);
      await objects.list({ bucket, limit: 1 }).catch(refuse);
    },
    write: async (params) => {
      const { bucket, folder } = placeOf(params);
      const machine = machineNameOf(params.mapRunArn);
      const files: Record<ResultFileStatus, JsonObject[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
      try {
        for (const status of ['SUCCEEDED', 'FAILED', 'PENDING'] as const) {
          const texts = params.results[status];
          if (!texts) continue;
          const type = status === 'SUCCEEDED' ? params.outputType : 'JSON';
          const writer = { objects, bucket, type, largestFile, machine };
          files[status] = await writeFiles(writer, `${folder}/${status}`, texts());
        }
        const body = JSON.stringify({ DestinationBucket: bucket, MapRunArn: params.mapRunArn, ResultFiles: files });
        await objects.put({ bucket, key: manifestIn(folder), body, contentType: 'application/json', writer: machine });
      } catch (error) {
        refuse(error);
      }
    },
    location: (params) => {
      const { bucket, folder } = placeOf(params);
      return {
        MapRunArn: params.mapRunArn,
        ResultWriterDetails: { Bucket: bucket, Key: manifestIn(folder) },
      };
    },
  };
}

/** @throws ResultSinkError */
function placeOf({ parameters, mapRunArn }: Pick<ResultSinkParams, 'parameters' | 'mapRunArn'>): {
  readonly bucket: string;
  readonly folder: string;
} {
  const { Bucket: bucket, Prefix = '' } = readParameters(parameters);
  const uuid = mapRunArn.slice(mapRunArn.lastIndexOf(':') + 1);
  return { bucket, folder: Prefix === '' ? uuid : `${Prefix.replace(/\/+$/, '')}/${uuid}` };
}

function manifestIn(folder: string): string {
  return `${folder}/manifest.json`;
}

interface Writer {
  readonly objects: Pick<Objects, 'put'>;
  readonly bucket: string;
  readonly type: ResultSinkParams['outputType'];
  readonly largestFile: number;
  readonly machine: string;
}

/** @returns the files as the manifest lists them */
async function writeFiles(
  { objects, bucket, type, largestFile, machine }: Writer,
  name: string,
  batches: AsyncIterable<readonly string[]>,
): Promise<JsonObject[]> {
  const texts = one(batches);
  const files: JsonObject[] = [];
  const { open, between, close, suffix, contentType } = FORMATS[type];
  let next = await texts.next();
  while (!next.done) {
    async function* body(): AsyncGenerator<Uint8Array> {
      let size = 0;
      let chunk = open;
      while (!next.done && (size === 0 || size < largestFile)) {
        chunk += size === 0 ? next.value : between + next.value;
        size += next.value.length + between.length;
        next = await texts.next();
        if (chunk.length < CHUNK) continue;
        yield Buffer.from(chunk);
        chunk = '';
      }
      yield Buffer.from(chunk + close);
    }
    const key = `${name}_${files.length}.${suffix}`;
    const { size } = await objects.put({ bucket, key, body: body(), contentType, writer: machine });
    files.push({ Key: key, Size: size });
  }
  return files;
}

const CHUNK = 65_536;

const FORMATS = {
  JSON: { open: '[', between: ',', close: ']', suffix: 'json', contentType: 'application/json' },
  JSONL: { open: '', between: '\n', close: '\n', suffix: 'jsonl', contentType: 'application/jsonl' },
} as const;

async function* one(batches: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const batch of batches) yield* batch;
}

function refuse(error: unknown): never {
  if (error instanceof ServiceError) throw new ResultSinkError(error.message);
  throw error;
}

/** @throws ResultSinkError */
function readParameters(parameters: Json): { readonly Bucket: string; readonly Prefix?: string } {
  const given = isObject(parameters) ? parameters : {};
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'Bucket' && name !== 'Prefix')
      throw new ResultSinkError(`The parameter '${name}' of s3:putObject is not supported here. Use Bucket, Prefix.`);
    if (typeof value !== 'string')
      throw new ResultSinkError(`The parameter '${name}' of s3:putObject must be a text, not ${JSON.stringify(value)}`);
  }
  if (given.Bucket === undefined) throw new ResultSinkError("The parameter 'Bucket' of s3:putObject is missing");
  return given as { Bucket: string; Prefix?: string };
}
