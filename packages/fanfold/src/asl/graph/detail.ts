/** What a state does, in a few words beside its type. */
import { type Json, member } from '../../json.ts';
import {
  mapMode,
  type MapDefinition,
  type StateDefinition,
  type StateType,
  type TaskDefinition,
} from '../definition.ts';
import { parseResource } from '../resource.ts';

const DETAILS: { readonly [T in StateType]?: (state: Extract<StateDefinition, { Type: T }>) => string | undefined } = {
  Task: ofTask,
  Wait: (wait) => {
    if (wait.Seconds !== undefined) return `${plain(wait.Seconds)} s`;
    if (wait.SecondsPath !== undefined) return `${wait.SecondsPath} s`;
    return `until ${plain(wait.Timestamp ?? wait.TimestampPath)}`;
  },
  Fail: (fail) => plain(fail.Error ?? fail.ErrorPath),
  Parallel: ({ Branches }) => `${Branches.length} ${Branches.length === 1 ? 'branch' : 'branches'}`,
  Map: ofMap,
};

/** Undefined where the type says it all. */
export function detailOf(state: StateDefinition): string | undefined {
  const detail = DETAILS[state.Type] as ((state: StateDefinition) => string | undefined) | undefined;
  return detail?.(state);
}

function ofTask({ Resource, Parameters, Arguments }: TaskDefinition): string {
  const resource = parseResource(Resource);
  if (!resource) return Resource;
  if (resource.kind === 'function') return `function ${resource.action}`;
  if (resource.kind === 'activity') return `activity ${resource.action}`;
  const called = `${resource.service}:${resource.action}`;
  const name = called.startsWith('lambda:invoke') ? (nameIn(Parameters) ?? nameIn(Arguments)) : undefined;
  return name === undefined ? called : `${called} ${name}`;
}

/** The function that `lambda:invoke` calls, where the definition says it. */
function nameIn(args: Json | undefined): string | undefined {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return undefined;
  const name = member(args as Exclude<typeof args, readonly Json[]>, 'FunctionName');
  if (typeof name !== 'string' || name.startsWith('{%')) return undefined;
  const resource = parseResource(name);
  return resource?.kind === 'function' ? resource.action : name;
}

function ofMap(map: MapDefinition): string {
  const most = map.MaxConcurrency ?? map.MaxConcurrencyPath;
  const mode = mapMode(map) === 'DISTRIBUTED' ? 'distributed' : 'inline';
  return most === undefined || most === 0 ? mode : `${mode}, at most ${plain(most)} at once`;
}

function plain(value: string | number | undefined): string | undefined {
  return typeof value === 'string' ? value.replace(/^\{%\s*|\s*%\}$/g, '') : value?.toString();
}
