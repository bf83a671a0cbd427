/** Findings as text: place, severity, code and message, and what to do about it. */
import type { Finding } from '../asl/index.ts';

/** @param path of the definition, as it is shown */
export function* findingLines(path: string, findings: readonly Finding[]): Generator<string> {
  for (const { severity, code, message, location, hint, line, column } of findings) {
    const place = line === undefined ? path : `${path}:${line}:${column ?? 1}`;
    yield `${place}: ${severity} ${code}: ${message}${location === undefined ? '' : ` at ${location}`}`;
    if (hint !== undefined) yield `    ${hint}`;
  }
}
