/** A Kubernetes Job of one container, as the runner takes it. https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Json, JsonObject } from '../../json.ts';
import type { JobMount, JobSpec } from '../../ports/jobs.ts';
import { expand } from './expansion.ts';
import { ManifestError } from './manifest-error.ts';
import { countAt, listAt, objectAt, textAt, textsAt } from './members.ts';
import { readQuantity } from './quantity.ts';

export interface ReadManifest {
  readonly name: string;
  readonly containerName: string;
  readonly spec: JobSpec;
}

/** They say where in a cluster a pod may run, and as whom: one machine has no choice. */
const PLACEMENT = [
  'affinity',
  'dnsPolicy',
  'enableServiceLinks',
  'imagePullSecrets',
  'nodeSelector',
  'priorityClassName',
  'schedulerName',
  'serviceAccount',
  'serviceAccountName',
  'automountServiceAccountToken',
  'tolerations',
  'topologySpreadConstraints',
];

/** What a container without resources is taken to need. */
const DEFAULT_MILLI_CPUS = 1000;
const DEFAULT_MEMORY = 2048;

/** Kubernetes' own pauses between attempts, seconds. */
const BACKOFF = { first: 10, most: 360 };

/** @param id of the job, from which a generated name is made @throws ManifestError */
export function readManifest(json: Json | undefined, id: string, environmentName: string): ReadManifest {
  const job = objectAt(json, 'Job', ['apiVersion', 'kind', 'metadata', 'spec']);
  if ((job['apiVersion'] ?? 'batch/v1') !== 'batch/v1' || (job['kind'] ?? 'Job') !== 'Job')
    throw new ManifestError('invalid', `Job: apiVersion batch/v1 and kind Job are needed`);
  const name = nameOf(job['metadata'], id);
  const spec = objectAt(job['spec'], 'Job.spec', [
    'activeDeadlineSeconds',
    'backoffLimit',
    'completionMode',
    'completions',
    'parallelism',
    'suspend',
    'template',
    'ttlSecondsAfterFinished',
  ]);
  for (const field of ['completions', 'parallelism'])
    if (countAt(spec[field], `Job.spec.${field}`, 1) !== 1)
      throw new ManifestError('unavailable', `Job.spec.${field} other than 1 is not available here yet.`);
  if ((spec['completionMode'] ?? 'NonIndexed') !== 'NonIndexed')
    throw new ManifestError('unavailable', 'Job.spec.completionMode other than NonIndexed is not available here.');
  if (spec['suspend'] === true) throw new ManifestError('unavailable', 'Job.spec.suspend is not available here.');
  const template = objectAt(spec['template'], 'Job.spec.template', ['metadata', 'spec']);
  const at = 'Job.spec.template.spec';
  const pod = objectAt(template['spec'], at, ['containers', 'restartPolicy', 'volumes', ...PLACEMENT]);
  if (pod['restartPolicy'] !== 'Never' && pod['restartPolicy'] !== 'OnFailure')
    throw new ManifestError('invalid', `${at}.restartPolicy: Never or OnFailure is needed`);
  const containers = listAt(pod['containers'], `${at}.containers`);
  if (containers.length === 0) throw new ManifestError('invalid', `${at}.containers: a container is needed`);
  if (containers.length > 1)
    throw new ManifestError('unavailable', 'Pods of several containers are not available here.');
  const container = readContainer(containers[0], `${at}.containers[0]`, volumesOf(pod['volumes'], `${at}.volumes`));
  return {
    name,
    containerName: container.name,
    spec: {
      ...container.spec,
      name,
      environmentName,
      priority: 1,
      secrets: {},
      attemptVariable: null,
      attempts: countAt(spec['backoffLimit'], 'Job.spec.backoffLimit', 6) + 1,
      exitRules: [],
      attemptSeconds: null,
      deadlineSeconds: countAt(spec['activeDeadlineSeconds'], 'Job.spec.activeDeadlineSeconds', null),
      backoffSeconds: BACKOFF,
      keepSeconds: countAt(spec['ttlSecondsAfterFinished'], 'Job.spec.ttlSecondsAfterFinished', null),
    },
  };
}

function nameOf(json: Json | undefined, id: string): string {
  const metadata = objectAt(json, 'Job.metadata', ['annotations', 'generateName', 'labels', 'name', 'namespace']);
  const { name, generateName } = metadata;
  if (name === undefined && generateName === undefined)
    throw new ManifestError('invalid', 'Job.metadata.name: a name or generateName is required');
  const whole =
    name === undefined
      ? textAt(generateName, 'Job.metadata.generateName').slice(0, 58) + generatedSuffix(id)
      : textAt(name, 'Job.metadata.name');
  if (/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/.test(whole)) return whole;
  throw new ManifestError(
    'invalid',
    `Job.metadata.name: up to 63 lower-case letters, digits, '-' and '.' are needed, a letter or digit first and last, not "${whole.slice(0, 100)}"`,
  );
}

/** Five characters, always the same for the same text. */
export function generatedSuffix(text: string): string {
  const letters = 'bcdfghjklmnpqrstvwxz2456789';
  const bytes = createHash('sha256').update(text).digest().subarray(0, 5);
  return [...bytes].map((byte) => letters[byte % letters.length]).join('');
}

