import { expect, it } from 'vitest';
import { coalesce } from './coalesce.ts';

it('shares a run among those who ask before it begins, never one that is under way', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const share = coalesce(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const first = share();
  const second = share();
  const third = share();
  expect(runs).toHaveLength(1);
  runs[0]?.resolve();
  await first;
  expect(runs).toHaveLength(2);
  const fourth = share();
  runs[1]?.resolve();
  await Promise.all([second, third]);
  expect(runs).toHaveLength(3);
  runs[2]?.reject(new Error('full'));
  await expect(fourth).rejects.toThrow('full');
  const fifth = share();
  expect(runs).toHaveLength(4);
  runs[3]?.resolve();
  await fifth;
});

it('goes on after a run that failed', async () => {
  const runs: PromiseWithResolvers<void>[] = [];
  const share = coalesce(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const first = share();
  const second = share();
  runs[0]?.reject(new Error('disk'));
  await expect(first).rejects.toThrow('disk');
  runs[1]?.resolve();
  await second;
});
