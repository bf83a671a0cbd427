/** `fanfold table …`: what is in tables. */
import { type Command, Option } from 'commander';
import { type Finish, positiveNumber } from './option-values.ts';

const TABLE: [name: string, description: string] = ['<table>', 'its name'];
const KEY: [name: string, description: string] = ['<key>', 'the value of its partition key'];
const TYPED: [flags: string, description: string] = ['--ddb', "with DynamoDB's types"];

/** What prints items prints JSON: asking for it is no mistake. */
const json = (): Option => new Option('--json').hideHelp();

export function addTableCommands(fanfold: Command, finish: Finish): void {
  const table = fanfold
    .command('table')
    .description('look at tables, write to them, load and export them')
    .exitOverride();
  table
    .command('ls')
    .description('list tables')
    .option('--json', 'as JSON')
    .action(async (_, command: Command) =>
      finish((await import('./commands/table-ls.ts')).tableLs(command.optsWithGlobals())),
    );
  table
    .command('get')
    .description('print one item')
    .argument(...TABLE)
    .argument(...KEY)
    .argument('[sort]', 'the value of its sort key')
    .option(...TYPED)
    .addOption(json())
    .action(async (name: string, key: string, sort: string | undefined, _, command: Command) =>
      finish(
        (await import('./commands/table-get.ts')).tableGet({
          ...command.optsWithGlobals(),
          table: name,
          key,
          ...(sort !== undefined && { sort }),
        }),
      ),
    );
  table
    .command('query')
    .description('print the items of one partition, one line each, in the order of their sort keys')
    .argument(...TABLE)
    .argument(...KEY)
    .option('--begins-with <text>', 'only those whose sort key begins so')
    .option('--from <value>', 'only those from this sort key on')
    .option('--to <value>', 'only those up to this sort key')
    .option('-r, --reverse', 'the last first')
    .option('-l, --limit <number>', 'at most so many', positiveNumber)
    .option(...TYPED)
    .addOption(json())
    .action(async (name: string, key: string, _, command: Command) =>
      finish(
        (await import('./commands/table-query.ts')).tableQuery({ ...command.optsWithGlobals(), table: name, key }),
      ),
    );
  table
    .command('put')
    .description('put one item, in place of what has its key')
    .argument(...TABLE)
    .argument('<item>', 'JSON')
    .option('--if-absent', 'only where nothing has its key')
    .option(...TYPED)
    .action(async (name: string, item: string, _, command: Command) =>
      finish((await import('./commands/table-put.ts')).tablePut({ ...command.optsWithGlobals(), table: name, item })),
    );
  table
    .command('load')
    .description('put the records of a CSV or JSON Lines file; loading it again comes to the same items')
    .argument(...TABLE)
    .argument('<file>', '.csv, .tsv, .jsonl or .ndjson')
    .option('-n, --numbers <columns>', 'columns of a CSV file that are numbers, separated by commas')
    .option(...TYPED)
    .option('--json', 'end with one JSON line instead of a summary')
    .action(async (name: string, file: string, _, command: Command) =>
      finish((await import('./commands/table-load.ts')).tableLoad({ ...command.optsWithGlobals(), table: name, file })),
    );
  table
    .command('export')
    .description('print all items as JSON Lines, in the order of their keys')
    .argument(...TABLE)
    .option(...TYPED)
    .addOption(json())
    .action(async (name: string, _, command: Command) =>
      finish((await import('./commands/table-export.ts')).tableExport({ ...command.optsWithGlobals(), table: name })),
    );
}
