/** One thing that is wrong with a definition. */
export interface Finding {
  readonly severity: 'ERROR' | 'WARNING';
  /** As ValidateStateMachineDefinition names it. */
  readonly code: string;
  readonly message: string;
  /** Where in the definition, as AWS writes it: `/States/Split/Catch[0]/Next`. */
  readonly location: string;
}

export function formatFindings(findings: readonly Finding[]): string {
  return findings.map((finding) => `${finding.code}: ${finding.message} at ${finding.location}`).join('\n');
}
