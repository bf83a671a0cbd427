/** `fanfold test`: runs the cases of `*.test.yaml` and `*.test.json` files, state by state, and tells which states have none. */
import { existsSync, globSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { findProject, loadProject } from '../../app/load-project.ts';
import { createTester } from '../../app/create-tester.ts';
import type { StateTests } from '../../ports/state-tests.ts';
import { type DefinitionText, readFileDefinition, readMachineDefinition } from '../definition-text.ts';
import { ExitCode, UsageError } from '../exit.ts';
import type { GlobalOptions } from '../project-access.ts';
import { type Case, type CaseFile, readCaseFile } from '../state-cases/case-file.ts';
import { type MachineUnderTest, readMachine } from '../state-cases/machine.ts';
import { type CaseResult, runCase } from '../state-cases/run-case.ts';

export interface TestOptions extends GlobalOptions {
  /** Paths of files; none is all below the project's folder. */
  readonly files: readonly string[];
  readonly json?: boolean;
}

interface Ran extends CaseResult {
  readonly file: CaseFile;
  readonly each: Case;
}

export async function test({ files, json, ...options }: TestOptions): Promise<number> {
  const tests = createTester();
  const covered = new Map<string, Covered>();
  const ran: Ran[] = [];
  for (const path of files.length > 0 ? files : await findFiles(options)) {
    const file = await readCaseFile(existing(path));
    const machine = readMachine(await definitionOf(file, options));
    const found = await runFile(file, machine, tests, coveredOf(covered, machine));
    if (!json) for (const line of fileLines(file, found)) process.stdout.write(`${line}\n`);
    ran.push(...found);
  }
  const failed = ran.filter(({ problems }) => problems.length > 0).length;
  if (json) process.stdout.write(`${JSON.stringify(report(ran, covered))}\n`);
  else for (const line of summaryLines(ran.length, failed, covered)) process.stdout.write(`${line}\n`);
  return failed > 0 ? ExitCode.failed : ExitCode.ok;
}

/** A machine, and the states of it that cases have entered. */
interface Covered {
  readonly machine: MachineUnderTest;
  readonly states: Set<string>;
}

function coveredOf(all: Map<string, Covered>, machine: MachineUnderTest): Covered {
  const known = all.get(machine.path) ?? { machine, states: new Set<string>() };
  all.set(machine.path, known);
  return known;
}

async function runFile(file: CaseFile, machine: MachineUnderTest, tests: StateTests, covered: Covered): Promise<Ran[]> {
  const ran: Ran[] = [];
  for (const each of file.cases) {
    const result = await runCase(each, machine, tests);
    for (const state of result.entered) if (machine.states.has(state)) covered.states.add(state);
    ran.push({ ...result, file, each });
  }
  return ran;
}

const PATTERN = '**/*.test.{yaml,yml,json,jsonc}';
const SKIPPED: ReadonlySet<string> = new Set(['node_modules', 'dist', '.fanfold', '.git']);

function isSkipped(path: string): boolean {
  return path.split(/[\\/]/).some((name) => SKIPPED.has(name));
}

async function findFiles({ directory }: GlobalOptions): Promise<readonly string[]> {
  const folder = (await findProject(directory))?.directory ?? resolve(directory);
  const found = globSync(PATTERN, { cwd: folder, exclude: isSkipped }).sort();
  if (found.length > 0) return found.map((file) => relative(process.cwd(), join(folder, file)));
  throw new UsageError(
    `There are no files with cases (*.test.yaml, *.test.json) in ${folder}. Write one, or name one.`,
  );
}

function existing(file: string): string {
  if (existsSync(file)) return file;
  throw new UsageError(`There is no file ${file}.`);
}

async function definitionOf(file: CaseFile, options: GlobalOptions): Promise<DefinitionText> {
  const { machine } = file;
  if ('definition' in machine) {
    if (existsSync(machine.definition)) return readFileDefinition(machine.definition);
    throw new UsageError(`${file.placeOf(['definition'])}: there is no file ${machine.definition}`);
  }
  const project = (await findProject(dirname(file.path))) ?? (await loadProject(options.directory));
  const known = Object.keys(project.definition.stateMachines);
  if (known.includes(machine.stateMachine)) return readMachineDefinition(project, machine.stateMachine);
  throw new UsageError(
    `${file.placeOf(['stateMachine'])}: there is no state machine ${machine.stateMachine}; the project has ${known.join(', ')}`,
  );
}

function* fileLines(file: CaseFile, ran: readonly Ran[]): Generator<string> {
  yield file.path;
  for (const { each, problems, entered } of ran) {
    yield `  ${problems.length === 0 ? 'ok    ' : 'FAILED'} ${each.name}${each.start.kind === 'path' && entered.length > 0 ? ` (${entered.join(' > ')})` : ''}`;
    for (const { at, message } of problems) yield `         ${file.placeOf(at)}: ${message}`;
  }
}

function* summaryLines(cases: number, failed: number, covered: ReadonlyMap<string, Covered>): Generator<string> {
  for (const { machine, states } of covered.values()) {
    const missing = missingOf({ machine, states });
    const rest = missing.length === 0 ? '' : `; no case enters ${missing.join(', ')}`;
    yield `${machine.path}: ${states.size} of ${machine.states.size} states covered${rest}`;
  }
  yield `${cases} cases: ${cases - failed} passed, ${failed} failed`;
}

function missingOf({ machine, states }: Covered): readonly string[] {
  return [...machine.states.keys()].filter((name) => !states.has(name));
}

function report(ran: readonly Ran[], covered: ReadonlyMap<string, Covered>): object {
  const failed = ran.filter(({ problems }) => problems.length > 0).length;
  return {
    passed: ran.length - failed,
    failed,
    cases: ran.map(({ file, each, entered, problems }) => ({
      file: file.path,
      name: each.name,
      place: file.placeOf(each.at),
      passed: problems.length === 0,
      entered,
      problems: problems.map(({ at, message }) => ({ place: file.placeOf(at), message })),
    })),
    coverage: [...covered.values()].map(({ machine, states }) => ({
      definition: machine.path,
      states: machine.states.size,
      covered: [...states],
      missing: missingOf({ machine, states }),
    })),
  };
}
