/** A set of indexes that are mostly neighbours: it takes as much memory as it has gaps. */
export interface IndexSet {
  add(index: number): void;
  has(index: number): boolean;
}

export function createIndexSet(): IndexSet {
  /** Runs [from, to), ascending, with a gap between any two. */
  const runs: [from: number, to: number][] = [];

  /** The place of the last run that begins at or before the index; -1 when there is none. */
  const placeOf = (index: number): number => {
    let low = 0;
    let high = runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((runs[middle] as [number, number])[0] <= index) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };

  return {
    has: (index) => index < (runs[placeOf(index)]?.[1] ?? 0),
    add: (index) => {
      const place = placeOf(index);
      const before = runs[place];
      const after = runs[place + 1];
      if (before && index < before[1]) return;
      const joinsBefore = before?.[1] === index;
      const joinsAfter = after?.[0] === index + 1;
      if (joinsBefore && joinsAfter) {
        before[1] = after[1];
        runs.splice(place + 1, 1);
      } else if (joinsBefore) before[1] = index + 1;
      else if (joinsAfter) after[0] = index;
      else runs.splice(place + 1, 0, [index, index + 1]);
    },
  };
}
