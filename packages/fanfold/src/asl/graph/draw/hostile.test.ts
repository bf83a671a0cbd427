/**
 * Texts that attack whoever shows them. They are not part of this repository: they are read from the folder `../hostile`
 * beside the one that FANFOLD_CASES names, or from `shared/hostile` beside the checkout, and left out without it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readMermaid, readSvg } from '../../../testing/drawings.fixture.ts';
import { graphOf } from '../graph-of.ts';
import { visible } from '../../../visible.ts';
import { toMermaid } from './mermaid.ts';
import { toSvg } from './svg.ts';
import { toText } from './text.ts';

const RECORDED = process.env.FANFOLD_CASES ?? join(import.meta.dirname, '../../../../../../../shared/conformance');
const FOLDER = join(RECORDED, '../hostile/xss');
const found = existsSync(FOLDER);
if (!found) console.log(`The hostile texts are left out: there is no ${FOLDER}`);

describe.skipIf(!found)('a hostile text as name, condition, error and title', () => {
  for (const file of found ? readdirSync(FOLDER) : []) {
    const { payload } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { payload: string };
    const name = Array.from(payload).slice(0, 80).join('');
    const shown = visible(name);
    const graph = graphOf({
      StartAt: name,
      States: {
        [name]: { Type: 'Choice', Choices: [{ Variable: '$.x', StringEquals: payload, Next: 'B' }] },
        B: { Type: 'Task', Resource: payload, Catch: [{ ErrorEquals: [payload], Next: 'C' }], End: true },
        C: { Type: 'Fail', Error: payload },
      },
    });

    it(`${file} is shown as it is in SVG`, () => {
      const elements = readSvg(toSvg(graph, { title: payload }));
      expect(elements.map(({ name }) => name)).not.toContain('script');
      expect(elements.find(({ attributes }) => 'data-state' in attributes)?.attributes).toEqual({
        'data-state': shown,
      });
      expect(elements[1]?.text).toBe(visible(payload));
    });

    it(`${file} is shown as it is in Mermaid`, () => {
      const { texts, title } = readMermaid(toMermaid(graph, { title: payload }));
      expect(texts.get('n1')).toBe(`${shown}<br/>Choice`);
      expect(title).toBe(visible(payload));
    });

    it(`${file} is shown as it is in text`, () => {
      const text = toText(graph, { title: payload });
      expect(text).toContain(`${shown}  [Choice]`);
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
    });
  }
});
