import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARN_PREFIX, startTestServer, type TestServer } from '../../testing/server.fixture.ts';
import { PASS, statesApi } from '../../testing/states-api.fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());
const { good, bad, machine } = statesApi(() => server);

describe('tags of a state machine', () => {
  it('are set when it is created, added, replaced and taken away', async () => {
    const resourceArn = await machine(PASS, {
      tags: [
        { key: 'a', value: '1' },
        { key: '__proto__', value: '' },
      ],
    });
    expect(await good('TagResource', { resourceArn, tags: [{ key: 'b' }, { key: 'a', value: '2' }] })).toEqual({});
    expect(await good('ListTagsForResource', { resourceArn })).toEqual({
      tags: [
        { key: 'a', value: '2' },
        { key: '__proto__', value: '' },
        { key: 'b', value: '' },
      ],
    });
    expect(await good('UntagResource', { resourceArn, tagKeys: ['a', '__proto__', 'c'] })).toEqual({});
    expect(await good('ListTagsForResource', { resourceArn })).toEqual({ tags: [{ key: 'b', value: '' }] });
  });

  it('are 50 at most', async () => {
    const tags = Array.from({ length: 51 }, (_, i) => ({ key: `k${i}`, value: 'v' }));
    const resourceArn = await machine(PASS, { tags: tags.slice(0, 50) });
    expect(await bad('TagResource', { resourceArn, tags })).toMatch(/^TooManyTags: /);
    expect(await good('TagResource', { resourceArn, tags: tags.slice(0, 50) })).toEqual({});
  });

  it('need something to be on', async () => {
    const resourceArn = `${ARN_PREFIX}:stateMachine:none`;
    const refusal = `ResourceNotFound: Resource not found: '${resourceArn}'`;
    expect(await bad('TagResource', { resourceArn, tags: [] })).toBe(refusal);
    expect(await bad('UntagResource', { resourceArn, tagKeys: [] })).toBe(refusal);
    expect(await bad('ListTagsForResource', { resourceArn })).toBe(refusal);
    expect(await bad('UntagResource', { resourceArn, tagKeys: [''] })).toMatch(/'tagKeys.1.member'/);
  });

  it('are on state machines, not on their versions and aliases', async () => {
    const arn = await machine(PASS, { publish: true });
    for (const resourceArn of [`${arn}:1`, `${arn}:live`])
      expect(await bad('ListTagsForResource', { resourceArn })).toBe(
        `ResourceNotFound: Resource not found: '${resourceArn}'`,
      );
  });
});
