/** Reads a definition and checks it. */
import { fail, ok, type Result } from '../result.ts';
import type { Definition } from './definition.ts';
import type { Finding } from './finding.ts';
import { readJson } from './source/json.ts';
import { readSource, type SourceFormat } from './source/read-source.ts';
import type { Source } from './source/source.ts';
import { type ValidateOptions, validateSource } from './validate/validate.ts';

/** Every finding at once; a definition with errors gives none of its parts away, and warnings do not matter. */
export function parseDefinition(text: string, options: ValidateOptions = {}): Result<Definition, readonly Finding[]> {
  const read = readJson(text);
  return read.ok ? definitionOf(read.value, options) : fail([read.error]);
}

/** The same for a source in any of the formats. */
export async function parseDefinitionSource(
  text: string,
  format: SourceFormat,
  options: ValidateOptions = {},
): Promise<Result<Definition, readonly Finding[]>> {
  const read = await readSource(text, format);
  return read.ok ? definitionOf(read.value, options) : fail([read.error]);
}

/** The same for a source that was read. */
export function definitionOf(source: Source, options: ValidateOptions = {}): Result<Definition, readonly Finding[]> {
  const findings = validateSource(source, options);
  if (findings.some((finding) => finding.severity === 'ERROR')) return fail(findings);
  return ok(source.json as unknown as Definition);
}
