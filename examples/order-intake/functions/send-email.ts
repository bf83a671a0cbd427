/** Email the file: tells the recipient that the run is complete, with a link to the output that works for an hour. */
import type { FunctionHandler } from 'fanfold';
import { readSummary, type Summary } from '../orders/account.ts';
import { fileNameOf, runFolderOf } from '../orders/run-folder.ts';

export interface SendEmailEvent {
  readonly sender: string;
  readonly recipient: string;
  readonly bucket: string;
  readonly s3OutputFileName: string;
}

const LINK_SECONDS = 3600;

/** A failure to send is thrown, so that the state's Retry sees it; a mail sent twice has the same Message-ID. */
export const handler: FunctionHandler<SendEmailEvent, { readonly messageId: string }> = async (event, context) => {
  const { bucket, s3OutputFileName: key, sender, recipient } = event;
  const summary = await readSummary(context.objects, { bucket, key: runFolderOf(key).summary });
  const rejects = summary?.rejects ?? null;
  const output = await context.links.sign({ bucket, key }, LINK_SECONDS);
  const rejected = rejects === null ? undefined : await context.links.sign({ bucket, key: rejects }, LINK_SECONDS);
  const name = fileNameOf(key);
  return context.mail.send({
    from: sender,
    to: [recipient],
    subject: `Batch processing is complete: ${name}`,
    text: textOf(name, summary, output, rejected),
    html: htmlOf(name, summary, output, rejected),
  });
};

function textOf(name: string, summary: Summary | undefined, output: string, rejected: string | undefined): string {
  const parts = [
    `${name} was processed.${counts(summary)}`,
    `The output:\n${output}`,
    ...(rejected === undefined ? [] : [`The rejected records, each with its line and reason:\n${rejected}`]),
    validity(rejected),
  ];
  return `${parts.join('\n\n')}\n`;
}

function htmlOf(name: string, summary: Summary | undefined, output: string, rejected: string | undefined): string {
  const parts = [
    `${escapeHtml(name)} was processed.${counts(summary)}`,
    `<a href="${escapeHtml(output)}">Download the output</a>`,
    ...(rejected === undefined
      ? []
      : [`<a href="${escapeHtml(rejected)}">Download the rejected records</a>, each with its line and reason`]),
    validity(rejected),
  ];
  return `<!doctype html>\n<html><body>\n${parts.map((part) => `<p>${part}</p>`).join('\n')}\n</body></html>\n`;
}

function counts(summary: Summary | undefined): string {
  if (!summary) return '';
  return ` ${summary.read} records were read, ${summary.written} written, ${summary.rejected} rejected.`;
}

function validity(rejected: string | undefined): string {
  return `${rejected === undefined ? 'The link is' : 'The links are'} valid for ${LINK_SECONDS / 60} minutes. Whoever has ${rejected === undefined ? 'it' : 'one'} can download the file.`;
}

function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character] ?? character);
}
