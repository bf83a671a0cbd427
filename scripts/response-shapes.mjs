// Makes the tables that mocked results are held against (packages/fanfold/src/services/response-shapes/data): what the
// operations of AWS's services answer. They come from the service models of botocore (Apache-2.0,
// https://github.com/boto/botocore): the folder `botocore/data` of any installation of it, or of Debian's awscli.
//
//   node scripts/response-shapes.mjs /usr/lib/python3/dist-packages/botocore/data
//
// The files that are here were made from botocore 1.43.11.
//
// One file per service: which shape each operation answers, and the shapes. A shape is a structure (members by name, those
// that are required end in `!`), ["l", item], ["m", value], ["e", ...the values of an enum] or ["i" | "n", least, most];
// a member is the index of a shape or s (string, timestamp, blob), i (whole number), n (number), b (boolean), x (anything).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const SERVICES =
  `apigateway athena batch bedrock bedrock-runtime cloudwatch codebuild comprehend databrew dynamodb ecr ecs
  eks emr emr-containers emr-serverless events firehose glue kinesis kms lambda logs polly rds-data redshift-data
  rekognition s3 scheduler secretsmanager ses sesv2 sns sqs ssm stepfunctions sts textract transcribe translate`.split(
    /\s+/,
  );

/** Where Step Functions was seen to go by another model: functions have 10,240 MB at most, managed instances may have more. */
const SEEN = { lambda: { MemorySize: { max: 10_240 } } };

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'packages', 'fanfold', 'src', 'services', 'response-shapes', 'data');
const models = process.argv[2];
if (!models || !existsSync(models)) {
  console.error('Give the folder botocore/data: node scripts/response-shapes.mjs <folder>');
  process.exit(2);
}
for (const service of SERVICES) {
  const file = join(target, `${service}.json`);
  writeFileSync(file, textOf(tableOf(readModel(service))));
}

function readModel(service) {
  const version = readdirSync(join(models, service)).sort().at(-1);
  const file = join(models, service, version, 'service-2.json');
  const model = JSON.parse(existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`)));
  for (const [name, seen] of Object.entries(SEEN[service] ?? {})) Object.assign(model.shapes[name], seen);
  return model;
}

function tableOf({ operations, shapes }) {
  const made = [];
  const indexes = new Map();
  const refOf = (name) => {
    const shape = shapes[name];
    const simple = simpleOf(shape);
    if (typeof simple === 'string') return simple;
    if (indexes.has(name)) return indexes.get(name);
    const index = made.push(null) - 1;
    indexes.set(name, index);
    made[index] = simple ?? complexOf(shape);
    return index;
  };
  const complexOf = (shape) => {
    if (shape.type === 'list') return ['l', refOf(shape.member.shape)];
    if (shape.type === 'map') return ['m', refOf(shape.value.shape)];
    const required = new Set(shape.required);
    return Object.fromEntries(
      Object.entries(shape.members).map(([member, { shape: name }]) => [
        required.has(member) ? `${member}!` : member,
        refOf(name),
      ]),
    );
  };
  const answers = Object.entries(operations)
    .filter(([, { output }]) => output)
    .map(([operation, { output }]) => [operation, refOf(output.shape)]);
  return { operations: Object.fromEntries(answers), shapes: made };
}

/** Undefined for what has parts. */
function simpleOf({ type, min, max, enum: values, eventstream, document }) {
  if (eventstream || document) return 'x';
  switch (type) {
    case 'structure':
    case 'list':
    case 'map':
      return undefined;
    case 'string':
      return values ? ['e', ...values] : 's';
    case 'timestamp':
    case 'blob':
      return 's';
    case 'boolean':
      return 'b';
    case 'integer':
    case 'long':
      return min === undefined && max === undefined ? 'i' : ['i', min ?? null, max ?? null];
    case 'float':
    case 'double':
      return min === undefined && max === undefined ? 'n' : ['n', min ?? null, max ?? null];
    default:
      throw new Error(`A shape has the type ${type}`);
  }
}

/** A shape a line, so that a change can be read. */
function textOf({ operations, shapes }) {
  const lines = shapes.map((shape) => `    ${JSON.stringify(shape)}`);
  return `{\n  "operations": ${JSON.stringify(operations)},\n  "shapes": [\n${lines.join(',\n')}\n  ]\n}\n`;
}
