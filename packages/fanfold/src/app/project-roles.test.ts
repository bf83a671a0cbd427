import { describe, expect, it } from 'vitest';
import type { ProjectDefinition } from './define-project.ts';
import { projectRoles } from './project-roles.ts';

const CREDENTIALS = { accessKeyId: 'FANFOLD', secretAccessKey: 'secret' };
const PLACE = { region: 'us-east-1', account: '000000000000' };
const PROJECT: ProjectDefinition = {
  name: 'p',
  functions: {
    plain: { module: './a.ts' },
    guarded: { module: './a.ts', invokedBy: ['stateMachine:m', 'topic:named'] },
    closed: { module: './a.ts', invokedBy: [] },
  },
  topics: {
    news: { subscriptions: [{ function: 'plain' }, { function: 'guarded' }, { queue: 'q' }] },
    named: {},
  },
  rules: { daily: { schedule: 'rate(1 day)', targets: [{ function: 'plain' }, { queue: 'q' }] } },
};

describe('the topics, rules and buckets that may invoke a function', () => {
  const sources = (access: 'open' | 'least') => {
    const roles = projectRoles({ ...PROJECT, access }, CREDENTIALS, PLACE);
    return Object.fromEntries(['plain', 'guarded', 'closed'].map((name) => [name, roles.sources(name)]));
  };
  const named = { guarded: ['stateMachine:m', 'topic:named', 'topic:news'], closed: [] };

  it('are all with open access, but for functions that say who may', () => {
    expect(sources('open')).toEqual({ plain: undefined, ...named });
  });

  it('are those that lead to it in the project file, and those that it names', () => {
    expect(sources('least')).toEqual({ plain: ['topic:news', 'rule:daily'], ...named });
  });
});
