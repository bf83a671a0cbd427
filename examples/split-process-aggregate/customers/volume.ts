/** Where things are on the volume that the jobs share. */
import { basename, join } from 'node:path';
import { numberedName } from 'fanfold/records';

/** The input, by the original's fixed names. */
export const INPUT = { Bucket: 'spring-batch-test-bucket', Key: 'customers.csv' } as const;
export const COLUMNS = ['id', 'name', 'age'] as const;

export interface Customer {
  readonly id: number;
  readonly name: string;
  readonly age: number;
}

export interface Volume {
  readonly input: string;
  /** Where the pieces are. */
  readonly out: string;
  piece(index: number): string;
  readonly jsons: string;
  /** Of a piece, by its file's name. */
  json(name: string): string;
  readonly processed: string;
}

/** @param root defaults to where the job's environment says */
export function volume(root: string = rootOf(process.env)): Volume {
  const out = join(root, 'out');
  const jsons = join(out, 'jsons');
  return {
    input: join(root, 'input', INPUT.Key),
    out,
    piece: numberedName(join(out, 'customers')),
    jsons,
    json: (name) => join(jsons, `${basename(name, '.csv')}.json`),
    processed: join(out, 'processed', 'customers.json'),
  };
}

function rootOf({ DATA }: NodeJS.ProcessEnv): string {
  if (!DATA) throw new Error('DATA is not set: it says where the volume is.');
  return DATA;
}

/** By the number in their names: `customers_2` before `customers_10`. */
export function inOrder(names: readonly string[]): string[] {
  return names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
