/** How many seeds are drawn from the system at once: one at a time cost more than the steps they are for. */
const DRAWN = 1024;

/** A source of 32-bit seeds. */
export function seeds(): () => number {
  const drawn = new Int32Array(DRAWN);
  let next = DRAWN;
  return () => {
    if (next === DRAWN) {
      crypto.getRandomValues(drawn);
      next = 0;
    }
    return drawn[next++] as number;
  };
}
