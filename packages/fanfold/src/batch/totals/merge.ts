/** Many sorted runs of groups as one, whatever their number: a few dozen at a time. */
import { readLines } from '../read-lines.ts';
import { addGroup, type Group, parseGroup } from './groups.ts';

/** The groups of a text of lines. @param text to be read once */
export async function* readGroups(text: AsyncIterable<Uint8Array>): AsyncGenerator<Group, void, void> {
  for await (const line of readLines(text)) yield parseGroup(line);
}

/** Groups of sorted sources, those with the same key added up, sorted. Memory holds one group of each source. */
export async function* mergeGroups(
  sources: readonly AsyncGenerator<Group, void, void>[],
): AsyncGenerator<Group, void, void> {
  const heads: Head[] = [];
  try {
    for (const source of sources) {
      const { value } = await source.next();
      if (value) push(heads, { group: value, source });
    }
    let open: Group | undefined;
    while (heads[0]) {
      const head = heads[0];
      if (open && open.key !== head.group.key) {
        yield open;
        open = undefined;
      }
      if (open) addGroup(open, head.group);
      else open = head.group;
      const { value } = await head.source.next();
      if (value) head.group = value;
      else heads[0] = heads.at(-1) as Head;
      if (!value) heads.pop();
      sink(heads);
    }
    if (open) yield open;
  } finally {
    for (const source of sources) await source.return();
  }
}

/** The next group of a source. The least stands first, and each before the two behind it. */
interface Head {
  group: Group;
  readonly source: AsyncGenerator<Group, void, void>;
}

function isBefore(a: Head, b: Head): boolean {
  return a.group.key < b.group.key;
}

function push(heads: Head[], head: Head): void {
  heads.push(head);
  for (let at = heads.length - 1; at > 0;) {
    const above = (at - 1) >> 1;
    if (!isBefore(heads[at] as Head, heads[above] as Head)) return;
    swap(heads, at, above);
    at = above;
  }
}

function sink(heads: Head[]): void {
  for (let at = 0; ;) {
    const left = 2 * at + 1;
    const right = left + 1;
    if (left >= heads.length) return;
    const least = right < heads.length && isBefore(heads[right] as Head, heads[left] as Head) ? right : left;
    if (!isBefore(heads[least] as Head, heads[at] as Head)) return;
    swap(heads, at, least);
    at = least;
  }
}

function swap(heads: Head[], a: number, b: number): void {
  [heads[a], heads[b]] = [heads[b] as Head, heads[a] as Head];
}
