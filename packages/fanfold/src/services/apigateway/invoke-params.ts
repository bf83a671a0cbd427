/** The parameters of `apigateway:invoke`, checked and made into an HTTP request. */
import { isArray, isObject, type Json, type JsonObject, setKey } from '../../json.ts';
import { ok, type Result } from '../../result.ts';
import {
  checkParameters,
  HEADER_NAME,
  HEADER_VALUE,
  isReservedHeader,
  type ParameterFields,
} from '../http-parameters.ts';

/** What is sent, apart from where it goes. */
export interface ApiRequest {
  /** As the definition has it, such as `<api id>.execute-api.<region>.amazonaws.com`. */
  readonly endpoint: string;
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  /** JSON text. */
  readonly body?: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const AUTH_TYPES = ['NO_AUTH', 'IAM_ROLE', 'RESOURCE_POLICY'];
const HOST = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::\d{1,5})?$/i;
const STAGE = /^(?:\$default|[\w-]+)$/;
const FIELDS: ParameterFields = {
  ApiEndpoint: { required: true, fits: (value) => typeof value === 'string' && HOST.test(value) },
  Method: { required: true, fits: (value) => METHODS.includes(value as string) },
  Stage: { fits: (value) => typeof value === 'string' && STAGE.test(value) },
  Path: { fits: (value) => typeof value === 'string' && !climbs(value) },
  QueryParameters: { fits: (value) => isMultiMap(value) },
  Headers: { fits: (value) => isMultiMap(value) && Object.entries(value).every(isHeader) },
  RequestBody: { fits: () => true },
  AuthType: { fits: (value) => AUTH_TYPES.includes(value as string) },
  AllowNullValues: { fits: (value) => typeof value === 'boolean' },
};

/** The failure is AWS's list of what is wrong, in its words. */
export function readInvokeParams(parameters: Json): Result<ApiRequest, string> {
  const checked = checkParameters(FIELDS, parameters);
  if (!checked.ok) return checked;
  const given = checked.value;
  const { ApiEndpoint, Method, Headers = {}, RequestBody, AllowNullValues } = given;
  const body = AllowNullValues === true || RequestBody === undefined ? RequestBody : withoutNulls(RequestBody);
  return ok({
    endpoint: ApiEndpoint as string,
    method: Method as string,
    target: targetOf(given),
    headers: Headers as MultiMap,
    ...(body !== undefined && body !== null && { body: JSON.stringify(body) }),
  });
}

type MultiMap = Readonly<Record<string, readonly string[]>>;

function isMultiMap(value: Json): value is MultiMap {
  return (
    isObject(value) &&
    Object.values(value).every((list) => isArray(list) && list.every((item) => typeof item === 'string'))
  );
}

function isHeader([name, values]: readonly [string, readonly string[]]): boolean {
  if (!HEADER_NAME.test(name) || isReservedHeader(name)) return false;
  return values.every((value) => HEADER_VALUE.test(value));
}

/** Paths are often made of data; one with `..` could leave its API for another part of the server. */
function climbs(path: string): boolean {
  return path.split(/[/\\]/).some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment));
}

function targetOf({ Stage = '', Path = '', QueryParameters = {} }: JsonObject): string {
  const path = (Path as string).replace(/^\//, '');
  const segments = [Stage as string, path].filter((segment) => segment !== '');
  const query = Object.entries(QueryParameters as MultiMap).flatMap(([name, values]) =>
    values.map((value) => `${encodeURIComponent(toWellFormed(name))}=${encodeURIComponent(toWellFormed(value))}`),
  );
  return `/${encodePath(segments.join('/'))}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

/** Encodes what may not stand in a path; what is encoded already stays. */
function encodePath(path: string): string {
  return toWellFormed(path).replace(/%[0-9a-f]{2}|[^\w\-.~!$&'()*+,;=:@/]/giu, (text) =>
    text.length === 3 && text.startsWith('%') ? text : encodeURIComponent(text),
  );
}

function toWellFormed(text: string): string {
  return text.toWellFormed();
}

/** As AWS does unless `AllowNullValues`: members that are null are not sent. */
function withoutNulls(value: Json): Json {
  if (isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const kept: Record<string, Json> = {};
  for (const [key, member] of Object.entries(value)) if (member !== null) setKey(kept, key, withoutNulls(member));
  return kept;
}
