/** How a state machine logs, traces and encrypts: read from a request, with all defaults written out. */
import type { Logger } from '../../ports/logger.ts';
import { ServiceError } from '../../ports/service-error.ts';
import type { MachineSettings, Publish } from '../../ports/state-machines.ts';
import {
  type Field,
  flag,
  given,
  integer,
  oneOf,
  type Params,
  required,
  text,
  validationException,
} from '../params.ts';
import { listOf, structureOf } from '../params-nested.ts';

const LOGGING = {
  level: oneOf('ALL', 'ERROR', 'FATAL', 'OFF'),
  includeExecutionData: flag,
  destinations: listOf('LogDestination', {
    cloudWatchLogsLogGroup: structureOf({ logGroupArn: text({ min: 1, max: 256 }) }),
  }),
};
const ENCRYPTION = {
  type: required(oneOf('AWS_OWNED_KEY', 'CUSTOMER_MANAGED_KMS_KEY')),
  kmsKeyId: text({ min: 1, max: 2048 }),
  kmsDataKeyReusePeriodSeconds: integer({ min: 60, max: 900 }),
};

interface LoggingInput {
  readonly level: 'ALL' | 'ERROR' | 'FATAL' | 'OFF' | undefined;
  readonly includeExecutionData: boolean | undefined;
  readonly destinations: readonly LogDestination[] | undefined;
}

interface LogDestination {
  readonly cloudWatchLogsLogGroup: { readonly logGroupArn: string | undefined } | undefined;
}

interface EncryptionInput {
  readonly type: 'AWS_OWNED_KEY' | 'CUSTOMER_MANAGED_KMS_KEY';
  readonly kmsKeyId?: string | undefined;
  readonly kmsDataKeyReusePeriodSeconds?: number | undefined;
}

interface SettingsFields {
  readonly loggingConfiguration: Field<LoggingInput | undefined>;
  readonly tracingConfiguration: Field<{ readonly enabled: boolean | undefined } | undefined>;
  readonly encryptionConfiguration: Field<EncryptionInput | undefined>;
}

interface PublishFields {
  readonly publish: Field<boolean | undefined>;
  readonly versionDescription: Field<string | undefined>;
}

export const ENCRYPTION_CONFIGURATION: Field<EncryptionInput | undefined> = structureOf(ENCRYPTION);

/** What may stand beside a definition when a machine is created or updated. */
export const SETTINGS: SettingsFields = {
  loggingConfiguration: structureOf(LOGGING),
  tracingConfiguration: structureOf({ enabled: flag }),
  encryptionConfiguration: ENCRYPTION_CONFIGURATION,
};
export const PUBLISH: PublishFields = { publish: flag, versionDescription: text({ max: 256, sensitive: true }) };

/**
 * Undefined when nothing of it was given.
 * @throws ServiceError InvalidLoggingConfiguration, InvalidEncryptionConfiguration
 */
export function readSettings({
  loggingConfiguration: logging,
  tracingConfiguration: tracing,
  encryptionConfiguration: encryption,
}: Params<SettingsFields>): Partial<MachineSettings> | undefined {
  const settings = {
    ...(logging && { logging: readLogging(logging) }),
    ...(tracing && { tracing: { enabled: tracing.enabled ?? false } }),
    ...(encryption && { encryption: readEncryption(encryption) }),
  };
  return Object.keys(settings).length > 0 ? settings : undefined;
}

function readLogging({
  level = 'OFF',
  includeExecutionData = false,
  destinations,
}: LoggingInput): MachineSettings['logging'] {
  const count = destinations?.length ?? 0;
  if (count > 1 || (level !== 'OFF' && count !== 1))
    throw new ServiceError(
      'InvalidLoggingConfiguration',
      'Invalid Logging Configuration: Must specify exactly one Log Destination.',
    );
  const groups = destinations?.map(({ cloudWatchLogsLogGroup: group }) =>
    given({ cloudWatchLogsLogGroup: group && given(group) }),
  );
  return { level, includeExecutionData, ...(groups && { destinations: groups }) };
}

/** @throws ServiceError InvalidEncryptionConfiguration */
export function readEncryption({
  type,
  kmsKeyId,
  kmsDataKeyReusePeriodSeconds = 300,
}: EncryptionInput): MachineSettings['encryption'] {
  if ((type === 'CUSTOMER_MANAGED_KMS_KEY') !== (kmsKeyId !== undefined))
    throw new ServiceError(
      'InvalidEncryptionConfiguration',
      'Invalid Encryption Configuration: kmsKeyId is given with the type CUSTOMER_MANAGED_KMS_KEY, and with no other.',
    );
  return kmsKeyId === undefined ? { type } : { type, kmsKeyId, kmsDataKeyReusePeriodSeconds };
}

/** @throws ServiceError ValidationException */
export function readPublish({ publish, versionDescription }: Params<PublishFields>): Publish | undefined {
  if (publish) return { description: versionDescription ?? null };
  if (versionDescription !== undefined)
    throw validationException('Version description can only be set when publish is true');
  return undefined;
}

/** These settings change no result here: they are kept and shown, and the log says that nothing acts on them. */
export function warnOfSettings(stateMachine: string, settings: MachineSettings, logger: Logger): void {
  const idle = [
    ...(settings.logging['level'] === 'OFF' ? [] : ['loggingConfiguration']),
    ...(settings.tracing['enabled'] === true ? ['tracingConfiguration'] : []),
    ...(settings.encryption['type'] === 'AWS_OWNED_KEY' ? [] : ['encryptionConfiguration']),
  ];
  if (idle.length > 0)
    logger.warn('Settings of a state machine are kept and shown, but nothing here acts on them', {
      stateMachine,
      settings: idle,
    });
}
