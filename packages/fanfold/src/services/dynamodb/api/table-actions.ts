/** CreateTable, DescribeTable, UpdateTable, DeleteTable and ListTables. A table is there at once, and gone at once. */
import type { Json, JsonObject } from '../../../json.ts';
import { ServiceError } from '../../../ports/service-error.ts';
import type { KeyAttribute, KeyType, TableDescription } from '../../../ports/tables.ts';
import { keyAttributes } from '../table-key.ts';
import { newDetails, type TableRecord, type Throughput } from '../table-details.ts';
import { invalidValues, validationError } from '../validation.ts';
import { type Action, type ActionContext, tableName, tableOf } from './action.ts';
import { checkNested, throwProblems } from './fields.ts';

const BILLING_MODES = ['PROVISIONED', 'PAY_PER_REQUEST'];
const SETTINGS = {
  TableName: 'text',
  AttributeDefinitions: 'list',
  BillingMode: BILLING_MODES,
  ProvisionedThroughput: 'map',
  DeletionProtectionEnabled: 'boolean',
} as const;
const ONE_TABLE = { required: ['TableName'], known: { TableName: 'text' } } as const;
const MOST_NAMES = 100;

export const tableActions: Readonly<Record<string, Action>> = {
  CreateTable: {
    fields: {
      required: ['AttributeDefinitions', 'TableName', 'KeySchema'],
      known: { ...SETTINGS, KeySchema: 'list' },
    },
    run: createTable,
  },
  UpdateTable: { fields: { required: ['TableName'], known: SETTINGS }, run: updateTable },
  DescribeTable: {
    fields: ONE_TABLE,
    run: async (context, request) => ({ Table: await shown(context, named(context, request)) }),
  },
  DeleteTable: { fields: ONE_TABLE, run: deleteTable },
  ListTables: {
    fields: { required: [], known: { ExclusiveStartTableName: 'text', Limit: 'integer' } },
    run: listTables,
  },
};

async function createTable(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const description = descriptionOf(request);
  const throughput = throughputOf(request);
  const details = newDetails(context.now(), {
    ...(throughput && { throughput }),
    isProtected: request['DeletionProtectionEnabled'] === true,
  });
  const record = await context.catalogue.create({ description, details });
  if (record.details.id !== details.id)
    throw new ServiceError('ResourceInUseException', `Table already exists: ${description.table}`);
  return { TableDescription: await shown(context, record) };
}

/** @throws ServiceError ValidationException */
function descriptionOf(request: JsonObject): TableDescription {
  const types = new Map(
    (request['AttributeDefinitions'] as readonly Json[]).map((given) => {
      const known = { AttributeName: 'text', AttributeType: ['B', 'N', 'S'] } as const;
      const each = checkNested({ required: Object.keys(known), known }, given, 'AttributeDefinitions');
      return [each['AttributeName'] as string, each['AttributeType'] as KeyType] as const;
    }),
  );
  const keys = (request['KeySchema'] as readonly Json[]).map((given) => {
    const known = { AttributeName: 'text', KeyType: ['HASH', 'RANGE'] } as const;
    const each = checkNested({ required: Object.keys(known), known }, given, 'KeySchema');
    return { name: each['AttributeName'] as string, role: each['KeyType'] };
  });
  const [partition, sort] = keys;
  if (!partition || keys.length > 2)
    throwProblems([
      "Value at 'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2" +
        ', Member must have length greater than or equal to 1',
    ]);
  if (partition?.role !== 'HASH')
    throw validationError('Invalid KeySchema: The first KeySchemaElement is not a HASH key type');
  if (sort && sort.role !== 'RANGE')
    throw validationError('Invalid KeySchema: The second KeySchemaElement is not a RANGE key type');
  const defined = `Keys: [${keys.map(({ name }) => name).join(', ')}], AttributeDefinitions: [${[...types.keys()].join(', ')}]`;
  const keyOf = (name: string): KeyAttribute => {
    const type = types.get(name);
    if (!type) throw invalidValues(`Some index key attributes are not defined in AttributeDefinitions. ${defined}`);
    return { name, type };
  };
  const description = {
    table: tableName(request['TableName']),
    partitionKey: keyOf(partition.name),
    ...(sort && { sortKey: keyOf(sort.name) }),
  };
  if (types.size > keys.length)
    throw invalidValues(
      'Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions',
    );
  return description;
}

