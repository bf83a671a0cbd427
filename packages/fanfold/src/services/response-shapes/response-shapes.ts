/**
 * Holds made-up responses against the APIs of AWS's services, as TestState does with mocked results. The tables in `data`
 * say what operations answer; a service's is read when it is first needed.
 */
import { readFile } from 'node:fs/promises';
import type { Resource } from '../../asl/resource.ts';
import type { Json } from '../../json.ts';
import { isObject } from '../../json.ts';
import type { ResponseShapes } from '../../ports/state-tests.ts';
import { type Naming, responseOf } from './integrations.ts';
import { findMistake, type Ref, type Table } from './shape.ts';

export function createResponseShapes(): ResponseShapes {
  const tables = new Map<string, Promise<Table>>();
  const tableOf = (model: string): Promise<Table> => {
    let table = tables.get(model);
    if (!table) {
      table = readTable(model);
      tables.set(model, table);
    }
    return table;
  };
  return {
    check: async (resource: Resource, response: Json, mode: 'STRICT' | 'PRESENT') => {
      const wanted = responseOf(resource);
      if (!wanted) return undefined;
      const table = await tableOf(wanted.model);
      const ref = refOf(table, wanted.operation, wanted.member);
      if (ref === undefined) return undefined;
      if (!isObject(response)) return 'The result must be a JSON object';
      const naming: Naming = { namesOf: wanted.namesOf, anything: wanted.anything };
      return findMistake({ table, naming, strict: mode === 'STRICT' }, ref, response);
    },
  };
}

async function readTable(model: string): Promise<Table> {
  return JSON.parse(await readFile(new URL(`./data/${model}.json`, import.meta.url), 'utf8')) as Table;
}

/** @param path to a part of what the operation answers: members, and through lists to their items */
function refOf(table: Table, operation: string, path: readonly string[]): Ref | undefined {
  let ref: Ref | undefined = Object.hasOwn(table.operations, operation) ? table.operations[operation] : undefined;
  for (const step of path) {
    const shape = typeof ref === 'number' ? table.shapes[ref] : undefined;
    if (shape === undefined) return undefined;
    if (Array.isArray(shape)) ref = step === '*' ? (shape[1] as Ref) : undefined;
    else ref = (shape as Record<string, Ref>)[step] ?? (shape as Record<string, Ref>)[`${step}!`];
  }
  return ref;
}
