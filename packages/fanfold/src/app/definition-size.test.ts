import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { recordingLogger } from '../testing/logger.fixture.ts';
import { createApp } from './create-app.ts';

const directory = mkdtempSync(join(tmpdir(), 'fanfold-definition-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const definition = JSON.stringify({
  Comment: 'x'.repeat(1_048_576),
  StartAt: 'A',
  States: { A: { Type: 'Succeed' } },
});
writeFileSync(join(directory, 'large.asl.json'), definition);
const project = { directory, definition: { name: 'p', stateMachines: { m: { definition: 'large.asl.json' } } } };

it('refuses a definition larger than AWS takes under the limits of AWS', async () => {
  const options = { project, logger: recordingLogger(), dataDirectory: join(directory, 'aws') };
  await expect(createApp({ ...options, limits: 'aws' })).rejects.toThrow(
    `large.asl.json: the definition has ${definition.length} bytes, and AWS takes 1048576 at most.`,
  );
});

it('takes it by default, and says so', async () => {
  const logger = recordingLogger();
  const app = await createApp({ project, logger, dataDirectory: join(directory, 'local') });
  expect(logger.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('1048576 at most') }]);
  await app.close();
});
