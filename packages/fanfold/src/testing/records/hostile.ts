/**
 * The collection of bad and hostile input: read from the folder that FANFOLD_HOSTILE names, or from `shared/hostile`
 * beside the checkout.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface HostileCase {
  readonly id: string;
  readonly area: string;
  /** Absent for a case that is made by a recipe. */
  readonly path?: string;
  readonly expect: {
    readonly verdict: 'accept' | 'reject' | 'either' | 'runtime-error' | 'safe';
    readonly rows?: readonly (readonly string[])[];
    readonly papaparse?: {
      readonly config: { readonly delimiter?: string; readonly header?: boolean; readonly skipEmptyLines?: unknown };
      readonly data: readonly (readonly string[] | Readonly<Record<string, unknown>>)[];
      readonly errors: readonly string[];
    };
  };
}

const FOLDER = process.env.FANFOLD_HOSTILE ?? join(import.meta.dirname, '../../../../../../shared/hostile');
const MANIFEST = join(FOLDER, 'manifest.json');

/** The cases of an area that are files; none, said in one line, where the collection is not there. */
export function hostileCases(area: string): readonly HostileCase[] {
  if (!existsSync(MANIFEST)) {
    console.log(`Left out the hostile ${area} files: ${FOLDER} is not there. FANFOLD_HOSTILE can name the folder.`);
    return [];
  }
  const all = JSON.parse(readFileSync(MANIFEST, 'utf8')) as readonly HostileCase[];
  return all.filter((entry) => entry.area === area && entry.path !== undefined);
}

export function hostileBytes({ path }: HostileCase): Buffer {
  return readFileSync(join(FOLDER, path as string));
}
