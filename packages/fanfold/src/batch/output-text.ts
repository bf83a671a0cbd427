/** Where an output of a run has gone, in a few words. */
import type { PublishedOutput } from './account.ts';

export function outputPlace(output: PublishedOutput): string {
  switch (output.kind) {
    case 'object':
      return `${output.bucket}/${output.key}`;
    case 'table':
      return output.table;
    case 'http':
      return output.url;
    default:
      return output satisfies never;
  }
}
