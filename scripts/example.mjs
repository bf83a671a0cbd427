// Runs an example: npm run example -- order-intake [options of the example]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const examples = join(dirname(dirname(fileURLToPath(import.meta.url))), 'examples');
const [name, ...args] = process.argv.slice(2);
const script = join(examples, name ?? '', 'run.ts');
if (!name || !/^[a-z-]+$/.test(name) || !existsSync(script)) {
  const known = readdirSync(examples).filter((folder) => existsSync(join(examples, folder, 'run.ts')));
  console.error(`There is no example ${name ?? '(no name)'}. There are: ${known.join(', ')}`);
  process.exit(2);
}
const { status, signal } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' });
process.exit(status ?? (signal === 'SIGINT' ? 130 : 1));
