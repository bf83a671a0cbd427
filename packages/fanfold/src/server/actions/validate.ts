/** ValidateStateMachineDefinition. */
import type { Finding } from '../../asl/finding.ts';
import { validateText } from '../../asl/validate/validate.ts';
import type { JsonObject } from '../../json.ts';
import { integer, oneOf, required, text } from '../params.ts';
import { type Action, action } from './action.ts';

/** AWS's default, and its most. */
const MOST_DIAGNOSTICS = 100;

export const validateActions: Readonly<Record<string, Action>> = {
  ValidateStateMachineDefinition: action(
    {
      definition: required(text({ min: 1, max: 1_048_576, sensitive: true })),
      type: oneOf('STANDARD', 'EXPRESS'),
      severity: oneOf('ERROR', 'WARNING'),
      maxResults: integer({ min: 0, max: MOST_DIAGNOSTICS }),
    },
    async ({ definition, type = 'STANDARD', severity = 'ERROR', maxResults }) => {
      const findings = validateText(definition, { type });
      const wanted = findings.filter((finding) => severity === 'WARNING' || finding.severity === 'ERROR');
      const shown = wanted.slice(0, maxResults || MOST_DIAGNOSTICS);
      return {
        result: findings.some((finding) => finding.severity === 'ERROR') ? 'FAIL' : 'OK',
        diagnostics: shown.map(diagnosticOf),
        truncated: shown.length < wanted.length,
      };
    },
  ),
};

function diagnosticOf({ severity, code, message, location }: Finding): JsonObject {
  return { severity, code, message, ...(location !== undefined && { location }) };
}
