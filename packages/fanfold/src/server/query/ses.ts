/** The first API of SES, which has no other protocol than Query. */
import type { ApiCall } from '../../ports/api-call.ts';
import type { QueryApi } from './query-apis.ts';

export const SES_VERSION = '2010-12-01';

export function sesQueryApi(call: ApiCall): QueryApi {
  return {
    call,
    namespace: `http://ses.amazonaws.com/doc/${SES_VERSION}/`,
    withoutCredentials: 'MissingAuthenticationToken',
  };
}
