import type { LoadedProject } from 'fanfold';

/** The project, but that objects start nothing. */
export function withoutTrigger({
  definition: { triggers: _dropped, ...definition },
  ...rest
}: LoadedProject): LoadedProject {
  return { ...rest, definition: { ...definition, triggers: [] } };
}
