/** What stands at a path of an item, and what of an item a projection keeps. */
import type { AttributeValue, Item } from '../../../ports/tables.ts';
import type { Path } from './syntax.ts';

/** Undefined when there is nothing. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item };
  for (const step of path) value = value && inside(value, step);
  return value;
}

function inside(value: AttributeValue, step: string | number): AttributeValue | undefined {
  if (typeof step === 'number') return 'L' in value ? value.L[step] : undefined;
  return 'M' in value && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
}

/** Only what stands at the paths, in the shape that it has in the item; elements of a list move together. */
export function project(item: Item, paths: readonly Path[]): Item {
  const root: Chosen = new Map();
  for (const path of paths) {
    const value = valueAt(item, path);
    if (value) choose(root, path, value);
  }
  return mapOf(root);
}

/** By name or position: a value as it is, or what is chosen inside of it. */
type Chosen = Map<string | number, AttributeValue | Chosen>;

function choose(root: Chosen, path: Path, value: AttributeValue): void {
  let at = root;
  for (const step of path.slice(0, -1)) {
    const inner = at.get(step);
    const next = inner instanceof Map ? inner : (new Map() as Chosen);
    at.set(step, next);
    at = next;
  }
  at.set(path.at(-1) as string | number, value);
}

function mapOf(chosen: Chosen): Item {
  return Object.fromEntries([...chosen].map(([name, value]) => [String(name), valueOf(value)]));
}

function valueOf(chosen: AttributeValue | Chosen): AttributeValue {
  if (!(chosen instanceof Map)) return chosen;
  const steps = [...chosen.keys()];
  if (typeof steps[0] !== 'number') return { M: mapOf(chosen) };
  const sorted = (steps as number[]).sort((a, b) => a - b);
  return { L: sorted.map((step) => valueOf(chosen.get(step) as AttributeValue | Chosen)) };
}
