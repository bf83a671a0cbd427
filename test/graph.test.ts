/** `fanfold graph` on real files: every kind of source, every kind of drawing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readMermaid, readSvg } from '../packages/fanfold/src/testing/drawings.fixture.ts';
import { fanfold } from './fanfold.ts';

const PROJECT = join(import.meta.dirname, '..', 'examples', 'order-intake');

const directory = mkdtempSync(join(tmpdir(), 'fanfold-graph-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const JSON_SOURCE =
  '{ "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Succeed" } } }';
const SOURCES: Readonly<Record<string, string>> = {
  'm.asl.json': JSON_SOURCE,
  'm.asl.jsonc': `// a comment\n${JSON_SOURCE.replace(/ }$/, ', }')}`,
  'm.asl.yaml': 'StartAt: A\nStates:\n  A: { Type: Pass, Next: B }\n  B: { Type: Succeed }\n',
};

describe('fanfold graph', () => {
  it.for(Object.entries(SOURCES))('draws %s as text', async ([name, source]) => {
    const { code, stdout, stderr } = await fanfold(['graph', file(name, source)]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').slice(2)).toEqual(['● start', '↓', 'A  [Pass]', '↓', 'B  [Succeed]', '↓', '◉ end', '']);
  });

  it('draws a state machine of the project, substitutions made', async () => {
    const { code, stdout } = await fanfold(['graph', 'BlogBatchProcessChunk', '-C', PROJECT]);
    expect(code).toBe(0);
    expect(stdout).toContain('BlogBatchProcessChunk: 6 states and 7 transitions');
    expect(stdout).toContain('Read File  [Task: function ReadFile]');
    expect(stdout).toContain('│  ├─ catch States.ALL → Store Error Record');
  });

  it('draws the file of a template before its places have values', async () => {
    const template =
      '{ "StartAt": "A", "States": { "A": { "Type": "Task", "Resource": "${Fn}", "TimeoutSeconds": ${Limit}, "End": true } } }';
    const run = await fanfold(['graph', file('template.asl.json', template)]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(run.stdout).toContain('A  [Task');
  });

  it('draws Mermaid and SVG on stdout', async () => {
    const mermaid = await fanfold(['graph', 'BlogBatchProcessChunk', '-C', PROJECT, '--format', 'mermaid']);
    expect([...readMermaid(mermaid.stdout).texts.values()]).toContain('Read File<br/>Task: function ReadFile');
    const svg = await fanfold(['graph', 'BlogBatchProcessChunk', '-C', PROJECT, '--format', 'svg']);
    const states = readSvg(svg.stdout).flatMap(({ attributes }) => attributes['data-state'] ?? []);
    expect(states).toHaveLength(6);
  });

  it.for([
    ['m.svg', /^<svg /],
    ['m.mmd', /^flowchart TD\n/],
    ['m.txt', /^m\.asl\.json: 2 states/],
  ] as const)('writes %s as its name says, and nothing to stdout', async ([name, beginning]) => {
    const output = join(directory, name);
    const run = await fanfold(['graph', file('m.asl.json', JSON_SOURCE), '--output', output]);
    expect(run).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(readFileSync(output, 'utf8')).toMatch(beginning);
  });

  it.for([
    [
      'bad.asl.json',
      '{\n  "StartAt": "A",\n  "States": { "A": { "Type": "Pass", "Next": "B" } }\n}',
      /bad\.asl\.json:3:38: ERROR MISSING_TRANSITION_TARGET/,
    ],
    [
      'bad.asl.jsonc',
      '// why\n{\n  "StartAt": "B",\n  "States": { "A": { "Type": "Succeed" } }\n}',
      /bad\.asl\.jsonc:3:3: ERROR MISSING_TRANSITION_TARGET/,
    ],
    ['bad.asl.yaml', 'StartAt: A\nStates:\n  A:\n    Type: Pas\n', /bad\.asl\.yaml:4:5: ERROR /],
    ['torn.asl.yaml', 'StartAt: "A\n', /torn\.asl\.yaml:\d+:\d+: ERROR INVALID_JSON_DESCRIPTION/],
  ] as const)('says what is wrong with %s, and where', async ([name, source, message]) => {
    const run = await fanfold(['graph', file(name, source)]);
    expect(run).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  it.for([
    [['graph', 'Nobody', '-C', PROJECT], /There is no file and no state machine Nobody/],
    [['graph', 'nobody.asl.json', '-C', '/'], /There is no file .*nobody\.asl\.json, and no fanfold\.config\.ts in /],
    [['graph', 'x', '--format', 'png'], /Allowed choices are text, mermaid, svg/],
    [['graph', '--output'], /argument missing/],
  ] as const)('refuses %j', async ([args, message]) => {
    const run = await fanfold(args);
    expect(run.code).toBe(2);
    expect(run.stderr).toMatch(message);
  });

  it('says where it cannot write', async () => {
    const run = await fanfold(['graph', file('m.asl.json', JSON_SOURCE), '-o', join(directory, 'none', 'm.svg')]);
    expect(run).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot be written.*Give --output another path/),
    });
  });

  it('has no colours where there is no terminal, and says when Mermaid will refuse the chart', async () => {
    const states = Array.from({ length: 600 }, (_, i) => [
      `S${i}`,
      { Type: 'Pass', ...(i < 599 ? { Next: `S${i + 1}` } : { End: true }) },
    ]);
    const large = file('large.asl.json', JSON.stringify({ StartAt: 'S0', States: Object.fromEntries(states) }));
    const mermaid = await fanfold(['graph', large, '-f', 'mermaid']);
    expect(mermaid).toMatchObject({ code: 0, stderr: expect.stringContaining('more than 500 edges') });
    const text = await fanfold(['graph', large]);
    expect(text.stderr).toBe('');
    expect(text.stdout).not.toContain('\u001b');
  });
});
