/** STS: who the keys that a request is signed with stand for. It hands out no keys. */
import { ServiceError } from '../../ports/service-error.ts';
import type { QueryApi } from './query-apis.ts';

export const STS_VERSION = '2011-06-15';

export function stsQueryApi(account: string): QueryApi {
  return {
    call: async (action, _input, { role }) => {
      if (action !== IDENTITY)
        throw new ServiceError('InvalidAction', `Of STS this server has ${IDENTITY}, not ${action}.`);
      return { Account: account, ...(role() === undefined ? ownerOf(account) : assumed(account, role() ?? '')) };
    },
    namespace: `https://sts.amazonaws.com/doc/${STS_VERSION}/`,
    withoutCredentials: 'MissingAuthenticationToken',
    forAll: new Set([IDENTITY]),
  };
}

const IDENTITY = 'GetCallerIdentity';

interface Identity {
  readonly Arn: string;
  readonly UserId: string;
}

function ownerOf(account: string): Identity {
  return { Arn: `arn:aws:iam::${account}:root`, UserId: account };
}

/** The function `load` has the role `function:load`, and its name is that of its session, as on AWS. */
function assumed(account: string, role: string): Identity {
  const session = role.slice(role.indexOf(':') + 1);
  return { Arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`, UserId: `${role}:${session}` };
}
