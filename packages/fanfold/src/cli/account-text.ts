/** The account of a batch's run, for people. */
import type { PublishedOutput, RunAccount } from '../batch/account.ts';
import { messageOf, outputPlace } from '../app/batch-output.ts';

export function accountText(account: RunAccount): string {
  const { read, written, filtered, rejected, emitted, outputs, totals = {}, rejects, chunks } = account;
  const { sameAs, notTold } = account;
  if (sameAs !== undefined)
    return `  account     nothing was done: the run ${sameAs} has published a file of the same content\n`;
  const lines = [
    `  account     ${number(read)} read = ${number(written)} written + ${number(filtered)} filtered + ${number(rejected)} rejected`,
    `  outputs     ${number(emitted)}, from ${number(chunks)} ${chunks === 1 ? 'chunk' : 'chunks'}`,
    ...outputs.map(
      (output) => `    ${output.kind.padEnd(9)} ${outputPlace(output)}  ${number(output.emitted)} ${amount(output)}`,
    ),
    ...Object.entries(totals).map(
      ([name, { records: keys, all }]) =>
        `  totals      ${name}: ${number(keys)} ${keys === 1 ? 'record' : 'records'}; ${Object.entries(all)
          .map(([column, value]) => `${column} ${typeof value === 'number' ? number(value) : String(value)}`)
          .join(', ')}`,
    ),
    ...(rejects ? [`  rejects     ${rejects.bucket}/${rejects.key}`] : []),
    ...(notTold ? [`  not told    ${notTold.error}: ${messageOf(notTold.cause)}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function amount(output: PublishedOutput): string {
  const what = output.totals === undefined ? 'records' : `records of ${output.totals}`;
  if (output.kind === 'table') return output.totals === undefined ? 'items' : `items of ${output.totals}`;
  return output.kind === 'object' ? `${what}, ${number(output.bytes)} bytes` : what;
}

function number(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 20 });
}
