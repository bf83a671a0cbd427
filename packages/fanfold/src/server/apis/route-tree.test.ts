import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildRouteTree, matchRoute, pathSegments } from './route-tree.ts';

function find(routes: readonly string[], method: string, path: string): readonly unknown[] | undefined {
  const tree = buildRouteTree(Object.fromEntries(routes.map((route) => [route, `to ${route}`])), 'api');
  const match = matchRoute(tree, method, pathSegments(path));
  return match && [match.route.functionName.slice(3), match.parameters && { ...match.parameters }];
}

describe('matching a route', () => {
  const routes = ['GET /', 'GET /a', 'GET /a/{x}', 'GET /a/b', 'ANY /a/{x}/c', 'GET /a/{y}/d', 'GET /a/{rest+}'];
  it.each([
    ['/', 'GET /', null],
    ['/a', 'GET /a', null],
    ['/a/', 'GET /a', null],
    ['/a/b', 'GET /a/b', null],
    ['/a/bb', 'GET /a/{x}', { x: 'bb' }],
    ['/a/b/c', 'ANY /a/{x}/c', { x: 'b' }],
    ['/a/1/d', 'GET /a/{y}/d', { y: '1' }],
    ['/a/1/e', 'GET /a/{rest+}', { rest: '1/e' }],
    ['/a//e', 'GET /a/{rest+}', { rest: '/e' }],
    ['/a/%2F%C3%A9', 'GET /a/{x}', { x: '/é' }],
    ['/%61/b', 'GET /a/b', null],
  ])('%s is %s', (path, route, parameters) => {
    expect(find(routes, 'GET', path)).toEqual([route, parameters]);
  });

  it('takes a named method before ANY', () => {
    expect(find(['ANY /x', 'POST /x'], 'POST', '/x')).toEqual(['POST /x', null]);
    expect(find(['ANY /x', 'POST /x'], 'GET', '/x')).toEqual(['ANY /x', null]);
  });

  it('gives a parameter called __proto__ as any other', () => {
    const tree = buildRouteTree({ 'GET /{__proto__}': 'f' }, 'api');
    expect(JSON.stringify(matchRoute(tree, 'GET', ['x'])?.parameters)).toBe('{"__proto__":"x"}');
  });

  it('finds any value of a parameter', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        expect(find(['GET /v/{x}'], 'GET', `/v/${encodeURIComponent(value)}`)).toEqual(['GET /v/{x}', { x: value }]);
      }),
    );
  });

  it.each([
    ['FLY /a', /is not of the form/],
    ['GET a', /is not of the form/],
    ['GET /a/{b', /unusable path segment '{b'/],
    ['GET /a//b', /unusable path segment ''/],
    ['GET /{a+}/b', /goes on behind {a\+}/],
    ['GET /{a}/{a}', /names the parameter 'a' twice/],
  ])('refuses the route %s', (route, message) => {
    expect(() => buildRouteTree({ [route]: 'f' }, 'api')).toThrow(message);
  });

  it('refuses two routes for the same requests', () => {
    expect(() => buildRouteTree({ 'GET /{a}': 'f', 'GET /{b}': 'g' }, 'api')).toThrow(/same requests/);
  });
});
