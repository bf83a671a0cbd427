/** Where edges meet the top and the bottom of boxes: straight above or below where they go, and not on one another. */
import type { Point, Rectangle } from './geometry.ts';

/** How near to its corner an edge may meet a box, and how near to another edge where there is room. */
const INSET = 16;
const GAP = 12;

/** An edge between two boxes, and the points of other layers that it passes. */
export interface Way {
  readonly from: Rectangle;
  readonly to: Rectangle;
  readonly between: readonly Point[];
}

/** The x at which a way leaves its first box and enters its second. */
export interface Ports {
  readonly leaves: number;
  readonly enters: number;
}

export function leadsDown({ from, to }: Way): boolean {
  return middle(from).y < middle(to).y;
}

export function portsOf<W extends Way>(ways: readonly W[]): ReadonlyMap<W, Ports> {
  const leaves = new Map<W, number>();
  const enters = new Map<W, number>();
  const ends = ways.flatMap((way) => {
    const { from, to, between } = way;
    const [leaving, entering] = leadsDown(way) ? (['bottom', 'top'] as const) : (['top', 'bottom'] as const);
    const first = (between[0] ?? middle(to)).x;
    const last = (between.at(-1) ?? middle(from)).x;
    return [
      { box: from, side: leaving, wanted: first, put: (x: number) => leaves.set(way, x) },
      { box: to, side: entering, wanted: last, put: (x: number) => enters.set(way, x) },
    ];
  });
  for (const [box, ofBox] of Map.groupBy(ends, (end) => end.box)) {
    for (const side of ['top', 'bottom']) {
      const sorted = ofBox.filter((end) => end.side === side).sort((a, b) => a.wanted - b.wanted);
      const places = spread(
        sorted.map(({ wanted }) => wanted),
        box,
      );
      for (const [i, end] of sorted.entries()) end.put(places[i] ?? middle(box).x);
    }
  }
  return new Map(ways.map((way) => [way, { leaves: leaves.get(way) ?? 0, enters: enters.get(way) ?? 0 }]));
}

/** @param wanted ascending @returns as near to them as the box and their number allow */
function spread(wanted: readonly number[], { x, width }: Rectangle): readonly number[] {
  const inset = Math.min(INSET, width / 2);
  const [low, high] = [x + inset, x + width - inset];
  const gap = Math.min(GAP, (high - low) / Math.max(1, wanted.length - 1));
  const places: number[] = [];
  for (const [i, place] of wanted.entries())
    places.push(Math.max(place, i === 0 ? low : (places[i - 1] as number) + gap));
  let limit = high;
  for (let i = places.length - 1; i >= 0; i--) {
    places[i] = Math.min(places[i] as number, limit);
    limit = (places[i] as number) - gap;
  }
  return places;
}

function middle({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height / 2 };
}
