/** The account of a batch's run, for people. */
import type { RunAccount } from '../batch/account.ts';

export function accountText(account: RunAccount): string {
  const { read, written, filtered, rejected, emitted, outputs, rejects, chunks, sameAs } = account;
  if (sameAs !== undefined)
    return `  account     nothing was done: the run ${sameAs} has published a file of the same content\n`;
  const lines = [
    `  account     ${number(read)} read = ${number(written)} written + ${number(filtered)} filtered + ${number(rejected)} rejected`,
    `  outputs     ${number(emitted)}, from ${number(chunks)} ${chunks === 1 ? 'chunk' : 'chunks'}`,
    ...outputs.map((output) =>
      output.kind === 'table'
        ? `    table     ${output.table}  ${number(output.emitted)} items`
        : `    object    ${output.bucket}/${output.key}  ${number(output.emitted)} records, ${number(output.bytes)} bytes`,
    ),
    ...(rejects ? [`  rejects     ${rejects.bucket}/${rejects.key}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
