/** docs/errors.md has every error that the sources give: read off the sources. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../src/cli/exit.ts';

const SOURCES = join(import.meta.dirname, '..', 'src');
const PAGE = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'errors.md'), 'utf8');

const sources = globSync('**/*.ts', { cwd: SOURCES })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !/\.test\.|\.fixture\.|^testing\/|\/generated\//.test(file))
  .map((file) => ({ file, text: readFileSync(join(SOURCES, file), 'utf8') }));

/** What the pattern's first group finds in the sources of these folders. */
function found(pattern: RegExp, ...folders: string[]): Set<string> {
  const searched = sources.filter(
    ({ file }) => folders.length === 0 || folders.some((folder) => file.startsWith(folder)),
  );
  return new Set(searched.flatMap(({ text }) => [...text.matchAll(pattern)].map(([, name = '']) => name)));
}

/** The codes in the first column of a section's table. */
function listed(section: string): Set<string> {
  const [, rest = ''] = PAGE.split(`\n## ${section}\n`);
  const [body = ''] = rest.split('\n## ');
  const rows = body.split('\n').filter((line) => line.startsWith('|'));
  return new Set(
    rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)),
  );
}

function missing(page: ReadonlySet<string>, given: Iterable<string>): string[] {
  return [...given].filter((name) => !page.has(name)).toSorted();
}

describe('docs/errors.md', () => {
  it('has every finding of a definition', () => {
    const codes = [
      ...found(/\b(?:error|warning)\(\s*'([A-Z_]+)'/g, 'asl/validate/'),
      ...found(/\bcode: '([A-Z]+(?:_[A-Z]+)+)'/g, 'asl/', 'interpreter/'),
      ...found(/\bconst CODE = '([A-Z_]+)'/g, 'asl/validate/'),
    ];
    expect(codes.length).toBeGreaterThan(10);
    expect(missing(listed('Findings of a definition'), codes)).toEqual([]);
  });

  it('has every error of states', () => {
    const intrinsics = found(/'(States\.[A-Za-z0-9]+)'/g, 'asl/intrinsics/');
    intrinsics.delete('States.IntrinsicFailure');
    const names = [...found(/'(States\.[A-Za-z]+)'/g)].filter((name) => !intrinsics.has(name));
    expect(names.length).toBeGreaterThan(8);
    expect(missing(listed('Errors of states'), names)).toEqual([]);
  });

  it('has every code of a service', () => {
    const codes = found(/\bnew ServiceError\(\s*'([A-Za-z]+)'/g);
    expect(codes.size).toBeGreaterThan(40);
    const page = [...listed('Exceptions of the Step Functions API'), ...listed('Codes of the other services')];
    expect(missing(new Set(page), codes)).toEqual([]);
  });

  it('has every exit code', () => {
    const rows = PAGE.matchAll(/^\| (\d+) \| (\w+) \|/gm);
    expect(Object.fromEntries([...rows].map(([, code, name = '']) => [name, Number(code)]))).toEqual(ExitCode);
  });
});
