import { describe, expect, it } from 'vitest';
import { findShapeProblems, PROJECT_FIELDS } from './project-fields.ts';

const least = { name: 'p', stateMachines: { m: { definition: 'm.asl.json' } } };
const trigger = { name: 't', bucket: 'b', stateMachine: 'm' };
const problems = (project: unknown): string[] => [...findShapeProblems(project, PROJECT_FIELDS)];

describe('the shape of a project', () => {
  it('takes the least, and everything there is', () => {
    expect(problems(least)).toEqual([]);
    const all = {
      ...least,
      stateMachines: { m: { definition: 'm', definitionSubstitutions: { A: 'a', B: 1, C: true, D: false } } },
      functions: { f: { module: 'f.ts', timeoutSeconds: 3, environment: { A: 'a' } } },
      buckets: { b: {} },
      tables: { one: { partitionKey: 'id' }, two: { partitionKey: { name: 'id', type: 'N' }, sortKey: 'at' } },
      apis: { api: { stage: 'prod', routes: { 'GET /': 'f' } } },
      triggers: [
        { ...trigger, prefix: 'in/', events: 'ObjectCreated:*', input: { any: [1, null] }, archive: undefined },
      ],
      mail: { smtp: 'smtp://localhost', from: 'a@b' },
      port: 7070,
      dataDirectory: '.fanfold',
      durability: 'full',
      mapConcurrency: 10,
      taskConcurrency: 100,
      retention: { days: 30, executions: 1000 },
      limits: 'aws',
    };
    expect(problems(all)).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'the default export: an object is needed, not undefined'],
    ['null', null, 'the default export: an object is needed, not null'],
    ['a list', [], 'the default export: an object is needed, not []'],
    ['a function', () => least, 'the default export: an object is needed, not a function'],
    ['no name', { stateMachines: {} }, 'name is missing'],
    ['a batch that is no path', { ...least, batches: [{}] }, 'batches[0]: a text is needed, not {}'],
    ['an inherited name', Object.assign(Object.create({ name: 'p' }), { stateMachines: {} }), 'name is missing'],
    ['a number for a text', { ...least, name: 3 }, 'name: a text is needed, not 3'],
    ['a text for a number', { ...least, port: '7070' }, 'port: a number is needed, not "7070"'],
    ['a wrong choice', { ...least, durability: 'none' }, 'durability: one of normal, full is needed, not "none"'],
    [
      'a choice in a list',
      { ...least, durability: ['full'] },
      'durability: one of normal, full is needed, not ["full"]',
    ],
    ['a machine without definition', { ...least, stateMachines: { m: {} } }, 'stateMachines.m.definition is missing'],
    [
      'a bad trigger',
      { ...least, triggers: [trigger, { ...trigger, bucket: 3 }] },
      'triggers[1].bucket: a text is needed, not 3',
    ],
    ['an object for a list', { ...least, triggers: {} }, 'triggers: a list is needed, not {}'],
    [
      'a function for JSON',
      { ...least, triggers: [{ ...trigger, input: () => 1 }] },
      'triggers[0].input: JSON is needed, not a function',
    ],
    [
      'a list for a substitution',
      { ...least, stateMachines: { m: { definition: 'm', definitionSubstitutions: { A: ['true'] } } } },
      'stateMachines.m.definitionSubstitutions.A: another kind of value is needed, not ["true"]',
    ],
    [
      'a key of no type',
      { ...least, tables: { t: { partitionKey: { name: 'id', type: 'X' } } } },
      'tables.t.partitionKey: another kind of value is needed, not {"name":"id","type":"X"}',
    ],
    [
      'a setting of a bucket',
      { ...least, buckets: { b: { x: 1 } } },
      'buckets.b.x is not a setting; known are encryption, versioning, policy, expire',
    ],
  ])('refuses %s', (_, project, problem) => {
    expect(problems(project)).toEqual([problem]);
  });

  it.each(['statemachines', 'constructor', 'toString', 'hasOwnProperty'])('does not know the setting %s', (name) => {
    expect(problems({ ...least, [name]: {} })).toEqual([
      expect.stringMatching(`^${name} is not a setting; known are name, `),
    ]);
  });

  it('names everything that is wrong', () => {
    const found = problems({ name: 1, stateMachines: { a: {}, b: { definition: 2 } }, triggers: [{}], Port: 1 });
    expect(found.map((problem) => problem.split(/[ :]/)[0])).toEqual([
      'name',
      'stateMachines.a.definition',
      'stateMachines.b.definition',
      'triggers[0].name',
      'triggers[0].bucket',
      'triggers[0].stateMachine',
      'Port',
    ]);
  });
});
