/** The shape of a project file, as a table: what is not in it is refused by name. */

export type Fields =
  | { readonly kind: 'text' | 'number' | 'boolean' | 'json' }
  | { readonly kind: 'oneOf'; readonly values: readonly string[] }
  | { readonly kind: 'object'; readonly required: readonly string[]; readonly fields: Readonly<Record<string, Fields>> }
  | { readonly kind: 'record'; readonly of: Fields }
  | { readonly kind: 'list'; readonly of: Fields }
  | { readonly kind: 'either'; readonly of: readonly Fields[] };

const text: Fields = { kind: 'text' };
const number: Fields = { kind: 'number' };

function object(required: readonly string[], fields: Readonly<Record<string, Fields>>): Fields {
  return { kind: 'object', required, fields };
}

function record(of: Fields): Fields {
  return { kind: 'record', of };
}

const texts: Fields = { kind: 'list', of: text };
const oneOrMore: Fields = { kind: 'either', of: [text, texts] };
const policy: Fields = {
  kind: 'list',
  of: object(['Action'], {
    Sid: text,
    Effect: { kind: 'oneOf', values: ['Allow', 'Deny'] },
    Action: oneOrMore,
    Resource: oneOrMore,
  }),
};
const jobDefinition: Fields = object([], {
  image: text,
  command: texts,
  parameters: record(text),
  environment: record(text),
  secrets: record(text),
  mounts: record(text),
  vcpus: number,
  memory: number,
  attempts: number,
  evaluateOnExit: {
    kind: 'list',
    of: object(['action'], {
      action: { kind: 'oneOf', values: ['RETRY', 'EXIT'] },
      onExitCode: text,
      onReason: text,
      onStatusReason: text,
    }),
  },
  timeoutSeconds: number,
  policy,
});
const scalar: Fields = { kind: 'either', of: [text, number, { kind: 'boolean' }] };
const secret: Fields = { kind: 'either', of: [text, object(['secret'], { secret: text })] };
const key: Fields = {
  kind: 'either',
  of: [text, object(['name', 'type'], { name: text, type: { kind: 'oneOf', values: ['S', 'N', 'B'] } })],
};

export const PROJECT_FIELDS: Fields = object(['name'], {
  name: text,
  stateMachines: record(
    object(['definition'], {
      definition: { kind: 'either', of: [text, record({ kind: 'json' })] },
      definitionSubstitutions: record(scalar),
      policy,
    }),
  ),
  batches: { kind: 'list', of: text },
  functions: record(
    object([], {
      module: text,
      handler: text,
      runtime: { kind: 'oneOf', values: ['node', 'python3'] },
      command: texts,
      code: text,
      timeoutSeconds: number,
      memory: number,
      concurrency: number,
      environment: record(text),
      secrets: record(text),
      mounts: record(text),
      policy,
      invokedBy: texts,
      plainItems: { kind: 'boolean' },
    }),
  ),
  buckets: record(
    object([], {
      encryption: { kind: 'oneOf', values: ['AES256'] },
      versioning: { kind: 'oneOf', values: ['Enabled', 'Suspended'] },
      policy: { kind: 'list', of: { kind: 'json' } },
      expire: {
        kind: 'list',
        of: object(['prefix'], { prefix: text, days: number, noncurrentDays: number, keepNoncurrent: number }),
      },
    }),
  ),
  encryption: object(['key'], { key: text }),
  tables: record(
    object(['partitionKey'], {
      partitionKey: key,
      sortKey: key,
      throughput: object([], { readsPerSecond: number, writesPerSecond: number, burstSeconds: number }),
    }),
  ),
  queues: record(
    object([], {
      visibilityTimeoutSeconds: number,
      delaySeconds: number,
      retentionSeconds: number,
      receiveWaitSeconds: number,
      contentBasedDeduplication: { kind: 'boolean' },
      deadLetters: object(['queue', 'maxReceiveCount'], { queue: text, maxReceiveCount: number }),
    }),
  ),
  topics: record(
    object([], {
      subscriptions: {
        kind: 'list',
        of: object([], {
          queue: text,
          function: text,
          email: text,
          http: text,
          raw: { kind: 'boolean' },
          filter: { kind: 'json' },
        }),
      },
    }),
  ),
  rules: record(
    object(['targets'], {
      pattern: { kind: 'json' },
      schedule: text,
      timezone: text,
      missed: { kind: 'oneOf', values: ['once', 'skip'] },
      enabled: { kind: 'boolean' },
      description: text,
      targets: {
        kind: 'list',
        of: object([], {
          stateMachine: text,
          function: text,
          queue: text,
          topic: text,
          input: { kind: 'json' },
          inputPath: text,
          inputTemplate: text,
          inputPaths: record(text),
        }),
      },
    }),
  ),
  apis: record(object(['stage', 'routes'], { stage: text, routes: record(text) })),
  jobDefinitions: record(jobDefinition),
  jobQueues: record(object([], { computeEnvironment: text, priority: number })),
  computeEnvironments: record(object(['vcpus', 'memory'], { vcpus: number, memory: number })),
  images: record(object(['command'], { command: texts })),
  volumes: record(object([], {})),
  containers: { kind: 'oneOf', values: ['docker', 'podman', 'none'] },
  triggers: {
    kind: 'list',
    of: object(['name', 'bucket', 'stateMachine'], {
      name: text,
      bucket: text,
      prefix: text,
      suffix: { kind: 'either', of: [text, { kind: 'list', of: text }] },
      events: {
        kind: 'oneOf',
        values: ['ObjectCreated:*', 'ObjectCreated:Put', 'ObjectCreated:Copy', 'ObjectCreated:CompleteMultipartUpload'],
      },
      stateMachine: text,
      input: { kind: 'json' },
      marker: text,
      manifest: object([], { waitSeconds: number }),
      maxBytes: number,
      others: { kind: 'oneOf', values: ['reject'] },
      order: { kind: 'oneOf', values: ['sequential', 'folder', 'key'] },
      archive: text,
      error: text,
    }),
  },
  connections: record(
    object([], {
      basic: object(['username', 'password'], { username: secret, password: secret }),
      apiKey: object(['name', 'value'], { name: text, value: secret }),
      oauth: object(['tokenUrl', 'clientId', 'clientSecret'], {
        tokenUrl: text,
        clientId: secret,
        clientSecret: secret,
        scope: text,
      }),
      headers: record(secret),
      query: record(secret),
    }),
  ),
  http: object([], { allow: texts }),
  mail: object([], { smtp: text, from: text, identities: texts }),
  aws: object(['services'], { services: texts, region: text }),
  port: number,
  dataDirectory: text,
  durability: { kind: 'oneOf', values: ['normal', 'full'] },
  mapConcurrency: number,
  taskConcurrency: number,
  retention: {
    kind: 'either',
    of: [{ kind: 'oneOf', values: ['forever'] }, object([], { days: number, executions: number })],
  },
  logs: object([], { days: number, megabytes: number }),
  limits: { kind: 'oneOf', values: ['aws', 'local'] },
  access: { kind: 'oneOf', values: ['open', 'least'] },
});

