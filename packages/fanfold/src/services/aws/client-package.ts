/**
 * The clients of the AWS SDK for JavaScript that a project has installed: `@aws-sdk/client-…` in a `node_modules` folder at the
 * project or above it. They are found by the names that Step Functions has for services, and loaded when they are first called.
 */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SDK_SERVICES, sdkServiceName } from '../../asl/sdk-services.ts';
import type { SdkSchema } from './sdk-shapes.ts';

export interface SdkCommand {
  /** Of the operation: the schemas of its input and its output stand at 4 and 5. */
  readonly schema?: readonly SdkSchema[];
}

export interface SdkClient {
  send(command: SdkCommand, options: { readonly abortSignal: AbortSignal }): Promise<object>;
}

export interface ClientPackage {
  /** As the AWS SDK for Java begins its exceptions: `Ssm`, `DynamoDb`. */
  readonly service: string;
  create(settings: { readonly region: string }): SdkClient;
  /** Undefined when the service has no such action. */
  command(action: string): (new (input: unknown) => SdkCommand) | undefined;
}

/** @param name as in `aws-sdk:<name>`. @throws Error that says what to install */
export async function loadClientPackage(name: string, directory: string): Promise<ClientPackage> {
  const found = findPackage(name, directory);
  if (found === undefined)
    throw new Error(
      `aws-sdk:${name} goes to AWS, and no client for it is installed: npm install @aws-sdk/${packageOf(name)} at ${directory}`,
    );
  const entry = createRequire(join(found.folder, 'package.json')).resolve(`@aws-sdk/${found.name}`);
  const module = (await import(pathToFileURL(entry).href)) as Readonly<Record<string, unknown>>;
  const [className = ''] = Object.keys(module).filter((key) => /^[A-Z]\w*Client$/.test(key));
  const Client = module[className] as new (settings: object) => SdkClient;
  return {
    service: javaName(className.replace(/(?:Service)?Client$/, '')),
    create: (settings) => new Client(settings),
    command: (action) => {
      const command = `${action.charAt(0).toUpperCase()}${action.slice(1)}Command`;
      return Object.hasOwn(module, command) ? (module[command] as new (input: unknown) => SdkCommand) : undefined;
    },
  };
}

function packageOf(name: string): string {
  return `client-${SDK_SERVICES.get(name) ?? name}`;
}

/** `secretsmanager` is the package `client-secrets-manager`. */
function findPackage(name: string, directory: string): { readonly folder: string; readonly name: string } | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', '@aws-sdk');
    const known = existsSync(folder) ? readdirSync(folder) : [];
    const found = known.find((one) => one.startsWith('client-') && sdkServiceName(one.slice(7)) === name);
    if (found !== undefined) return { folder: join(folder, found), name: found };
    if (at === dirname(at)) return undefined;
  }
}

/** Each word with one capital: `DynamoDB` is `DynamoDb`, `SSM` is `Ssm`. */
function javaName(name: string): string {
  const words = name.replace(/v(?=\d)/, '_V').match(/[A-Z]+(?![a-z])|[A-Z][a-z]*|\d+/g) ?? [];
  return words.map((word) => word.charAt(0) + word.slice(1).toLowerCase()).join('');
}
