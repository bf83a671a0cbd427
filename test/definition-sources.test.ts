/** Projects whose state machines are JSONC and YAML: they run, are printed, and are refused with the place in the file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fanfold } from './fanfold.ts';

const folder = mkdtempSync(join(tmpdir(), 'fanfold-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MACHINES: Readonly<Record<string, string>> = {
  Commented: 'commented.asl.jsonc',
  Indented: 'indented.asl.yaml',
  Short: 'short.asl.yml',
};

const SOURCES: Readonly<Record<string, string>> = {
  'commented.asl.jsonc': `// what it says
{
  "StartAt": "Say", // the only one
  "States": { "Say": { "Type": "Pass", "Result": "\${Word}", "End": true, }, },
}
`,
  'indented.asl.yaml': `# what it says
StartAt: Say
States:
  Say:
    Type: Pass
    Result: \${Word}
    End: true
`,
  'short.asl.yml': '{ StartAt: Say, States: { Say: { Type: Pass, Result: "${Word}", End: true } } }\n',
};

function project(name: string, machines: Readonly<Record<string, string>>): void {
  const stateMachines = Object.fromEntries(
    Object.entries(machines).map(([machine, definition]) => [
      machine,
      { definition, definitionSubstitutions: { Word: 'yes: "no" # 1' } },
    ]),
  );
  writeFileSync(join(folder, 'fanfold.config.json'), JSON.stringify({ name, stateMachines }));
}

describe('a project with JSONC and YAML', () => {
  beforeAll(() => {
    for (const [name, source] of Object.entries(SOURCES)) writeFileSync(join(folder, name), source);
    project('sources', MACHINES);
  });

  it.for(Object.entries(MACHINES))('runs %s from %s', async ([machine]) => {
    const run = await fanfold(['run', machine, '--input', '{}', '--json', '-C', folder]);
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ status: 'SUCCEEDED', output: 'yes: "no" # 1' });
  });

  it.for(Object.entries(MACHINES))('prints %s from %s as plain JSON', async ([machine]) => {
    const printed = await fanfold(['asl', machine, '-C', folder]);
    expect(JSON.parse(printed.stdout)).toEqual({
      StartAt: 'Say',
      States: { Say: { Type: 'Pass', Result: 'yes: "no" # 1', End: true } },
    });
  });

  it('finds nothing wrong with them', async () => {
    const found = await fanfold(['validate', '-C', folder]);
    expect(found.code).toBe(0);
    expect(found.stdout.match(/: OK$/gm)).toHaveLength(3);
  });
});

describe.for([
  ['bad.asl.yaml', 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n', '5:5: ERROR MISSING_TRANSITION_TARGET'],
  ['bad.asl.jsonc', '// so\n{ "StartAt": "A",\n  "States": { "A": { "Type": "Pas" } } }', '3:22: ERROR '],
  ['bad.asl.json', '{ "StartAt": "A",\n  "States": }', '2:13: ERROR INVALID_JSON_DESCRIPTION'],
  ['torn.asl.yaml', 'StartAt: "A\n', ': ERROR INVALID_JSON_DESCRIPTION'],
] as const)('%s in a project', ([name, source, message]) => {
  beforeAll(() => {
    writeFileSync(join(folder, name), source);
    project('bad', { Bad: name });
  });

  it.for([['run', 'Bad', '--input', '{}'], ['asl', 'Bad'], ['graph', 'Bad'], ['validate']])(
    'is refused with its place by %j',
    async (command) => {
      const run = await fanfold([...command, '-C', folder]);
      if (command[0] === 'asl' && !message.includes('INVALID_JSON')) return expect(run.code).toBe(0);
      expect(run.code).toBe(2);
      expect(run.stdout + run.stderr).toContain(name);
      return expect(run.stdout + run.stderr).toContain(message);
    },
  );
});
