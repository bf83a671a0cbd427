/** What Node has compiled is kept for the next command, in a folder of the user's own. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runNode } from '../packages/fanfold/src/testing/kill.fixture.ts';

const LAUNCHER = join(import.meta.dirname, '..', 'packages', 'fanfold', 'bin', 'fanfold.js');
const home = mkdtempSync(join(tmpdir(), 'fanfold-home-'));
const kept = join(home, '.cache', 'fanfold');
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** As a user who has set nothing else. */
const fanfold = (args: readonly string[], more: Readonly<Record<string, string>> = {}) => {
  const { NODE_COMPILE_CACHE: _ours, XDG_CACHE_HOME: _theirs, ...rest } = process.env;
  return runNode({ args: [LAUNCHER, ...args], env: { ...rest, HOME: home, ...more } });
};

it('keeps nothing where that is turned off or cannot be, and works all the same', async () => {
  expect(await fanfold(['--version'], { NODE_DISABLE_COMPILE_CACHE: '1' })).toMatchObject({ code: 0, stderr: '' });
  expect(existsSync(kept)).toBe(false);
  writeFileSync(join(home, 'file'), '');
  expect(await fanfold(['--version'], { HOME: join(home, 'file') })).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(home, 'file'), 'utf8')).toBe('');
});

it('keeps what commands and the workers of functions have compiled', async () => {
  const work = {
    StartAt: 'A',
    States: { A: { Type: 'Task', Resource: 'arn:aws:lambda:us-east-1:000000000000:function:work', End: true } },
  };
  const project = {
    name: 'kept',
    stateMachines: { work: { definition: work } },
    functions: { work: { module: './work.mjs' } },
  };
  writeFileSync(join(home, 'fanfold.config.json'), JSON.stringify(project));
  const handler = `import { getCompileCacheDir } from 'node:module';
    export const handler = () => getCompileCacheDir() ?? 'none';`;
  writeFileSync(join(home, 'work.mjs'), handler);
  const ended = await fanfold(['-C', home, 'run', 'work', '-i', '{}', '--json']);
  expect(ended).toMatchObject({ code: 0 });
  // Node keeps what it has compiled in a folder for its version.
  expect(JSON.parse(ended.stdout)).toMatchObject({ output: expect.stringMatching(/\.cache\/fanfold\/v\d[^/]*$/) });
  expect(existsSync(kept)).toBe(true);
});