type VolumeSource = Pick<JobMount, 'volume' | 'readOnly'>;

type Volumes = ReadonlyMap<string, VolumeSource>;

function volumesOf(json: Json | undefined, at: string): Volumes {
  const volumes = new Map<string, VolumeSource>();
  for (const [i, each] of listAt(json, at).entries()) {
    const volume = objectAt(each, `${at}[${i}]`, ['name', 'persistentVolumeClaim', 'emptyDir']);
    const claim = volume['persistentVolumeClaim'];
    volumes.set(
      textAt(volume['name'], `${at}[${i}].name`),
      claim === undefined ? { volume: null, readOnly: false } : claimed(claim, `${at}[${i}].persistentVolumeClaim`),
    );
  }
  return volumes;
}

function claimed(json: Json, at: string): VolumeSource {
  const claim = objectAt(json, at, ['claimName', 'readOnly']);
  return { volume: textAt(claim['claimName'], `${at}.claimName`), readOnly: claim['readOnly'] === true };
}

function readContainer(
  json: Json | undefined,
  at: string,
  volumes: Volumes,
): {
  readonly name: string;
  readonly spec: Pick<JobSpec, 'image' | 'argv' | 'start' | 'environment' | 'mounts' | 'milliCpus' | 'memory'>;
} {
  const container = objectAt(json, at, [
    'args',
    'command',
    'env',
    'image',
    'imagePullPolicy',
    'name',
    'resources',
    'terminationMessagePath',
    'terminationMessagePolicy',
    'volumeMounts',
  ]);
  const environment = environmentOf(container['env'], `${at}.env`);
  const filled = (field: string): string[] =>
    textsAt(container[field], `${at}.${field}`).map((text) => expand(text, environment));
  const command = filled('command');
  return {
    name: textAt(container['name'], `${at}.name`),
    spec: {
      image: textAt(container['image'], `${at}.image`),
      argv: [...command, ...filled('args')],
      start: command.length > 0 ? 'argv' : 'image',
      environment: Object.fromEntries(environment),
      mounts: listAt(container['volumeMounts'], `${at}.volumeMounts`).map((each, i) =>
        readMount(each, `${at}.volumeMounts[${i}]`, volumes),
      ),
      ...resourcesOf(container['resources'], `${at}.resources`),
    },
  };
}

function environmentOf(json: Json | undefined, at: string): ReadonlyMap<string, string> {
  const environment = new Map<string, string>();
  for (const [i, each] of listAt(json, at).entries()) {
    const variable = objectAt(each, `${at}[${i}]`, ['name', 'value']);
    const value = variable['value'] === undefined ? '' : textAt(variable['value'], `${at}[${i}].value`);
    environment.set(textAt(variable['name'], `${at}[${i}].name`), expand(value, environment));
  }
  return environment;
}

function readMount(json: Json, at: string, volumes: Volumes): JobMount {
  const mount = objectAt(json, at, ['name', 'mountPath', 'readOnly']);
  const name = textAt(mount['name'], `${at}.name`);
  const volume = volumes.get(name);
  if (!volume) throw new ManifestError('invalid', `${at}.name: there is no volume "${name}"`);
  const path = textAt(mount['mountPath'], `${at}.mountPath`);
  if (!path.startsWith('/') || posix.normalize(path) === '/')
    throw new ManifestError('invalid', `${at}.mountPath: an absolute path below the root is needed, not "${path}"`);
  return {
    volume: volume.volume,
    path: posix.normalize(path),
    readOnly: volume.readOnly || mount['readOnly'] === true,
  };
}

function resourcesOf(json: Json | undefined, at: string): Pick<JobSpec, 'milliCpus' | 'memory'> {
  const resources = objectAt(json ?? {}, at, ['limits', 'requests']);
  const both = ['limits', 'requests'].map((kind) =>
    objectAt(resources[kind] ?? {}, `${at}.${kind}`, ['cpu', 'memory']),
  );
  const [limits = {}, requests = {}] = both;
  const cpu = amount(requests['cpu'] ?? limits['cpu'], `${at}.cpu`);
  const memory = amount(limits['memory'] ?? requests['memory'], `${at}.memory`);
  return {
    milliCpus: cpu === undefined ? DEFAULT_MILLI_CPUS : Math.ceil(cpu * 1000),
    memory: memory === undefined ? DEFAULT_MEMORY : Math.ceil(memory / 2 ** 20),
  };
}

function amount(json: Json | undefined, at: string): number | undefined {
  if (json === undefined) return undefined;
  const read = readQuantity(typeof json === 'number' ? String(json) : textAt(json, at));
  if (read !== undefined && read > 0) return read;
  throw new ManifestError('invalid', `${at}: an amount as "500m" or "512Mi" is needed, not ${JSON.stringify(json)}`);
}

/** What the API server would make of the manifest: a name, and what is not said. */
export function completed(manifest: JsonObject, name: string, namespace: string): JsonObject {
  const { metadata, spec } = manifest as { metadata: JsonObject; spec: JsonObject };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, name, namespace },
    spec: { backoffLimit: 6, completions: 1, parallelism: 1, ...spec },
  };
}
