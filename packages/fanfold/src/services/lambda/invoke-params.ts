/** The parameters of `lambda:invoke`, checked. */
import { isObject, type Json } from '../../json.ts';
import { fail, ok, type Result } from '../../result.ts';
import { parseFunctionName } from './function-name.ts';

export interface InvokeParameters {
  /** Name or ARN. */
  readonly name: string;
  /** JSON text. */
  readonly payload: string;
  /** The caller wants the end of the log. */
  readonly logTail: boolean;
  /** Nobody waits for the result. */
  readonly isEvent: boolean;
}

const LOG_TYPES: readonly Json[] = ['None', 'Tail'];
/** A version, an alias or `$LATEST`, as AWS Lambda has it. */
const QUALIFIER = /^(?:\$LATEST|[a-zA-Z0-9_-]{1,128})$/;

const FIELDS: Readonly<Record<string, (value: Json) => string | undefined>> = {
  FunctionName: (value) =>
    typeof value !== 'string' ? notText('FunctionName') : value === '' ? invalid('FunctionName') : undefined,
  Qualifier: (value) =>
    typeof value !== 'string' ? notText('Qualifier') : QUALIFIER.test(value) ? undefined : invalid('Qualifier'),
  Payload: () => undefined,
  InvocationType: (value) =>
    value === 'RequestResponse' || value === 'Event'
      ? undefined
      : `The value ${JSON.stringify(value)} of the field 'InvocationType' is not supported by Fanfold, which takes "RequestResponse" and "Event"`,
  LogType: (value) => (LOG_TYPES.includes(value) ? undefined : invalid('LogType')),
};

/** The failure is a list of what is wrong, in AWS's words. */
export function readInvokeParams(parameters: Json): Result<InvokeParameters, string> {
  const given = isObject(parameters) ? parameters : {};
  const problems = Object.entries(given).flatMap(([name, value]) => problemOf(name, value) ?? []);
  if (!Object.hasOwn(given, 'FunctionName')) problems.push("The field 'FunctionName' is required but was missing");
  if (problems.length > 0) {
    const shown = JSON.stringify(parameters).slice(0, 1000);
    return fail(`The Parameters '${shown}' could not be used to start the Task: [${problems.join(', ')}]`);
  }
  const { FunctionName, Qualifier, Payload, LogType, InvocationType } = given;
  const name = qualified(FunctionName as string, Qualifier as string | undefined);
  const isEvent = InvocationType === 'Event';
  return ok({ name, payload: payloadOf(Payload), logTail: LogType === 'Tail', isEvent });
}

/** A name that has a qualifier keeps it. */
function qualified(name: string, qualifier: string | undefined): string {
  return qualifier === undefined || parseFunctionName(name)?.qualifier !== undefined ? name : `${name}:${qualifier}`;
}

function problemOf(name: string, value: Json): string | undefined {
  const check = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  return check ? check(value) : `The field '${name}' is not supported by Step Functions`;
}

function notText(name: string): string {
  return `The value for the field '${name}' must be a STRING`;
}

function invalid(name: string): string {
  return `The value of the field '${name}' has an invalid format`;
}

/**
 * As on AWS, no payload and `null` both reach the function as an empty object, and a text that is JSON itself reaches it
 * as what that JSON is.
 */
function payloadOf(payload: Json | undefined): string {
  if (payload === undefined || payload === null) return '{}';
  return typeof payload === 'string' && isJson(payload) ? payload : JSON.stringify(payload);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
