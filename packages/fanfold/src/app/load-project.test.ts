import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inside } from './inside.ts';
import { loadProject } from './load-project.ts';
import { ProjectError } from './project-error.ts';

describe('loading a project', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'fanfold-project-')));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const write = (path: string, text: string): string => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  };
  const project = (name: string, rest: object = {}): string =>
    JSON.stringify({ name, stateMachines: { m: { definition: 'm.asl.json' } }, ...rest });
  const refusal = async (start: string = folder): Promise<string> => {
    const error: unknown = await loadProject(start).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProjectError);
    return (error as Error).message;
  };

  it.each([
    ['ts', 'export default '],
    ['mts', 'const on: boolean = true; export default '],
    ['js', 'export default '],
    ['mjs', 'export default '],
    ['json', ''],
  ])('takes fanfold.config.%s', async (extension, before) => {
    write('package.json', '{"type": "module"}');
    write('m.asl.json', '{}');
    write(`fanfold.config.${extension}`, before + project('p'));
    const loaded = await loadProject(folder);
    expect(loaded.definition.name).toBe('p');
    expect(loaded.directory).toBe(folder);
  });

  it('takes the nearest file, in the folder or above it', async () => {
    write('m.asl.json', '{}');
    write('fanfold.config.json', project('outer'));
    write('a/m.asl.json', '{}');
    write('a/fanfold.config.json', project('inner'));
    write('a/b/c/file', '');
    write('x/y/file', '');
    expect(await loadProject(join(folder, 'a/b/c'))).toMatchObject({
      definition: { name: 'inner' },
      directory: join(folder, 'a'),
    });
    expect((await loadProject(join(folder, 'x/y'))).definition.name).toBe('outer');
  });

  it('says where it has looked', async () => {
    const message = await refusal(join(folder, 'nothing/here'));
    expect(message).toBe(
      `There is no fanfold.config.ts in ${join(folder, 'nothing/here')} or above it. Change to a project's folder, or name it with -C.`,
    );
  });

  it.each([
    ['json', '{"name": ', 'cannot be loaded: '],
    ['mjs', 'export default (', 'cannot be loaded: '],
    ['mjs', 'throw new Error("out of order")', 'cannot be loaded: out of order'],
    ['mjs', 'export const project = {}', 'the default export: an object is needed, not undefined'],
  ])('says which file cannot be taken (%s: %s)', async (extension, text, message) => {
    const file = write(`fanfold.config.${extension}`, text);
    const refused = await refusal();
    expect(refused.startsWith(file)).toBe(true);
    expect(refused).toContain(message);
  });

  it('lists everything that is wrong in its shape, with its place', async () => {
    const file = write('fanfold.config.json', JSON.stringify({ name: 3, stateMachines: { m: {} }, colour: 'red' }));
    expect((await refusal()).split('\n')).toEqual([
      `${file} is not a project:`,
      '  name: a text is needed, not 3',
      '  stateMachines.m.definition is missing',
      expect.stringContaining('  colour is not a setting; known are name, stateMachines, '),
    ]);
  });

  it('lists every name that leads nowhere, and every file that is not there', async () => {
    write('f.ts', '');
    const trigger = { name: 't', bucket: 'b', stateMachine: 'm' };
    const rest = {
      functions: { f: { module: 'f.ts#other' }, g: { module: 'src/g.ts' } },
      buckets: { b: {} },
      apis: { api: { stage: 'prod', routes: { 'GET /f': 'f', 'GET /h': 'h', 'GET /t': 'toString' } } },
      triggers: [trigger, trigger, { name: 'u', bucket: 'c', stateMachine: 'n' }],
    };
    write('fanfold.config.json', project('p', rest));
    expect((await refusal()).split('\n').slice(1)).toEqual([
      '  stateMachines.m.definition: there is no file m.asl.json',
      '  functions.g.module: there is no file src/g.ts',
      '  apis.api.routes["GET /h"]: there is no function h',
      '  apis.api.routes["GET /t"]: there is no function toString',
      '  triggers[1].name: t is used twice',
      '  triggers[2].bucket: there is no bucket c',
      '  triggers[2].stateMachine: there is no state machine n',
    ]);
  });

  it('lists numbers, names and routes that cannot be', async () => {
    write('f.ts', '');
    const rest = {
      port: 65_536,
      mapConcurrency: 0,
      logs: { days: -1 },
      functions: { 'f:1': { module: 'f.ts' }, f: { module: 'f.ts', concurrency: 1.5 } },
      apis: { api: { stage: 'p d', routes: { 'FETCH /f': 'f' } }, API: { stage: 'prod', routes: {} } },
      jobQueues: { 'q q': { priority: -1 } },
      jobDefinitions: { j: { image: '; x', attempts: 1.5 } },
    };
    write('fanfold.config.json', project('p', rest));
    write('m.asl.json', '{}');
    expect((await refusal()).split('\n').slice(1)).toEqual([
      "  functions.f:1: a name is up to 64 letters, digits, '-' and '_'",
      '  functions.f.concurrency: a whole number from 1 is needed, not 1.5',
      '  port: a whole number from 0 to 65535 is needed, not 65536',
      '  mapConcurrency: a whole number from 1 is needed, not 0',
      '  logs.days: a number above 0 is needed, not -1',
      "  apis: two are called 'api': in host names, upper and lower case are the same",
      `  apis["api"]: the stage is letters, digits, '.', '_' and '-', not "p d"`,
      `  apis["api"].routes: The route 'FETCH /f' of the API 'api' is not of the form 'GET /orders/{id}'.`,
      '  jobDefinitions["j"].attempts: a whole number from 1 to 10 is needed, not 1.5',
      `  jobDefinitions["j"].image: '; x' is not the name of an image`,
      '  jobQueues["q q"]: a name is letters, digits, - and _',
      '  jobQueues["q q"].priority: a whole number from 0 is needed, not -1',
    ]);
  });

  it('takes paths relative to the project, and absolute ones as they are', () => {
    expect(inside('/a/b', 'c/d')).toBe(join('/a/b', 'c/d'));
    expect(inside('/a/b', '/c/d')).toBe('/c/d');
  });

  it('refuses a topic that tells a mail address where mails have no sender', async () => {
    write('m.asl.json', '{}');
    const topics = { done: { subscriptions: [{ email: 'ops@example.com' }] } };
    write('fanfold.config.json', project('p', { topics }));
    expect(await refusal()).toContain('topics.done: to tell a mail address, mail.from is needed');
    write('fanfold.config.json', project('p', { topics, mail: { from: 'batch@example.com' } }));
    await loadProject(folder);
  });
});
