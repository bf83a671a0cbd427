import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAdmission } from './admission.ts';

const claim = (id: string, more: object = {}) => ({
  id,
  environmentName: 'e',
  priority: 1,
  milliCpus: 1000,
  memory: 100,
  ...more,
});

describe('admission', () => {
  it('lets in what there is room for, in the order in which it came', () => {
    const admission = createAdmission({ e: { milliCpus: 2000, memory: 1000 } });
    for (const id of ['a', 'b', 'c', 'd']) admission.wait(claim(id));
    expect(admission.admit()).toEqual(['a', 'b']);
    expect(admission.admit()).toEqual([]);
    admission.release('b');
    expect(admission.admit()).toEqual(['c']);
  });

  it('counts memory as it counts CPUs', () => {
    const admission = createAdmission({ e: { milliCpus: 9000, memory: 150 } });
    for (const id of ['a', 'b']) admission.wait(claim(id));
    expect(admission.admit()).toEqual(['a']);
  });

  it('prefers what is more important, and starves nothing large', () => {
    const admission = createAdmission({ e: { milliCpus: 2000, memory: 1000 } });
    admission.wait(claim('small'));
    expect(admission.admit()).toEqual(['small']);
    admission.wait(claim('low'));
    admission.wait(claim('large', { priority: 2, milliCpus: 2000 }));
    expect(admission.admit()).toEqual([]);
    admission.release('small');
    expect(admission.admit()).toEqual(['large']);
  });

  it('keeps environments apart', () => {
    const admission = createAdmission({ e: { milliCpus: 500, memory: 1000 }, f: { milliCpus: 1000, memory: 1000 } });
    admission.wait(claim('a'));
    admission.wait(claim('b', { environmentName: 'f' }));
    expect(admission.admit()).toEqual(['b']);
    expect(admission.fits(claim('a'))).toBe(false);
    expect(admission.fits(claim('a', { environmentName: 'toString' }))).toBe(false);
  });

  it('never gives away more than there is, and all of it back', () => {
    const claims = fc.array(
      fc.record({ milliCpus: fc.integer({ min: 1, max: 3000 }), priority: fc.integer({ min: 0, max: 3 }) }),
    );
    fc.assert(
      fc.property(claims, fc.infiniteStream(fc.nat()), (wanted, choices) => {
        const admission = createAdmission({ e: { milliCpus: 3000, memory: 1e6 } });
        const sizes = new Map(wanted.map(({ milliCpus }, i) => [String(i), milliCpus]));
        for (const [i, each] of wanted.entries()) admission.wait(claim(String(i), each));
        const running: string[] = [];
        const done: string[] = [];
        for (;;) {
          running.push(...admission.admit());
          expect(running.reduce((sum, id) => sum + (sizes.get(id) ?? 0), 0)).toBeLessThanOrEqual(3000);
          if (running.length === 0) break;
          const [ended = ''] = running.splice((choices.next().value as number) % running.length, 1);
          admission.release(ended);
          done.push(ended);
        }
        expect(done.toSorted()).toEqual([...sizes.keys()].toSorted());
      }),
    );
  });
});
