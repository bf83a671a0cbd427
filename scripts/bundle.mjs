// Bundles packages/fanfold/src into dist: a command that loads hundreds of files of ours spends half of its time on finding them.
import { globSync, rmSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import { rolldown } from 'rolldown';

/** What is loaded by its place: what the package exports, the command line, and the bodies of threads. */
const ENTRIES = [
  'index',
  '{asl,batch,interpreter,records}/index',
  'cli/{main,compile-cache}',
  'batch/functions/*',
  'database/checkpoint-worker',
  'records/parquet/parquet-worker',
  'services/dynamodb/tables-worker',
  'services/lambda/worker',
  'services/s3/objects',
];

/** Stands for the address of a module until it is known which file it is in. */
const PLACE = 'fanfold-module:';

/** @param library the folder of packages/fanfold */
export async function bundle(library) {
  const [src, dist] = [join(library, 'src'), join(library, 'dist')];
  const sources = globSync(
    ENTRIES.map((entry) => `${entry}.ts`),
    { cwd: src, exclude: ['**/*.test.ts'] },
  );
  const names = sources.map((file) => posixPath(file).replace(/\.ts$/, ''));
  const build = await rolldown({
    input: Object.fromEntries(names.map((name, i) => [name, join(src, sources[i])])),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !isAbsolute(id),
    plugins: [places(src)],
  });
  try {
    const { output } = await build.write({ dir: dist, format: 'esm', chunkFileNames: 'chunks/[name]-[hash].js' });
    const written = new Set(output.map(({ fileName }) => fileName));
    for (const file of globSync('**/*.js', { cwd: dist })) if (!written.has(posixPath(file))) rmSync(join(dist, file));
  } finally {
    await build.close();
  }
}

/** Modules find what lies beside them by their own address. That stays as it was when many of them are in one file. */
function places(src) {
  return {
    name: 'places',
    transform: (code, id) =>
      code.replaceAll('import.meta.url', () => {
        const place = posixPath(relative(src, id)).replace(/\.ts$/, '.js');
        return `new URL('${PLACE}${place}', import.meta.url).href`;
      }),
    renderChunk: (code, { fileName }) =>
      code.replaceAll(new RegExp(`${PLACE}([\\w./-]+)`, 'g'), (_, place) => {
        const path = posix.relative(posix.dirname(fileName), place);
        return path.startsWith('.') ? path : `./${path}`;
      }),
  };
}

function posixPath(path) {
  return path.split(sep).join('/');
}
