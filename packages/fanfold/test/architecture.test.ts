/** Imports point down only, and neighbours do not know each other (docs: ARCHITECTURE.md). Read off the import lines. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

const SOURCES = join(import.meta.dirname, '..', 'src');

/** The rows of the layers, lowest first. Files beside the folders (json.ts, result.ts) lie below all, index.ts above. */
const ROWS: readonly (readonly string[])[] = [
  ['asl'],
  ['interpreter'],
  ['ports', 'database'],
  ['records', 'access'],
  ['runtimes', 'services', 'triggers', 'server', 'batch'],
  ['app'],
  ['cli'],
];

/** Layers that run anywhere: no Node imports. */
const PURE = ['asl', 'interpreter'];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const files = globSync('**/*.ts', { cwd: SOURCES })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.endsWith('.test.ts') && !file.includes('.fixture.') && !file.startsWith('testing/'));

function importsOf(file: string): Import[] {
  const source = readFileSync(join(SOURCES, file), 'utf8');
  const found = source.matchAll(/^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/gms);
  return [...found].map(([, type, to, dynamic]) => ({
    from: file,
    to: to ?? dynamic ?? '',
    typeOnly: type !== undefined,
  }));
}

const imports = files.flatMap(importsOf);
const inner = imports
  .filter(({ to }) => to.startsWith('.'))
  .map((line) => ({ ...line, to: normalize(join(dirname(line.from), line.to)).replaceAll('\\', '/') }));

function layer(file: string): string | undefined {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : undefined;
}

function row(file: string): number {
  const name = layer(file);
  if (name === undefined) return file === 'index.ts' ? ROWS.length : -1;
  return ROWS.findIndex((names) => names.includes(name));
}

/** `services/s3` is a part of its own; so is every other folder below services. */
function part(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'services' && second.includes('.') === false ? `${first}/${second}` : first;
}

describe('the architecture', () => {
  it('is read off real files', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(inner.length).toBeGreaterThan(200);
  });

  it('knows every folder', () => {
    expect(files.filter((file) => layer(file) !== undefined && row(file) < 0)).toEqual([]);
  });

  it('has imports that point down only', () => {
    const up = inner.filter(({ from, to }) => row(to) > row(from));
    expect(up).toEqual([]);
  });

  it('has neighbours that do not know each other', () => {
    const sideways = inner.filter(
      ({ from, to }) => row(from) === row(to) && row(from) >= 0 && part(from) !== part(to) && part(to) !== 'services',
    );
    expect(sideways).toEqual([]);
  });

  it('keeps the language and the interpreter free of Node', () => {
    const impure = imports.filter(({ from, to }) => PURE.includes(layer(from) ?? '') && to.startsWith('node:'));
    expect(impure).toEqual([]);
  });

  it('lets only the composition root pick implementations', () => {
    const outside = inner.filter(({ from, to, typeOnly }) => row(to) === 4 && !typeOnly && part(from) !== part(to));
    const pickers = outside.filter(({ to }) => !to.startsWith('server/client') && part(to) !== 'services');
    expect(new Set(pickers.map(({ from }) => layer(from)))).toEqual(new Set(['app']));
  });

  it('has no import cycles', () => {
    const graph = Map.groupBy(
      inner.filter(({ typeOnly }) => !typeOnly),
      ({ from }) => from,
    );
    const done = new Set<string>();
    const cycles: string[][] = [];
    const visit = (file: string, trail: readonly string[]): void => {
      const at = trail.indexOf(file);
      if (at >= 0) cycles.push([...trail.slice(at), file]);
      if (at >= 0 || done.has(file)) return;
      for (const { to } of graph.get(file) ?? []) visit(to, [...trail, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });
});