const WANTED: Readonly<Record<Fields['kind'], string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  json: 'JSON',
  oneOf: 'another value',
  object: 'an object',
  record: 'an object',
  list: 'a list',
  either: 'another kind of value',
};

/** @returns what is wrong, each with its place: `triggers[0].bucket: a text is needed, not 3` */
export function* findShapeProblems(value: unknown, fields: Fields, at = ''): Generator<string> {
  const wrong = (wanted: string = WANTED[fields.kind]): string =>
    `${at || 'the default export'}: ${wanted} is needed, not ${display(value)}`;
  switch (fields.kind) {
    case 'text':
    case 'number':
    case 'boolean':
      if (typeof value !== (fields.kind === 'text' ? 'string' : fields.kind)) yield wrong();
      return;
    case 'json':
      if (value === undefined || typeof value === 'function') yield wrong();
      return;
    case 'oneOf':
      if (typeof value !== 'string' || !fields.values.includes(value))
        yield wrong(`one of ${fields.values.join(', ')}`);
      return;
    case 'either':
      if (fields.of.every((option) => !findShapeProblems(value, option, at).next().done)) yield wrong();
      return;
    case 'list':
      if (!Array.isArray(value)) yield wrong();
      else for (const [i, item] of value.entries()) yield* findShapeProblems(item, fields.of, `${at}[${i}]`);
      return;
    case 'record':
    case 'object':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) yield wrong();
      else yield* findMemberProblems(value, fields, at);
      return;
    default:
      return fields satisfies never;
  }
}

function* findMemberProblems(
  value: object,
  fields: Extract<Fields, { kind: 'record' | 'object' }>,
  at: string,
): Generator<string> {
  const place = (name: string): string => (at ? `${at}.${name}` : name);
  if (fields.kind === 'object') {
    for (const name of fields.required) if (!Object.hasOwn(value, name)) yield `${place(name)} is missing`;
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    if (fields.kind === 'record') yield* findShapeProblems(member, fields.of, place(name));
    else if (Object.hasOwn(fields.fields, name))
      yield* findShapeProblems(member, fields.fields[name] as Fields, place(name));
    else yield `${place(name)} is not a setting; known are ${Object.keys(fields.fields).join(', ')}`;
  }
}

function display(value: unknown): string {
  return typeof value === 'function' ? 'a function' : (JSON.stringify(value) ?? String(value));
}
