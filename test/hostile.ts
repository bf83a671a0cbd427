/** The corpus of bad and hostile input, where it is at hand: it is no part of this repository. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Beside the folder of recorded cases that FANFOLD_CASES names, or `shared/hostile` beside the checkout. */
export const HOSTILE_FOLDER: string = join(
  process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../shared/conformance'),
  '../hostile',
);

export interface HostileItem {
  readonly id: string;
  readonly area: string;
  /** Of a file below the folder; without it the item is a recipe, which its name stands for. */
  readonly path?: string;
}

/** Those of an area, with what else the manifest says of them; none when the corpus is not there. */
export function hostileItems<T extends object = object>(
  area: string,
): readonly (HostileItem & T & { readonly name: string })[] {
  const manifest = join(HOSTILE_FOLDER, 'manifest.json');
  if (!existsSync(manifest)) return [];
  return (JSON.parse(readFileSync(manifest, 'utf8')) as readonly (HostileItem & T)[])
    .filter((item) => item.area === area)
    .map((item) => ({ ...item, name: item.id.slice(area.length + 1) }));
}
