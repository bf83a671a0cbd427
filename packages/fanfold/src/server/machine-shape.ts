/** State machines as the API shows them, and back again for Fanfold's own client. */
import { isObject, type JsonObject } from '../json.ts';
import type { DescribedStateMachine, StateMachineRecord } from '../ports/state-machines.ts';
import { variableReferences } from './variable-references.ts';

/** @param options `data`: the definition is shown; `details`: what AWS does not tell is shown too */
export function describedMachine(
  machine: DescribedStateMachine,
  { data, details }: { readonly data: boolean; readonly details: boolean },
): JsonObject {
  const { arn, version, name, definitionText, roleArn, revisionId, settings } = machine;
  const references = data ? variableReferences(definitionText) : {};
  return {
    stateMachineArn: version ? `${arn}:${version.number}` : arn,
    name,
    definition: data ? definitionText : '{}',
    roleArn,
    ...(revisionId !== null && { revisionId }),
    ...(version?.description != null && { description: version.description }),
    loggingConfiguration: settings.logging,
    tracingConfiguration: settings.tracing,
    encryptionConfiguration: settings.encryption,
    ...(Object.keys(references).length > 0 && { variableReferences: references }),
    ...(details && { fanfold: detailsOf(machine) }),
  };
}

export function listedMachine(machine: StateMachineRecord, details: boolean): JsonObject {
  const { arn, name, type, createdAt } = machine;
  return {
    stateMachineArn: arn,
    name,
    type,
    creationDate: createdAt / 1000,
    ...(details && { fanfold: detailsOf(machine) }),
  };
}

/** @throws Error when this is not what one of the above made, with details */
export function machineOf(shown: JsonObject): DescribedStateMachine {
  const { fanfold } = shown;
  if (!isObject(fanfold)) throw new Error('The server at this address is not a Fanfold of this version');
  return fanfold as unknown as DescribedStateMachine;
}

function detailsOf(machine: StateMachineRecord): JsonObject {
  return machine as unknown as JsonObject;
}
