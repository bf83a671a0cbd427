/** Everything that is to be said about a definition, as AWS's ValidateStateMachineDefinition would. */
import type { Finding } from '../finding.ts';
import { readJson } from '../source/json.ts';
import { locationOf, type Position, type Source } from '../source/source.ts';
import { checkChoices } from './choices.ts';
import type { MachineType } from './context.ts';
import { checkCredentials } from './credentials.ts';
import { checkEndState } from './end-state.ts';
import { checkErrorHandlers } from './error-handlers.ts';
import { checkExpressions } from './expressions.ts';
import { checkItemSources } from './item-sources.ts';
import { checkLabels } from './labels.ts';
import { checkMapModes } from './map-modes.ts';
import { checkNames } from './names.ts';
import { leaveOpen } from './open-places.ts';
import { checkPaths } from './paths.ts';
import type { Check, Problem } from './problem.ts';
import { checkQueryLanguages } from './query-languages.ts';
import { checkResources } from './resources.ts';
import { checkShapes } from './shapes.ts';
import { takeApart } from './take-apart.ts';
import { checkTemplates } from './templates.ts';
import { checkTimeouts } from './timeouts.ts';
import { checkTransitions } from './transitions.ts';
import { checkVariables } from './variables.ts';
import { checkWarnings } from './warnings.ts';

export interface ValidateOptions {
  /**
   * EXPRESS machines cannot do all that STANDARD ones can.
   * @defaultValue 'STANDARD'
   */
  readonly type?: MachineType;
  /**
   * `${Name}` and `<NAME>` are places that get their values later, as in the file of a CloudFormation or Terraform
   * template: an error about a text with one is a warning.
   * @defaultValue false
   */
  readonly openPlaces?: boolean;
}

const CHECKS: readonly Check[] = [
  checkQueryLanguages,
  checkShapes,
  checkNames,
  checkLabels,
  checkTransitions,
  checkEndState,
  checkChoices,
  checkErrorHandlers,
  checkTimeouts,
  checkResources,
  checkCredentials,
  checkMapModes,
  checkItemSources,
  checkPaths,
  checkTemplates,
  checkVariables,
  checkExpressions,
  checkWarnings,
];

/** The most findings that one check gives: enough to work on, and few enough to show. */
const MAX_FINDINGS = 1000;

/** Every finding at once, in the order of the text; what has no place comes last. */
export function validateSource(source: Source, options: ValidateOptions = {}): readonly Finding[] {
  const { context, problems } = takeApart(source, options.type ?? 'STANDARD');
  return [problems, ...CHECKS.map((check) => check(context))]
    .flatMap((found) => [...Iterator.from(found).take(MAX_FINDINGS)])
    .map((problem) => (options.openPlaces ? leaveOpen(problem, source.json) : problem))
    .map((problem) => ({ problem, position: positionOf(problem, source) }))
    .sort(byPosition)
    .map(({ problem, position }) => findingOf(problem, position));
}

/** @param text JSON; what cannot be read is a finding, too */
export function validateText(text: string, options: ValidateOptions = {}): readonly Finding[] {
  const read = readJson(text);
  return read.ok ? validateSource(read.value, options) : [read.error];
}

function positionOf({ at, exact }: Problem, source: Source): Position | undefined {
  const place = exact ?? at;
  return place && source.positionOf(place.pointer);
}

interface Placed {
  readonly problem: Problem;
  readonly position: Position | undefined;
}

function byPosition({ position: a }: Placed, { position: b }: Placed): number {
  if (!a || !b) return (a ? 0 : 1) - (b ? 0 : 1);
  return a.line - b.line || a.column - b.column;
}

function findingOf({ severity, code, message, at, hint }: Problem, position: Position | undefined): Finding {
  return {
    severity,
    code,
    message,
    ...(at && { location: locationOf(at.pointer) }),
    ...(hint !== undefined && { hint }),
    ...position,
  };
}
