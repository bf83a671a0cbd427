/** The parameters of `http:invoke`, checked and made into an HTTP request. */
import { isArray, isObject, type Json, type JsonObject, member } from '../../json.ts';
import { fail, ok, type Result } from '../../result.ts';
import {
  checkParameters,
  HEADER_NAME,
  HEADER_VALUE,
  isReservedHeader,
  type ParameterFields,
} from '../http-parameters.ts';
import { ARRAY_FORMATS, type ArrayFormat, encodeForm } from './form-encoding.ts';

export interface HttpRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string;
  /** The name of a connection. */
  readonly connection?: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
const CONNECTION = /^arn:[^:]*:events:[^:]*:[^:]*:connection\/([.\-_A-Za-z0-9]{1,64})(?:\/[0-9a-f-]+)?$/;

const FIELDS: ParameterFields = {
  ApiEndpoint: { required: true, fits: (value) => typeof value === 'string' && readUrl(value) !== undefined },
  Method: { required: true, fits: (value) => METHODS.includes(value as string) },
  Authentication: { fits: (value) => connectionOf(value) !== undefined },
  InvocationConfig: { fits: (value) => connectionOf(value) !== undefined },
  Headers: { fits: (value) => isMultiMap(value) && Object.entries(value).every(isHeader) },
  QueryParameters: { fits: (value) => isObject(value) && Object.values(value).every(isQueryValue) },
  RequestBody: { fits: () => true },
  Transform: { fits: isTransform },
};

/** The failure is AWS's list of what is wrong, in its words. */
export function readHttpParams(parameters: Json): Result<HttpRequest, string> {
  const checked = checkParameters(FIELDS, parameters);
  if (!checked.ok) return checked;
  const given = checked.value;
  const url = readUrl(String(given['ApiEndpoint']));
  if (!url) return fail('The ApiEndpoint is no URL.');
  for (const [name, value] of Object.entries((given['QueryParameters'] ?? {}) as JsonObject))
    for (const one of isArray(value) ? value : [value])
      url.searchParams.append(name, typeof one === 'string' ? one : JSON.stringify(one));
  const headers = (given['Headers'] ?? {}) as Readonly<Record<string, string | readonly string[]>>;
  const body = encodeBody(given, headers);
  if (!body.ok) return body;
  const connection = connectionOf(given['Authentication'] ?? given['InvocationConfig'] ?? null);
  return ok({
    url,
    method: String(given['Method']),
    headers,
    ...(body.value !== undefined && { body: body.value }),
    ...(connection !== undefined && { connection }),
  });
}

/** Absolute, of HTTP, and without a user: what it says is where it goes. */
function readUrl(text: string): URL | undefined {
  const url = /^https?:\/\/[^/]/i.test(text) && !/[\s\\]/.test(text) ? URL.parse(text) : null;
  return url && url.username === '' && url.password === '' && url.hash === '' ? url : undefined;
}

function connectionOf(value: Json): string | undefined {
  const arn = isObject(value) && Object.keys(value).length === 1 ? member(value, 'ConnectionArn') : undefined;
  return typeof arn === 'string' ? CONNECTION.exec(arn)?.[1] : undefined;
}

type MultiMap = Readonly<Record<string, string | readonly string[]>>;

function isMultiMap(value: Json): value is MultiMap {
  const isValue = (one: Json): boolean =>
    typeof one === 'string' || (isArray(one) && one.every((item) => typeof item === 'string'));
  return isObject(value) && Object.values(value).every(isValue);
}

function isQueryValue(value: Json): boolean {
  return isArray(value) ? value.every((one) => !isArray(one) && isQueryValue(one)) : value !== null && !isObject(value);
}

function isHeader([name, values]: readonly [string, string | readonly string[]]): boolean {
  if (!HEADER_NAME.test(name) || isReservedHeader(name)) return false;
  return (typeof values === 'string' ? [values] : values).every((value) => HEADER_VALUE.test(value));
}

function isTransform(value: Json): boolean {
  if (!isObject(value)) return false;
  const { RequestBodyEncoding: encoding = 'NONE', RequestEncodingOptions: options = {}, ...rest } = value;
  if (!['NONE', 'URL_ENCODED'].includes(encoding as string) || !isObject(options) || Object.keys(rest).length > 0)
    return false;
  const { ArrayFormat: format = 'INDICES', ...more } = options;
  return ARRAY_FORMATS.includes(format as ArrayFormat) && Object.keys(more).length === 0;
}

function encodeBody(given: JsonObject, headers: MultiMap): Result<string | undefined, string> {
  const body = given['RequestBody'];
  if (body === undefined || body === null) return ok(undefined);
  const transform = (given['Transform'] ?? {}) as JsonObject;
  const type = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (transform['RequestBodyEncoding'] === 'URL_ENCODED') {
    if (!/^application\/x-www-form-urlencoded\b/i.test(String(type)))
      return fail(
        'RequestBodyEncoding is URL_ENCODED: the Headers must have the Content-Type application/x-www-form-urlencoded',
      );
    if (!isObject(body)) return fail('RequestBodyEncoding is URL_ENCODED: the RequestBody must be an object');
    const options = (transform['RequestEncodingOptions'] ?? {}) as JsonObject;
    return ok(encodeForm(body, (options['ArrayFormat'] ?? 'INDICES') as ArrayFormat));
  }
  const isJson = type === '' || /^[^;]*[/+]json\b/i.test(String(type));
  return ok(typeof body === 'string' && !isJson ? body : JSON.stringify(body));
}
