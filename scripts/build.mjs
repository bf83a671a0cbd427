// Generates the synchronous JSONata and the check of JSON Schemas, bundles packages/fanfold/src to dist with its types and copies
// the files that are read as they are (SQL migrations, tables of data, what was generated).
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from './bundle.mjs';
import * as jsonata from './jsonata-sync.mjs';
import * as metaSchema from './meta-schema.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const library = join(root, 'packages', 'fanfold');
const require = createRequire(import.meta.url);
const typescript = require.resolve('typescript/package.json');
const { bin } = require(typescript);

jsonata.writeSynchronousJsonata(library);
metaSchema.writeMetaSchema(library);
execFileSync(process.execPath, [join(dirname(typescript), bin.tsc), '-p', library, '--emitDeclarationOnly'], {
  stdio: 'inherit',
});
await bundle(library);
// A migration that has another name by now would be applied twice.
for (const file of globSync('**/*.sql', { cwd: join(library, 'dist') })) rmSync(join(library, 'dist', file));
for (const file of [
  ...globSync(['**/*.sql', '**/*.py', 'services/*/data/*'], { cwd: join(library, 'src') }),
  ...[...jsonata.GENERATED, ...metaSchema.GENERATED].filter((file) => file.endsWith('.d.ts')),
])
  cpSync(join(library, 'src', file), join(library, 'dist', file));
