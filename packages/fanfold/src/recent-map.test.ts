import { describe, expect, it } from 'vitest';
import { createRecentMap } from './recent-map.ts';

describe('what was found last', () => {
  it('is kept up to a number of entries, and the one that has been there longest goes first', () => {
    const map = createRecentMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    map.set('c', 4);
    expect(['a', 'b', 'c'].map((key) => map.get(key))).toEqual([3, undefined, 4]);
  });

  it('can be forgotten', () => {
    const map = createRecentMap<string, number>(2);
    map.set('a', 1);
    map.delete('a');
    map.delete('b');
    expect(map.get('a')).toBeUndefined();
  });
});
