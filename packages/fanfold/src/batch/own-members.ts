/** Members of outputs that have names which every object inherits something by, such as `constructor`. */

type Members = Readonly<Record<string, unknown>>;

/**
 * For these names: an output without what it inherits, so that a column `constructor` is empty where the output has none. Outputs
 * themselves where no name is such a one.
 */
export function ownMembersOf(names: readonly string[]): (output: object) => Members {
  if (!hasInherited(names)) return (output) => output as Members;
  return (output) => {
    const own = Object.create(null) as Record<string, unknown>;
    for (const name of names)
      if (Object.hasOwn(output, name) || !(name in Object.prototype)) own[name] = (output as Members)[name];
    return own;
  };
}

/** Whether one of them is such a name. */
export function hasInherited(names: readonly string[]): boolean {
  return names.some((name) => name in Object.prototype);
}
