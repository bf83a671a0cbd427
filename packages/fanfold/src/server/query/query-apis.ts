/** APIs in AWS's Query protocol, which SNS, SES and older clients of SQS speak: a form in, XML out. */
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../json.ts';
import type { Logger } from '../../ports/logger.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { KnownCaller } from '../guard.ts';
import type { WireAnswer } from '../json-apis.ts';
import { type FlatNames, readForm } from './form.ts';
import { element, escapeXml, type FlatElements, xmlOf } from './xml.ts';

export interface QueryApi {
  readonly call: (action: string, input: JsonObject, options: QueryCallOptions) => Promise<JsonObject>;
  /** Actions that take no right, but credentials that are valid. @defaultValue there are none */
  readonly forAll?: ReadonlySet<string>;
  /** Of the answers: `http://sns.amazonaws.com/doc/2010-03-31/`. */
  readonly namespace: string;
  /** For an API whose lists and maps have no element of their own. */
  readonly flat?: (action: string) => { readonly names: FlatNames; readonly elements: FlatElements };
  /** The code with which a request without an Authorization header is refused. @defaultValue it is not */
  readonly withoutCredentials?: string;
  /** An error's code as this protocol has it. @defaultValue that of the JSON protocol */
  readonly errorCode?: (code: string) => string;
}

export interface QueryCallOptions {
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Of who asks: `function:load`; undefined for the owner. @throws ServiceError when the signature is wrong */
  readonly role: () => string | undefined;
}

/** By the version that requests name: `2010-03-31`. */
export type QueryApis = Readonly<Record<string, QueryApi>>;

export interface QueryRequest {
  readonly form: string;
  /** The Authorization header. */
  readonly authorization?: string | undefined;
  /** Of a request to the address of a queue: which is meant where the form does not say. */
  readonly queueUrl?: string;
  readonly signal: AbortSignal;
  /** Who asks. @throws ServiceError when the signature is wrong */
  readonly caller: () => KnownCaller;
}

/** Services by their versions, as policies know them. */
const IN_POLICIES: Readonly<Record<string, string>> = {
  '2010-03-31': 'sns',
  '2012-11-05': 'sqs',
  '2010-12-01': 'ses',
  '2011-06-15': 'sts',
};

export async function callQueryApi(apis: QueryApis, request: QueryRequest, logger: Logger): Promise<WireAnswer> {
  const requestId = randomUUID();
  const { Version: version, Action: action } = Object.fromEntries(new URLSearchParams(request.form));
  const api = version !== undefined && Object.hasOwn(apis, version) ? apis[version] : undefined;
  try {
    if (action === undefined || !/^\w{1,64}$/.test(action))
      throw new ServiceError('MissingAction', 'The request must contain the parameter Action.');
    if (!api) throw unknownVersion(apis, version, action);
    if (api.withoutCredentials !== undefined && request.authorization === undefined)
      throw new ServiceError(api.withoutCredentials, 'Request is missing Authentication Token', 403);
    const flat = api.flat?.(action) ?? { names: {}, elements: {} };
    const input = inputOf(request, flat.names);
    const { caller, signal } = request;
    if (!api.forAll?.has(action)) caller().check(IN_POLICIES[version ?? ''] ?? `${version}`, action, () => input);
    const result = await api.call(action, input, { signal, role: () => caller().role });
    const content = element(`${action}Result`, xmlOf(result, flat.elements));
    const metadata = element('ResponseMetadata', element('RequestId', requestId));
    return answer(
      200,
      `<${action}Response xmlns="${api.namespace}">${content}${metadata}</${action}Response>`,
      requestId,
    );
  } catch (error) {
    if (!(error instanceof ServiceError)) logger.error('A request to the Query API failed', { error });
    return errorAnswer(error, api, requestId);
  }
}

/** The links in mails name no version: they are SNS's. */
export function linkForm(search: string, version: string): string {
  const form = new URLSearchParams(search);
  if (!form.has('Version')) form.set('Version', version);
  return form.toString();
}

function inputOf({ form, queueUrl }: QueryRequest, names: FlatNames): JsonObject {
  const { Action: _action, Version: _version, ...input } = readForm(form, names);
  return queueUrl !== undefined && input['QueueUrl'] === undefined ? { ...input, QueueUrl: queueUrl } : input;
}

/** Services that a project file takes the place of: their actions are refused with the key to use. */
const IN_THE_PROJECT_FILE: Readonly<Record<string, string>> = {
  '2010-05-08':
    "IAM's actions are not here: write `policy` in fanfold.config.ts, beside the function, job or state machine that it is for.",
  '2010-05-15': "CloudFormation's actions are not here: what a stack has stands in fanfold.config.ts.",
  '2009-03-31': "EMR's actions are not here.",
};

function unknownVersion(apis: QueryApis, version: string | undefined, action: string): ServiceError {
  const key =
    version !== undefined && Object.hasOwn(IN_THE_PROJECT_FILE, version) ? IN_THE_PROJECT_FILE[version] : undefined;
  if (key !== undefined) return new ServiceError('InvalidAction', `${action}: ${key}`);
  return new ServiceError(
    'NoSuchVersion',
    `${action}: this server speaks the versions ${Object.keys(apis).join(', ')} of the Query protocol, not ${JSON.stringify(version)}.`,
  );
}

function errorAnswer(error: unknown, api: QueryApi | undefined, requestId: string): WireAnswer {
  const { code, message, status } =
    error instanceof ServiceError
      ? error
      : { code: 'InternalFailure', message: 'The request failed inside the server; its log says how.', status: 500 };
  const parts = { Type: status < 500 ? 'Sender' : 'Receiver', Code: api?.errorCode?.(code) ?? code, Message: message };
  const content = Object.entries(parts).map(([name, text]) => element(name, escapeXml(text)));
  const body = element('Error', content.join('')) + element('RequestId', requestId);
  const namespace = api ? ` xmlns="${api.namespace}"` : '';
  return answer(status, `<ErrorResponse${namespace}>${body}</ErrorResponse>`, requestId);
}

function answer(status: number, body: string, requestId: string): WireAnswer {
  return { status, headers: { 'Content-Type': 'text/xml', 'x-amzn-RequestId': requestId }, body };
}
