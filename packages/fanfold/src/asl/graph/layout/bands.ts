/**
 * The layers of a layout as bands from top to bottom. An edge goes straight down through a band and aslant between two: so it
 * does not cut through the corner of a box that is higher than its neighbours.
 */
import type { Point, Rectangle } from './geometry.ts';
import { leadsDown, type Ports, type Way } from './ports.ts';

/** By how much an edge stays straight above and below a band. */
const STUB = 7;

interface Band {
  readonly top: number;
  readonly bottom: number;
}

export class Bands {
  readonly #bands = new Map<number, Band>();

  /** @param contents boxes and labels; those of a layer have the same middle */
  constructor(contents: readonly Rectangle[]) {
    for (const { y, height } of contents) {
      const middle = key(y + height / 2);
      const band = this.#bands.get(middle) ?? { top: Infinity, bottom: -Infinity };
      this.#bands.set(middle, {
        top: Math.min(band.top, y - STUB),
        bottom: Math.max(band.bottom, y + height + STUB),
      });
    }
  }

  /** The points of a way, from its first box to its second. */
  route(way: Way, { leaves, enters }: Ports): readonly Point[] {
    const { from, to, between } = way;
    const [fromBand, toBand] = [this.#at(from.y + from.height / 2), this.#at(to.y + to.height / 2)];
    if (leadsDown(way)) {
      return [
        ...straight(leaves, from.y + from.height, fromBand.bottom),
        ...between.flatMap(({ x, y }) => straight(x, this.#at(y).top, this.#at(y).bottom)),
        ...straight(enters, toBand.top, to.y),
      ];
    }
    return [
      ...straight(leaves, from.y, fromBand.top),
      ...between.flatMap(({ x, y }) => straight(x, this.#at(y).bottom, this.#at(y).top)),
      ...straight(enters, toBand.bottom, to.y + to.height),
    ];
  }

  #at(y: number): Band {
    return this.#bands.get(key(y)) ?? { top: y, bottom: y };
  }
}

function straight(x: number, start: number, end: number): readonly Point[] {
  return start === end
    ? [{ x, y: start }]
    : [
        { x, y: start },
        { x, y: end },
      ];
}

/** Middles that differ by rounding are the same. */
function key(y: number): number {
  return Math.round(y * 4);
}
