import { visible } from '../visible.ts';

/** One thing that is to be said about a definition. */
export interface Finding {
  /** A definition with errors is refused; warnings only tell. */
  readonly severity: 'ERROR' | 'WARNING';
  /** As ValidateStateMachineDefinition names it. */
  readonly code: string;
  /** In AWS's words, where they are known. */
  readonly message: string;
  /**
   * Where in the definition, as AWS writes it: `/States/Split/Catch[0]/Next`. A text that cannot be read has the place in
   * the text here; what concerns the machine as a whole has none.
   */
  readonly location?: string;
  /** What AWS does not say: what exactly is wrong, or what to do. */
  readonly hint?: string;
  /** Where in the source, both from 1; columns count UTF-16 units. */
  readonly line?: number;
  readonly column?: number;
}

/** The most findings that one message names. */
const MAX_SHOWN = 100;

/** The errors in one line, as AWS's InvalidDefinition lists them. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings
    .filter((finding) => finding.severity === 'ERROR')
    .slice(0, MAX_SHOWN)
    .map(({ code, message, location }) => `${code}: ${message} at ${location ?? 'null'}`)
    .join(', ');
}

/** AWS's parser tells of a text that cannot be read where that is by quoting the text; here the place stands before it. */
const QUOTED_SOURCE = /\s*(?:\(start marker )?\bat \[Source: .*$/s;

/**
 * Each finding with its place, and what to do about it on a line below.
 *
 * @param path of the source, as it is shown
 */
export function* findingLines(path: string, findings: readonly Finding[]): Generator<string> {
  for (const { severity, code, message, location, hint, line, column } of findings) {
    const place = line === undefined ? path : `${path}:${line}:${column ?? 1}`;
    const text = `${message}${location === undefined ? '' : ` at ${location}`}`;
    const told = line === undefined ? text : text.replace(QUOTED_SOURCE, '');
    yield visible(`${place}: ${severity} ${code}: ${told}`);
    if (hint !== undefined) yield `    ${visible(hint)}`;
  }
}
