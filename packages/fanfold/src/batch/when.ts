/** Which outputs a sink, or totals, are about. */
interface Owner {
  when?(output: never): unknown;
}

/** Its `when`, checked; absent when it takes all. */
export function whenOf(owner: Owner | undefined): ((output: object) => boolean) | undefined {
  if (!owner?.when) return undefined;
  const when = owner.when.bind(owner) as (output: object) => unknown;
  return (output) => {
    const taken = when(output);
    if (typeof taken === 'object' && taken !== null && 'then' in taken)
      throw new TypeError(
        'when has given a promise, which would be true whatever it comes to. It must answer at once.',
      );
    return Boolean(taken);
  };
}
