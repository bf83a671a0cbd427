// Runs a bench: npm run bench -- durable [options of the bench]
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'bench');
const [name, ...args] = process.argv.slice(2);
const script = join(folder, `${name}.ts`);
if (!name || !/^[a-z-]+$/.test(name) || !existsSync(script)) {
  const known = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  console.error(
    `There is no bench ${name ?? '(no name)'}. There are: ${known.map((file) => file.slice(0, -3)).join(', ')}`,
  );
  process.exit(2);
}
process.exit(spawnSync(process.execPath, [script, ...args], { stdio: 'inherit' }).status ?? 1);
