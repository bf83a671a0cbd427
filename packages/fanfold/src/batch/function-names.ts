/** The functions that the state machine of a batch calls. */
export const FUNCTIONS = {
  split: 'fanfold-split',
  chunk: 'fanfold-chunk',
  check: 'fanfold-check',
  total: 'fanfold-total',
  load: 'fanfold-load',
  undo: 'fanfold-undo',
  send: 'fanfold-send',
  fold: 'fanfold-fold',
  cause: 'fanfold-cause',
  notify: 'fanfold-notify',
} as const;

/** Where their modules are, by their names: URLs. */
export function functionModules(): Readonly<Record<string, URL>> {
  return Object.fromEntries(
    Object.entries(FUNCTIONS).map(([file, name]) => [name, moduleOf(file as keyof typeof FUNCTIONS)]),
  );
}

/** @param file as `FUNCTIONS` has it */
export function moduleOf(file: keyof typeof FUNCTIONS): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./functions/${file}.${extension}`, import.meta.url);
}
