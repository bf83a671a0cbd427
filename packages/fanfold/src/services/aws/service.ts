/**
 * `aws-sdk:<service>:<action>` by the real AWS, for the services that a project names: the SDK finds credentials as it does
 * everywhere, and the client comes from the project's own packages.
 */
import { parseResource } from '../../asl/resource.ts';
import { Value } from '../../interpreter/value.ts';
import { isObject } from '../../json.ts';
import type { Service, TaskOutcome } from '../../ports/services.ts';
import { sdkFailure } from '../sdk-failure.ts';
import { type ClientPackage, loadClientPackage, type SdkClient } from './client-package.ts';
import { fromSdk, NoSuchMember, toSdk } from './sdk-shapes.ts';

export interface AwsServiceParams {
  /** As in `aws-sdk:<name>`. */
  readonly name: string;
  /** Of the project: where its packages are looked for. */
  readonly directory: string;
  readonly region: string;
  /** Resolves once everything committed so far survives a power cut: what AWS did cannot be undone (I2). */
  readonly sync: () => Promise<void>;
}

interface Loaded {
  readonly client: SdkClient;
  readonly sdk: ClientPackage;
}

/** What the SDK says of a refusal. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
}

export function createAwsService({ name, directory, region, sync }: AwsServiceParams): Service {
  let loading: Promise<Loaded> | undefined;
  const load = async (): Promise<Loaded> => {
    const sdk = await loadClientPackage(name, directory);
    return { sdk, client: sdk.create({ region }) };
  };
  const loaded = (): Promise<Loaded> => {
    // What could not be loaded may have been installed since.
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };

  return {
    perform: async ({ resource, parameters, signal }) => {
      const action = parseResource(resource)?.action.replace(/\..*/, '') ?? '';
      const { json } = parameters;
      if (!isObject(json)) return unusable(`The Parameters of ${resource} must be an object.`);
      const { client, sdk } = await loaded();
      const Command = sdk.command(action);
      if (!Command) return unusable(`${sdk.service} has no action ${action}, or its client is too old for it.`);
      const [input, output] = new Command({}).schema?.slice(4, 6) ?? [];
      if (input === undefined)
        return unusable(
          `The client of ${sdk.service} is too old: it does not tell the shapes of its API. Install a newer one.`,
        );
      try {
        const command = new Command(toSdk(input, json));
        if (!/^(?:get|list|describe|batchGet|head)/.test(action)) await sync();
        const answer = await client.send(command, { abortSignal: signal });
        return { kind: 'succeeded', output: Value.ofJson(await fromSdk(output, answer)) };
      } catch (error) {
        if (error instanceof NoSuchMember) return unusable(`${resource}: ${error.message}`);
        return refusal(sdk.service, error as SdkError);
      }
    },
  };
}

/** What did not come to AWS is a failure of the client; it may be better when it is tried again. */
function refusal(service: string, { name, message, $metadata }: SdkError): TaskOutcome {
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return sdkFailure({ service }, { code: name, message, status });
  return {
    kind: 'failed',
    error: `${service}.SdkClientException`,
    cause: `AWS could not be asked: ${name}: ${message}`,
  };
}

function unusable(cause: string): TaskOutcome {
  return { kind: 'failed', error: 'States.Runtime', cause, rejected: true };
}
