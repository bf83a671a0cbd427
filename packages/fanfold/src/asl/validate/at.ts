/**
 * A place in a definition while it is checked. Linked, so that a place deep down costs no more than one at the top: a
 * definition may have very many of them.
 */
import type { Pointer } from '../source/source.ts';

export class At {
  readonly #parent: At | undefined;
  readonly #step: string | number;

  constructor(parent?: At, step: string | number = '') {
    this.#parent = parent;
    this.#step = step;
  }

  in(...steps: Pointer): At {
    return steps.reduce<At>((at, step) => new At(at, step), this);
  }

  get pointer(): Pointer {
    return At.#pointerOf(this);
  }

  static #pointerOf(place: At): Pointer {
    const steps: (string | number)[] = [];
    for (let at = place; at.#parent; at = at.#parent) steps.push(at.#step);
    return steps.reverse();
  }
}

export const ROOT: At = new At();
