/** The server of a project: all its APIs, over what is open. */
import type { AccessControl } from '../access/access-control.ts';
import type { Sessions } from '../access/sessions.ts';
import { SES_VERSION, sesQueryApi } from '../server/query/ses.ts';
import { SNS_VERSION, snsQueryApi } from '../server/query/sns.ts';
import { SQS_VERSION, sqsJsonApi, sqsQueryApi } from '../server/query/sqs.ts';
import { STS_VERSION, stsQueryApi } from '../server/query/sts.ts';
import { type RunningServer, type ServerOptions, startServer } from '../server/server.ts';
import type { Clock } from '../ports/clock.ts';
import type { AccessLogFile } from '../services/s3/access-log.ts';
import { verifyLink } from '../services/s3/links.ts';
import type { LocalObjects } from '../services/s3/local.ts';
import type { MailApi } from '../services/ses/api.ts';
import { createNotifiable } from './bucket-notifications.ts';
import { bucketConfigurations } from './bucket-settings.ts';
import type { Credentials } from './credentials.ts';
import type { ProjectDefinition } from './define-project.ts';
import type { Messages } from './messages.ts';
import { hasRole, type ProjectRoles } from './project-roles.ts';

export interface ProjectServerParams extends Pick<
  ServerOptions,
  | 'port'
  | 'executions'
  | 'stateMachines'
  | 'mapRuns'
  | 'tokens'
  | 'activities'
  | 'tables'
  | 'outputs'
  | 'batchRuns'
  | 'backup'
  | 'objectEvents'
  | 'logger'
  | 'limits'
  | 'region'
  | 'account'
> {
  readonly definition: ProjectDefinition;
  readonly clock: Clock;
  readonly local: LocalObjects;
  readonly accessLog: Pick<AccessLogFile, 'write'>;
  readonly messages: Pick<Messages, 'queues' | 'topics' | 'rules'>;
  readonly mailApi: MailApi;
  readonly functions: ServerOptions['functions'];
  readonly invokeLater: ServerOptions['invokeLater'];
  readonly credentials: Credentials;
  readonly roles: ProjectRoles;
  readonly access: AccessControl;
  readonly sessions: Sessions;
}

export function startProjectServer(params: ProjectServerParams): Promise<RunningServer> {
  const { definition, clock, local, accessLog, messages, mailApi, credentials, roles, access, sessions, ...rest } =
    params;
  const { functions } = rest;
  const { queues, topics, rules } = messages;
  const secretFor = (id: string): string | undefined =>
    id === credentials.accessKeyId ? credentials.secretAccessKey : roles.keyOf(id)?.secretAccessKey;
  return startServer({
    ...rest,
    s3: {
      ...local,
      secretFor,
      verifyLink: (link) => verifyLink({ ...link, secretFor, now: clock.now() }),
      accessLog: accessLog.write,
      configured: bucketConfigurations(definition),
      isRole: (name) => hasRole(definition, name),
      notifiable: createNotifiable({
        queues: queues.queues,
        topics: topics.call,
        functions,
        invokers: roles.sources,
      }),
    },
    apis: definition.apis ?? {},
    guard: { access, keyOf: roles.keyOf, sessions, roleOfApi: roles.ofApi },
    jsonApis: { AmazonSQS: sqsJsonApi(queues.call), AWSEvents: { call: rules.call, version: '1.1' } },
    queryApis: {
      [SNS_VERSION]: snsQueryApi(topics.call),
      [SQS_VERSION]: sqsQueryApi(queues.call),
      [SES_VERSION]: sesQueryApi(mailApi.v1),
      [STS_VERSION]: stsQueryApi(rest.account),
    },
    mail: mailApi.v2,
  });
}
