/** The commands on buckets: what is in them, to them, from them, and links to it. */
import type { Command } from 'commander';
import { type Finish, linkSeconds } from './option-values.ts';

export function addBucketCommands(fanfold: Command, finish: Finish): void {
  const bucket = fanfold.command('bucket').description('list, copy, remove and link to objects').exitOverride();
  bucket
    .command('ls')
    .description('list the buckets, or the objects of one')
    .argument('[place]', 'bucket or bucket/prefix; s3:// before it may be left out')
    .option('-r, --recursive', 'also what lies deeper')
    .option('--versions', 'also what was replaced or deleted, each with the id of its version')
    .option('--json', 'one JSON line for each')
    .action(async (place: string | undefined, _, command: Command) =>
      finish(
        (await import('./commands/bucket.ts')).ls({
          ...command.optsWithGlobals(),
          ...(place !== undefined && { place }),
        }),
      ),
    );
  bucket
    .command('cp')
    .description('copy a file into a bucket, an object to a file, or an object to another')
    .argument('<from>', 'a file, - for standard input, or s3://bucket/key')
    .argument(
      '<to>',
      'a file or folder, - for standard output, or s3://bucket/key; a key that ends with a slash gets the name of the file',
    )
    .option('--version-id <id>', 'of the object to copy from')
    .action(async (from: string, to: string, _, command: Command) =>
      finish((await import('./commands/bucket.ts')).cp({ ...command.optsWithGlobals(), from, to })),
    );
  bucket
    .command('rm')
    .description('remove an object')
    .argument('<place>', 'bucket/key; s3:// before it may be left out')
    .option('-r, --recursive', 'all objects whose keys begin so')
    .option('--version-id <id>', 'remove this version, or delete marker, for good')
    .option('--versions', 'with --recursive: remove all versions and delete markers for good')
    .action(async (place: string, _, command: Command) =>
      finish((await import('./commands/bucket.ts')).rmObjects({ ...command.optsWithGlobals(), place })),
    );
  bucket
    .command('sign')
    .description('print a link with which anyone on this machine can read an object')
    .argument('<place>', 'bucket/key; s3:// before it may be left out')
    .option('-e, --expires <seconds>', 'how long it holds, 604800 at most', linkSeconds, 3600)
    .action(async (place: string, _, command: Command) =>
      finish((await import('./commands/bucket.ts')).sign({ ...command.optsWithGlobals(), place })),
    );
}
