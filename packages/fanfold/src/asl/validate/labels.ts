/** Labels name the runs of a distributed Map: short, unique, and without what is special elsewhere. */
import { member } from '../../json.ts';
import { type Check, error, type Problem } from './problem.ts';

const MAX_LABEL = 40;
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\s?*<>{}[\]:;,\\|^~$#%&`"\u0000-\u001f\u007f-\u009f]/u;

export const checkLabels: Check = ({ states }) => {
  const problems: Problem[] = [];
  const labels = new Set<string>();
  for (const state of states) {
    const label = state.type === 'Map' ? member(state.json, 'Label') : undefined;
    if (typeof label !== 'string') continue;
    const at = state.at.in('Label');
    const message = problemOf(label);
    if (message !== undefined) problems.push(error('INVALID_LABEL_NAME', at, message));
    if (labels.has(label)) problems.push(error('DUPLICATE_LABEL_NAME', at, `Duplicate Label name: ${label}`));
    labels.add(label);
  }
  return problems;
};

function problemOf(label: string): string | undefined {
  if (label === '') return 'The label name cannot be empty';
  if ([...label].length > MAX_LABEL)
    return `The label name '${label}' exceeds the ${MAX_LABEL}-character limit allowed by the service`;
  return FORBIDDEN.test(label) ? `The label name '${label}' contains characters that are not allowed` : undefined;
}
