/** `fanfold graph`: a drawing of a state machine. */
import { writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { styleText } from 'node:util';
import { MERMAID_LIMITS, toMermaid } from '../../asl/graph/draw/mermaid.ts';
import { omission } from '../../asl/graph/draw/summary.ts';
import { toSvg } from '../../asl/graph/draw/svg.ts';
import { type Role, type TextOptions, toText } from '../../asl/graph/draw/text.ts';
import { type Graph, scopesOf } from '../../asl/graph/graph.ts';
import { graphOf } from '../../asl/graph/graph-of.ts';
import { definitionOf, findingLines } from '../../asl/index.ts';
import { fail } from '../../result.ts';
import { ExitCode, UsageError } from '../exit.ts';
import { type DefinitionText, readDefinitions } from '../definition-text.ts';
import type { GlobalOptions } from '../project-access.ts';

type Format = 'text' | 'mermaid' | 'svg';

export interface GraphCommandOptions extends GlobalOptions {
  /** The name of a state machine or the path of a file. */
  readonly machine: string;
  readonly format?: Format;
  readonly output?: string;
}

export async function graph(options: GraphCommandOptions): Promise<number> {
  const { machine, output } = options;
  const format = options.format ?? formatOf(output);
  const [definition] = await readDefinitions([machine], options);
  const found = definition && graphOfFound(definition);
  if (!found) return ExitCode.usage;
  const drawing = DRAW[format](found, { title: definition.name, paint: output === undefined ? paint : undefined });
  for (const note of notes(found, format, drawing)) process.stderr.write(`fanfold: ${note}\n`);
  if (output === undefined) process.stdout.write(drawing);
  else write(output, drawing);
  return ExitCode.ok;
}

const EXTENSIONS: Readonly<Record<string, Format>> = { '.svg': 'svg', '.mmd': 'mermaid', '.mermaid': 'mermaid' };

function formatOf(output = ''): Format {
  return EXTENSIONS[extname(output).toLowerCase()] ?? 'text';
}

/** Undefined when the definition has errors, which are told. */
function graphOfFound({ path, source, openPlaces }: DefinitionText): Graph | undefined {
  const parsed = source.ok ? definitionOf(source.value, { openPlaces }) : fail([source.error]);
  if (parsed.ok) return graphOf(parsed.value);
  const errors = parsed.error.filter(({ severity }) => severity === 'ERROR');
  for (const line of findingLines(path, errors)) process.stderr.write(`${line}\n`);
  return undefined;
}

interface DrawOptions {
  readonly title: string;
  readonly paint: TextOptions['paint'] | undefined;
}

const DRAW: Readonly<Record<Format, (graph: Graph, options: DrawOptions) => string>> = {
  text: (graph, { title, paint }) => toText(graph, { title, ...(paint && { paint }) }),
  mermaid: toMermaid,
  svg: toSvg,
};

const STYLES: Readonly<Record<Role, Parameters<typeof styleText>[0]>> = {
  name: 'bold',
  type: 'dim',
  condition: 'cyan',
  error: 'yellow',
  good: ['bold', 'green'],
  bad: ['bold', 'red'],
  line: 'dim',
};

/** Only on terminals, and not with NO_COLOR. */
function paint(role: Role, text: string): string {
  return styleText(STYLES[role], text, { stream: process.stdout });
}

function* notes(graph: Graph, format: Format, drawing: string): Generator<string> {
  const omitted = omission(graph);
  if (omitted !== undefined) yield `${omitted}.`;
  if (format !== 'mermaid') return;
  const edges = [...scopesOf(graph.root)].reduce((sum, scope) => sum + scope.edges.length, 0);
  if (edges > MERMAID_LIMITS.edges || drawing.length > MERMAID_LIMITS.characters)
    yield `Mermaid refuses charts with more than ${MERMAID_LIMITS.edges} edges or ${MERMAID_LIMITS.characters} characters, unless its maxEdges and maxTextSize say otherwise. This one has ${edges} and ${drawing.length}; --format svg has no such bound.`;
}

function write(output: string, drawing: string): void {
  try {
    writeFileSync(output, drawing);
  } catch (error) {
    throw new UsageError(
      `${resolve(output)} cannot be written: ${(error as Error).message}. Give --output another path.`,
    );
  }
}
