/** `fanfold table export`: all items as JSON Lines, which `table load` reads. */
import { once } from 'node:events';
import { ExitCode } from '../exit.ts';
import { itemLine } from '../item-text.ts';
import type { GlobalOptions } from '../project-access.ts';
import { pages, withTables } from '../table-access.ts';

export interface TableExportOptions extends GlobalOptions {
  readonly table: string;
  readonly ddb?: boolean;
}

export function tableExport({ table, ddb = false, ...options }: TableExportOptions): Promise<number> {
  return withTables({ ...options, table }, async (call) => {
    for await (const items of pages(call, 'Scan', { TableName: table })) {
      const text = items.map((item) => itemLine(item, ddb)).join('');
      if (text !== '' && !process.stdout.write(text)) await once(process.stdout, 'drain');
    }
    return ExitCode.ok;
  });
}
