/** What `npm run build` makes of the sources. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const library = join(import.meta.dirname, '..', 'packages', 'fanfold');

it('has the licence of what is included in it', () => {
  const files = globSync('dist/**/*.js', { cwd: library });
  const code = files.map((file) => readFileSync(join(library, file), 'utf8')).join('\n');
  const generated = readFileSync(join(library, 'src/asl/jsonata/generated/jsonata-sync.js'), 'utf8');
  const [licence = 'none'] = /MIT license[^]*?(?=\*\/)/.exec(generated) ?? [];
  expect(licence).toContain('Permission is hereby granted');
  expect(code).toContain(licence);
});

it('has the files that its modules look for beside them', () => {
  const files = globSync('{dist,src}/**/*.{sql,py,json}', { cwd: library }).map((file) => file.replaceAll('\\', '/'));
  const [built, sources] = ['dist/', 'src/'].map((folder) =>
    files
      .filter((file) => file.startsWith(folder))
      .map((file) => file.slice(folder.length))
      .sort(),
  );
  expect(sources?.length).toBeGreaterThan(0);
  expect(built).toEqual(sources);
});
