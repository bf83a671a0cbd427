import type { LoadedProject } from 'fanfold';

export interface Size {
  /** Records in a piece. */
  readonly lines: number;
  /** Pieces at once; 0 is as many as there is room for. */
  readonly concurrency: number;
}

/** The project with pieces of another size. */
export function withSize({ definition, ...rest }: LoadedProject, { lines, concurrency }: Size): LoadedProject {
  const sized = Object.entries(definition.stateMachines).map(([name, machine]) => {
    const { definitionSubstitutions: given = {} } = machine;
    if (!('MaxLines' in given)) return [name, machine] as const;
    const definitionSubstitutions = { ...given, MaxLines: lines, MaxConcurrency: concurrency };
    return [name, { ...machine, definitionSubstitutions }] as const;
  });
  return { ...rest, definition: { ...definition, stateMachines: Object.fromEntries(sized) } };
}
