/** Reads the source of a definition, in any of the forms that it may be written in. */
import { fail, type Result } from '../../result.ts';
import type { Finding } from '../finding.ts';
import { readJson } from './json.ts';
import type { Source } from './source.ts';
import { unreadable } from './unreadable.ts';
import type { Fill } from './yaml.ts';

export type SourceFormat = 'json' | 'jsonc' | 'yaml';

/** By the file's name: `.yaml` and `.yml`, `.jsonc`; everything else is JSON. */
export function formatOfFile(name: string): SourceFormat {
  if (/\.ya?ml$/i.test(name)) return 'yaml';
  return /\.jsonc$/i.test(name) ? 'jsonc' : 'json';
}

/**
 * What is wrong with the text comes back as a finding with its line and column. YAML's library is loaded when asked for.
 *
 * @param fill for the texts of YAML: where quotes are optional, places in the text cannot be filled before it is read
 */
export async function readSource(
  text: string,
  format: SourceFormat = 'json',
  fill?: Fill,
): Promise<Result<Source, Finding>> {
  if (format !== 'yaml') return readJson(text, { comments: format === 'jsonc' });
  const yaml = await import('./yaml.ts').catch((error: unknown) => String(error));
  if (typeof yaml === 'string') return fail(unreadable(`YAML cannot be read: ${yaml}. Run npm install.`));
  return yaml.readYaml(text, fill);
}
