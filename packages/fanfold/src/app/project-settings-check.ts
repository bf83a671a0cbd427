/** What is wrong with numbers, names and routes of a project file beyond the shape of its settings. */
import { buildRouteTree } from '../server/apis/route-tree.ts';
import type { ProjectDefinition } from './define-project.ts';

export function* findBrokenSettings(project: ProjectDefinition): Generator<string> {
  const { port = 0, mapConcurrency = 1, logs = {}, apis = {} } = project;
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535))
    yield `port: a whole number from 0 to 65535 is needed, not ${port}`;
  if (!(Number.isInteger(mapConcurrency) && mapConcurrency >= 1))
    yield `mapConcurrency: a whole number from 1 is needed, not ${mapConcurrency}`;
  for (const [name, value] of Object.entries(logs))
    if (!(value > 0)) yield `logs.${name}: a number above 0 is needed, not ${value}`;
  const known = new Set<string>();
  for (const name of Object.keys(apis).map((each) => each.toLowerCase())) {
    if (known.has(name)) yield `apis: two are called '${name}': in host names, upper and lower case are the same`;
    known.add(name);
  }
  for (const [name, { stage, routes }] of Object.entries(apis)) yield* findBrokenApi(name, stage, routes);
}

function* findBrokenApi(name: string, stage: string, routes: Readonly<Record<string, string>>): Generator<string> {
  for (const [what, text] of [
    ['the name of the API', name],
    ['the stage', stage],
  ])
    if (!/^[\w.-]{1,128}$/.test(text ?? ''))
      yield `apis["${name}"]: ${what} is letters, digits, '.', '_' and '-', not "${text}"`;
  try {
    buildRouteTree(routes, name);
  } catch (error) {
    yield `apis["${name}"].routes: ${(error as Error).message}`;
  }
}
