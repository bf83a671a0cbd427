/** The definitions of a store, compiled once. */
import { createHash } from 'node:crypto';
import { formatFindings } from '../../asl/finding.ts';
import { parseDefinition } from '../../asl/parse.ts';
import { compileMachine } from '../../interpreter/compile.ts';
import type { ExecutionType } from '../../interpreter/execution.ts';
import type { Machine } from '../../interpreter/machine.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { Store } from '../../ports/store.ts';
import { createRecentMap } from '../../recent-map.ts';

export interface Definitions {
  /** @returns its hash. @throws ServiceError InvalidDefinition */
  save(text: string, type: ExecutionType): Promise<string>;
  /** @throws Error when the store holds no such definition, or this version cannot run it */
  compiled(hash: string): Promise<Machine>;
}

/** So many stay compiled. What runs has its own. */
const COMPILED = 1000;

export function createDefinitions(store: Pick<Store, 'definition' | 'saveDefinition'>): Definitions {
  const machines = createRecentMap<string, Machine>(COMPILED);
  return {
    save: async (text, type) => {
      const parsed = parseDefinition(text, { type });
      const compiled = parsed.ok ? compileMachine(parsed.value) : parsed;
      if (!compiled.ok)
        throw new ServiceError(
          'InvalidDefinition',
          `Invalid State Machine Definition: '${formatFindings(compiled.error)}'`,
        );
      const hash = hashOf(text);
      machines.set(hash, compiled.value);
      await store.saveDefinition(hash, text);
      return hash;
    },
    compiled: async (hash) => {
      const known = machines.get(hash);
      if (known) return known;
      const text = await store.definition(hash);
      const parsed = text === undefined ? undefined : parseDefinition(text);
      const compiled = parsed?.ok ? compileMachine(parsed.value) : undefined;
      if (!compiled?.ok) throw new Error(`The store holds no definition ${hash} that this version of Fanfold can run`);
      machines.set(hash, compiled.value);
      return compiled.value;
    },
  };
}

/** Under which a definition is kept. */
export function hashOf(definition: string): string {
  return createHash('sha256').update(definition).digest('hex');
}