/** @throws ServiceError ValidationException */
function throughputOf(request: JsonObject): Throughput | undefined {
  const { ProvisionedThroughput: given, BillingMode: mode = 'PROVISIONED' } = request;
  if (mode === 'PAY_PER_REQUEST') {
    if (given === undefined) return undefined;
    throw invalidValues(
      'Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST',
    );
  }
  if (given === undefined)
    throw invalidValues(
      'ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    );
  const known = { ReadCapacityUnits: 'integer', WriteCapacityUnits: 'integer' } as const;
  const { ReadCapacityUnits: reads, WriteCapacityUnits: writes } = checkNested(
    { required: Object.keys(known), known },
    given,
    'ProvisionedThroughput',
  );
  throwProblems(
    Object.entries({ readCapacityUnits: reads, writeCapacityUnits: writes })
      .filter(([, units]) => (units as number) < 1)
      .map(
        ([name, units]) =>
          `Value '${String(units)}' at 'provisionedThroughput.${name}' failed to satisfy constraint: ` +
          'Member must have value greater than or equal to 1',
      ),
  );
  return { reads: reads as number, writes: writes as number };
}

/** Changes the billing and the protection; keys stay what they are. */
async function updateTable(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const { description, details } = named(context, request);
  const { table } = description;
  if (context.isFixed(table))
    throw validationError(`The table ${table} belongs to the project: change it in the project file`);
  const { throughput: _, ...rest } = details;
  const isBilled = request['BillingMode'] !== undefined || request['ProvisionedThroughput'] !== undefined;
  const throughput = isBilled ? throughputOf(request) : details.throughput;
  await context.catalogue.alter(table, {
    ...rest,
    ...(throughput && { throughput }),
    isProtected: (request['DeletionProtectionEnabled'] as boolean | undefined) ?? details.isProtected,
  });
  context.meters.reset(table);
  return { TableDescription: await shown(context, context.catalogue.get(table)) };
}

async function deleteTable(context: ActionContext, request: JsonObject): Promise<JsonObject> {
  const record = named(context, request);
  const { table } = record.description;
  if (context.isFixed(table) || record.details.isProtected) {
    const what = context.isFixed(table)
      ? ' The table belongs to the project: remove it from the project file first.'
      : '';
    throw validationError(
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.' +
        what,
    );
  }
  const description = await shown(context, record, 'DELETING');
  await context.catalogue.drop(table);
  context.meters.reset(table);
  return { TableDescription: description };
}

async function listTables({ catalogue }: ActionContext, request: JsonObject): Promise<JsonObject> {
  const { ExclusiveStartTableName: after = '', Limit: limit = MOST_NAMES } = request;
  const most = limit as number;
  if (most < 1 || most > MOST_NAMES)
    throwProblems([
      `Value '${most}' at 'limit' failed to satisfy constraint: Member must have value ` +
        (most < 1 ? 'greater than or equal to 1' : `less than or equal to ${MOST_NAMES}`),
    ]);
  const names = catalogue.names().filter((name) => name > (after as string));
  const page = names.slice(0, most);
  return { TableNames: page, ...(names.length > most && { LastEvaluatedTableName: page.at(-1) as string }) };
}

/** The refusal of these actions says which table it is. */
function named(context: ActionContext, request: JsonObject): TableRecord {
  const table = tableName(request['TableName']);
  if (context.catalogue.find(table)) return tableOf(context, table);
  throw new ServiceError('ResourceNotFoundException', `Requested resource not found: Table: ${table} not found`);
}

/** As DescribeTable shows it. */
async function shown(
  { thread, throughputOf: limitsOf, isFixed, place }: ActionContext,
  { description, details }: TableRecord,
  status: 'ACTIVE' | 'DELETING' = 'ACTIVE',
): Promise<JsonObject> {
  const { table } = description;
  const { count, size } = await thread.request('count', { table });
  const throughput = limitsOf(table);
  const keys = keyAttributes(description);
  return {
    AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
    TableName: table,
    KeySchema: keys.map(({ name }, i) => ({ AttributeName: name, KeyType: i === 0 ? 'HASH' : 'RANGE' })),
    TableStatus: status,
    CreationDateTime: details.createdAt / 1000,
    ProvisionedThroughput: {
      NumberOfDecreasesToday: 0,
      ReadCapacityUnits: throughput?.reads ?? 0,
      WriteCapacityUnits: throughput?.writes ?? 0,
    },
    TableSizeBytes: size,
    ItemCount: count,
    TableArn: `arn:aws:dynamodb:${place.region}:${place.account}:table/${table}`,
    TableId: details.id,
    ...(!throughput && { BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } }),
    DeletionProtectionEnabled: isFixed(table) || details.isProtected,
  };
}
