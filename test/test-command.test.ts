/** `fanfold test` on real files: what it says of cases that pass, that fail and that are wrong. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fanfold } from './fanfold.ts';

const EXAMPLE = join(import.meta.dirname, '..', 'examples', 'order-intake');
const directory = mkdtempSync(join(tmpdir(), 'fanfold-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** As the command shows it. */
const shown = (file: string): string => relative(process.cwd(), join(directory, file));

function write(file: string, content: string): string {
  writeFileSync(join(directory, file), content);
  return join(directory, file);
}

const MACHINE = `QueryLanguage: JSONata
StartAt: Price
States:
  Price:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Arguments: { FunctionName: price }
    Output: "{% $states.result.Payload %}"
    Assign: { asked: "{% $states.input.n %}" }
    Retry: [{ ErrorEquals: [Busy], MaxAttempts: 2 }]
    Catch: [{ ErrorEquals: [States.ALL], Next: Sorry }]
    Next: Pause
  Pause: { Type: Wait, Seconds: 9999, Next: Done }
  Done: { Type: Succeed, Output: { asked: "{% $asked %}", total: "{% $states.input.total %}" } }
  Sorry: { Type: Fail, Error: Sorry }
`;

describe('fanfold test', () => {
  it("runs the example's cases and finds every state covered", async () => {
    const { code, stdout, stderr } = await fanfold(['test', '-C', EXAMPLE]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('chunk.asl.json: 6 of 6 states covered\n7 cases: 7 passed, 0 failed\n');
  });

  it('follows a path with its retries, variables and waits, and tells where a case is wrong', async () => {
    write('orders.asl.yaml', MACHINE);
    const file = write(
      'orders.test.yaml',
      `definition: orders.asl.yaml
cases:
  - name: asks twice
    input: { n: 1 }
    mocks:
      Price: [{ errorOutput: { error: Busy } }, { result: { Payload: { total: 6 } } }]
    expect:
      path: [Price, Price, Pause, Done]
      output: { asked: 1, total: 6 }
  - name: is off by one
    state: Price
    mock: { result: { Payload: { total: 6 } } }
    input: { n: 1 }
    expect:
      output: { total: 7 }
      variables: { asked: 1 }
  - name: gives a wrong mock
    state: Price
    mock: { result: { StatusCode: high } }
  - name: gives no mock
`,
    );
    const { code, stdout } = await fanfold(['test', file]);
    expect(code).toBe(1);
    expect(stdout.split('\n')).toEqual([
      shown('orders.test.yaml'),
      '  ok     asks twice (Price > Price > Pause > Done)',
      '  FAILED is off by one',
      `         ${shown('orders.test.yaml')}:15:7: output.total: expected 7, got 6`,
      '  FAILED gives a wrong mock',
      `         ${shown('orders.test.yaml')}:19:5: Mock result schema validation error: Field 'StatusCode' must be a number`,
      '  FAILED gives no mock',
      `         ${shown('orders.test.yaml')}:20:5: The state 'Price' is a Task: say with a mock (result or errorOutput) what its work comes to`,
      `${shown('orders.asl.yaml')}: 3 of 4 states covered; no case enters Sorry`,
      '4 cases: 1 passed, 3 failed',
      '',
    ]);
  });

  it('gives the same as JSON', async () => {
    const file = write(
      'json.test.json',
      JSON.stringify({
        definition: 'orders.asl.yaml',
        cases: [{ startAt: 'Sorry', expect: { status: 'FAILED', error: 'Sorry' } }, { state: 'Sorry' }],
      }),
    );
    const { code, stdout } = await fanfold(['test', '--json', file]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      passed: 1,
      failed: 1,
      cases: [
        { name: 'case 1', passed: true, entered: ['Sorry'], problems: [] },
        {
          name: 'case 2',
          passed: false,
          problems: [
            { message: 'status: expected "SUCCEEDED", got "FAILED"' },
            { message: 'it failed with Sorry: no cause' },
          ],
        },
      ],
      coverage: [{ states: 4, covered: ['Sorry'], missing: ['Price', 'Pause', 'Done'] }],
    });
  });

  it.each([
    ['{', '1:2: '],
    ['{ "cases": [] }', "1:1: give either 'stateMachine' (a name in the project) or 'definition' (the path of a file)"],
    ['{ "definition": "nowhere.json", "cases": [] }', '1:3: there is no file '],
    ['{ "definition": "x", "cases": [{ "expct": 1 }] }', "1:34: there is no field 'expct' here; there are name, "],
    [
      '{ "definition": "x", "cases": [{ "state": "A", "mocks": {} }] }',
      "1:32: 'mocks' is for cases that follow the machine; ",
    ],
    ['{ "definition": "x", "cases": [{ "mock": {} }] }', "1:32: 'mock' is for cases that test one state; "],
    ['{ "definition": "x", "cases": {} }', "1:22: 'cases' must be a list, not {}"],
  ])('refuses the file %s', async (content, message) => {
    const { code, stderr } = await fanfold(['test', write('wrong.test.json', content)]);
    expect(code).toBe(2);
    expect(stderr).toContain(`fanfold: ${shown('wrong.test.json')}:${message}`);
  });

  it('says so when there is nothing to test', async () => {
    const empty = join(directory, 'empty');
    mkdirSync(empty);
    const { code, stderr } = await fanfold(['test', '-C', empty]);
    expect([code, stderr]).toEqual([
      2,
      `fanfold: There are no files with cases (*.test.yaml, *.test.json) in ${empty}. Write one, or name one.\n`,
    ]);
  });
});
