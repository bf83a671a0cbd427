/** What waits, a line of each owner, who have their turns: one of each owner after the other. */
import { PassingMap } from '../passing-map.ts';

export interface Lines<Owner, Item> {
  add(owner: Owner, item: Item): void;
  /** Takes out the one whose turn it is. */
  next(): { readonly owner: Owner; readonly item: Item } | undefined;
  /** Whether something of the owner waits. */
  has(owner: Owner): boolean;
  /** Takes out all of one owner. */
  takeAll(owner: Owner): readonly Item[];
  clear(): void;
  /** How many wait. */
  count(): number;
}

/**
 * First in, first out. Its front part is cut off where it is long, so that it does not grow while it never ends; until then
 * it holds nothing of what was taken out.
 */
class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  shift(): Item | undefined {
    if (this.length === 0) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first++] = undefined;
    if (this.#first >= LONG && this.#first >= this.#items.length / 2) this.#cut();
    return item;
  }

  /** Takes all out. */
  drain(): readonly Item[] {
    this.#cut();
    const items = this.#items as readonly Item[];
    this.#items = [];
    return items;
  }

  keep(wanted: (item: Item) => boolean): void {
    this.#cut();
    this.#items = (this.#items as readonly Item[]).filter(wanted);
  }

  #cut(): void {
    this.#items = this.#items.slice(this.#first);
    this.#first = 0;
  }
}

const LONG = 1024;

interface Line<Owner, Item> {
  readonly owner: Owner;
  readonly items: Fifo<Item>;
}

export function createLines<Owner, Item>(): Lines<Owner, Item> {
  const lines = new PassingMap<Owner, Line<Owner, Item>>();
  /** Some that were taken out whole are still in it. */
  let turns = new Fifo<Line<Owner, Item>>();
  const stands = (line: Line<Owner, Item>): boolean => lines.get(line.owner) === line;

  return {
    add: (owner, item) => {
      let line = lines.get(owner);
      if (!line) {
        line = { owner, items: new Fifo() };
        lines.set(owner, line);
        turns.push(line);
      }
      line.items.push(item);
    },
    next: () => {
      for (let line = turns.shift(); line; line = turns.shift()) {
        const { owner, items } = line;
        if (!stands(line)) continue;
        const item = items.shift() as Item;
        if (items.length > 0) turns.push(line);
        else lines.delete(owner);
        return { owner, item };
      }
      return undefined;
    },
    has: (owner) => lines.has(owner),
    takeAll: (owner) => {
      const line = lines.get(owner);
      if (!line) return [];
      lines.delete(owner);
      if (turns.length > 2 * lines.size + LONG) turns.keep(stands);
      return line.items.drain();
    },
    clear: () => {
      lines.clear();
      turns = new Fifo();
    },
    count: () => lines.values().reduce((sum, { items }) => sum + items.length, 0),
  };
}
