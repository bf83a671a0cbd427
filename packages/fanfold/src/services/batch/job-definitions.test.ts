import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillReferences, findJobDefinition, findJobQueue, type JobDefinition } from './job-definitions.ts';

const definitions = [
  { name: 'jd', revision: 2 },
  { name: 'jd', revision: 10 },
  { name: 'other', revision: 1 },
] as unknown as JobDefinition[];

describe('job definitions', () => {
  it.each([
    ['jd', 10],
    ['jd:2', 2],
    ['arn:aws:batch:us-east-1:<ACCOUNT>:job-definition/jd', 10],
    ['arn:aws-cn:batch:cn-north-1:123456789012:job-definition/jd:2', 2],
  ])('%s', (wanted, revision) => expect(findJobDefinition(wanted, definitions).revision).toBe(revision));

  it.each(['jd:3', 'jd:', 'nowhere', '', 'arn:aws:batch:us-east-1:1:job-definition/jd:02'])('%s is none', (wanted) => {
    expect(() => findJobDefinition(wanted, definitions)).toThrow(/does not exist.*jobDefinitions/);
  });

  it('have queues beside them', () => {
    const queue = { name: 'q', computeEnvironment: 'default', priority: 1 };
    expect(findJobQueue('arn:aws:batch:eu-west-1:1:job-queue/q', [queue])).toBe(queue);
    expect(() => findJobQueue('p', [queue])).toThrow(/JobQueue p not found/);
  });
});

describe('references to parameters', () => {
  it.each([
    [['Ref::a'], { a: '1' }, ['1']],
    [['--in=Ref::a', 'Ref::ab', 'Ref::b'], { a: '1', ab: '2' }, ['--in=1', '2', 'Ref::b']],
    [['Ref::a'], { a: 'Ref::b', b: '2' }, ['Ref::b']],
    [['Ref::__proto__', 'Ref::constructor'], { a: '1' }, ['Ref::__proto__', 'Ref::constructor']],
    [['Ref::a'], { a: '$&$1' }, ['$&$1']],
    [['Ref::a'], {}, ['Ref::a']],
  ])('%j with %j', (command, parameters, filled) => {
    expect(fillReferences(command, parameters as Record<string, string>)).toEqual(filled);
  });

  it('never look at what a value brings along', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        expect(fillReferences(['Ref::x'], { x: value })).toEqual([value]);
      }),
    );
  });
});
