import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openAccessLog } from './access-log.ts';

it('the access log has every line, in order, and puts a full file aside', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'fanfold-access-'));
  const errors: unknown[] = [];
  const open = () => openAccessLog({ directory, onError: (error) => errors.push(error), rotateAt: 20 });
  const first = open();
  for (let i = 0; i < 10; i++) first.write(`line ${i}`);
  await first.close();
  const second = open();
  second.write('after');
  await second.close();
  const text = (name: string): string => readFileSync(join(directory, 'logs', name), 'utf8');
  expect(readdirSync(join(directory, 'logs')).sort()).toEqual(['s3-access.log', 's3-access.log.1']);
  expect((text('s3-access.log.1') + text('s3-access.log')).split('\n').filter(Boolean)).toEqual([
    ...Array.from({ length: 10 }, (_, i) => `line ${i}`),
    'after',
  ]);
  expect(errors).toEqual([]);
  rmSync(directory, { recursive: true });
});
