/**
 * A map whose entries come and go. V8 makes the table of a `Map` anew once its places are used up, those of deleted entries
 * among them, and the old table leads to the new one. After a full collection one such table lies in the old generation, and
 * keeps alive all that come after it, with whatever their entries held, until the next full collection: everything that went
 * through the map is copied twice, in pauses of several milliseconds. Here a new map is begun before long, to which nothing
 * leads. See {@link https://github.com/v8/v8/blob/main/src/objects/ordered-hash-table.h} (`NextTable`).
 */
export class PassingMap<K, V> implements ReadonlyMap<K, V> {
  #map: Map<K, V>;
  /** Since the map was begun. */
  #deleted = 0;

  constructor(entries?: Iterable<readonly [K, V]>) {
    this.#map = new Map(entries);
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  set(key: K, value: V): this {
    this.#map.set(key, value);
    return this;
  }

  delete(key: K): boolean {
    const isDeleted = this.#map.delete(key);
    if (isDeleted && ++this.#deleted >= Math.max(FEW, this.#map.size)) this.#renew();
    return isDeleted;
  }

  clear(): void {
    this.#map = new Map();
    this.#deleted = 0;
  }

  /** As of now: an entry that is deleted meanwhile may still come. */
  entries(): MapIterator<[K, V]> {
    return this.#map.entries();
  }

  keys(): MapIterator<K> {
    return this.#map.keys();
  }

  values(): MapIterator<V> {
    return this.#map.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }

  forEach(each: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.#map) each(value, key, this);
  }

  #renew(): void {
    this.#map = new Map(this.#map);
    this.#deleted = 0;
  }
}

/** So few that copying them costs nothing to speak of. */
const FEW = 1024;
