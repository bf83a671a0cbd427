/**
 * The routes of an API as a tree, so that a request walks its own segments and nothing else. As on API Gateway a plain
 * segment goes before `{name}`, and that before `{name+}`, which takes the rest of the path.
 */

export interface Route {
  /** The path template. */
  readonly resource: string;
  readonly functionName: string;
  /** Of its parameters, in the order of the path. */
  readonly names: readonly string[];
}

export interface RouteNode {
  readonly plain: Map<string, RouteNode>;
  any: RouteNode | undefined;
  rest: RouteNode | undefined;
  /** By method; `ANY` is all that are not named. */
  readonly routes: Map<string, Route>;
}

export interface RouteMatch {
  readonly route: Route;
  /** Null prototype: names come from a definition, and `__proto__` is one. */
  readonly parameters: Readonly<Record<string, string>> | null;
}

const ROUTE = /^(GET|PUT|POST|PATCH|DELETE|HEAD|OPTIONS|ANY) (\/\S*)$/;
const PARAMETER = /^\{([\w.:-]+)(\+?)\}$/;

/** @throws Error for what is no route, and for two routes that would take the same requests */
export function buildRouteTree(routes: Readonly<Record<string, string>>, apiName: string): RouteNode {
  const root = newNode();
  for (const [text, functionName] of Object.entries(routes)) addRoute(root, text, functionName, apiName);
  return root;
}

/** @param segments decoded */
export function matchRoute(root: RouteNode, method: string, segments: readonly string[]): RouteMatch | undefined {
  const values: string[] = [];
  const node = walk(root, segments, 0, values);
  const route = node?.routes.get(method) ?? node?.routes.get('ANY');
  return route && { route, parameters: parametersOf(route, values) };
}

/** The path without its first slash, cut at the others and decoded; a slash at the end counts for nothing. @throws URIError */
export function pathSegments(path: string): string[] {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  return path.includes('%') ? segments.map(decodeURIComponent) : segments;
}

function addRoute(root: RouteNode, text: string, functionName: string, apiName: string): void {
  const [, method = '', resource = ''] = ROUTE.exec(text) ?? [];
  const problem = (what: string): Error => new Error(`The route '${text}' of the API '${apiName}' ${what}.`);
  if (method === '') throw problem("is not of the form 'GET /orders/{id}'");
  const names: string[] = [];
  let node = root;
  const segments = pathSegments(resource);
  for (const [i, segment] of segments.entries()) {
    const [, name, plus] = PARAMETER.exec(segment) ?? [];
    if (name === undefined) {
      if (/[{}]/.test(segment) || segment === '') throw problem(`has the unusable path segment '${segment}'`);
      node = getOrSet(node.plain, segment, newNode);
      continue;
    }
    if (plus && i < segments.length - 1) throw problem(`goes on behind ${segment}, which takes the rest of the path`);
    if (names.includes(name)) throw problem(`names the parameter '${name}' twice`);
    names.push(name);
    if (plus) node = node.rest ??= newNode();
    else node = node.any ??= newNode();
  }
  if (node.routes.has(method)) throw problem('takes the same requests as another one');
  node.routes.set(method, { resource, functionName, names });
}

/** Fills `values` with what the parameters on the way stand for. */
function walk(node: RouteNode, segments: readonly string[], at: number, values: string[]): RouteNode | undefined {
  const segment = segments[at];
  if (segment === undefined) return node.routes.size > 0 ? node : undefined;
  const next = node.plain.get(segment);
  const found = next && walk(next, segments, at + 1, values);
  if (found) return found;
  if (node.any && segment !== '') {
    values.push(segment);
    const below = walk(node.any, segments, at + 1, values);
    if (below) return below;
    values.pop();
  }
  if (!node.rest) return undefined;
  values.push(segments.slice(at).join('/'));
  return node.rest;
}

function parametersOf({ names }: Route, values: readonly string[]): Record<string, string> | null {
  if (names.length === 0) return null;
  const parameters = Object.create(null) as Record<string, string>;
  for (const [i, name] of names.entries()) parameters[name] = values[i] ?? '';
  return parameters;
}

function newNode(): RouteNode {
  return { plain: new Map(), any: undefined, rest: undefined, routes: new Map() };
}

function getOrSet<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
