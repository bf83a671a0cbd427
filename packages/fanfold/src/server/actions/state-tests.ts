/** TestState. */
import type { Limits } from '../../interpreter/limits.ts';
import type { JsonObject } from '../../json.ts';
import type { StateMock, TestedState } from '../../ports/state-tests.ts';
import { INPUT_BYTES } from '../limits.ts';
import { flag, given, integer, oneOf, required, text } from '../params.ts';
import { structureOf } from '../params-nested.ts';
import { type Action, action, arnField } from './action.ts';

const countField = integer({ min: 0, max: 2 ** 31 - 1 });

export function stateTestActions(limits: Limits): Readonly<Record<string, Action>> {
  const dataField = text({ max: INPUT_BYTES[limits], sensitive: true });
  return {
    TestState: action(
      {
        definition: required(text({ min: 1, max: 1_048_576, sensitive: true })),
        roleArn: arnField,
        input: dataField,
        inspectionLevel: oneOf('INFO', 'DEBUG', 'TRACE'),
        revealSecrets: flag,
        variables: dataField,
        stateName: text({ min: 1, max: 80, sensitive: true }),
        mock: structureOf({
          result: dataField,
          errorOutput: structureOf({
            error: text({ max: 256, sensitive: true }),
            cause: text({ max: 32_768, sensitive: true }),
          }),
          fieldValidationMode: oneOf('STRICT', 'PRESENT', 'NONE'),
        }),
        context: dataField,
        stateConfiguration: structureOf({
          retrierRetryCount: countField,
          errorCausedByState: text({ min: 1, max: 80, sensitive: true }),
          mapIterationFailureCount: countField,
          mapItemReaderData: dataField,
        }),
      },
      async (
        { definition, inspectionLevel = 'INFO', mock, stateConfiguration, ...rest },
        { executions },
      ): Promise<JsonObject> => {
        const tested = await executions.testState({
          definition,
          ...given(rest),
          ...(mock && { mock: mockOf(mock) }),
          ...(stateConfiguration && { stateConfiguration: given(stateConfiguration) }),
        });
        return answerOf(tested, inspectionLevel);
      },
    ),
  };
}

type Unset<T> = { readonly [K in keyof T]: Exclude<T[K], undefined> | undefined };

function mockOf({
  errorOutput,
  ...rest
}: Unset<Required<Omit<StateMock, 'errorOutput'>>> & {
  readonly errorOutput: Unset<Required<NonNullable<StateMock['errorOutput']>>> | undefined;
}): StateMock {
  return { ...given(rest), ...(errorOutput && { errorOutput: given(errorOutput) }) };
}

/** What went over HTTP is shown by TRACE alone. */
function answerOf({ inspectionData, ...answer }: TestedState, level: 'INFO' | 'DEBUG' | 'TRACE'): JsonObject {
  if (level === 'INFO') return answer;
  const { request, response, ...rest } = inspectionData;
  const exchange = { ...(request !== undefined && { request }), ...(response !== undefined && { response }) };
  return { ...answer, inspectionData: level === 'TRACE' ? { ...rest, ...exchange } : rest };
}
