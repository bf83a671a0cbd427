/** A promise that was not kept. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

export function demand(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Broken(promise);
}

/** @throws Broken where two texts differ, with what stands there */
export function demandSame(what: string, a: string, b: string): void {
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const near = (text: string): string => text.slice(Math.max(0, at - 80), at + 80);
  throw new Broken(`${what}: …${near(a)}…, not …${near(b)}…`);
}
