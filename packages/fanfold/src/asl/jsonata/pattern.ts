/** The regular expressions of JSONata on a linear engine (RE2), each character that it looks at counted. */
import { MatcherInputBase, RE2JS } from 're2js';
import type { EngineError, Pattern, PatternMatch, PatternMatcher } from './generated/jsonata-sync.js';
import { translatePattern } from './pattern-syntax.ts';

/** How many looks at a character are counted together. */
const LOOKS = 64;

/** @param spend takes steps from the evaluation that is going on @throws EngineError */
export function compilePattern(
  source: string,
  flags: string,
  position: number | undefined,
  spend: (steps: number) => void,
): Pattern {
  const compiled = compile(source, flags, position);
  // A look costs the more, the more places of the pattern can be active at once.
  const price = 12 + (compiled.programSize() >> 2);
  const matcher = (): PatternMatcher => createMatcher(compiled, () => spend(price));
  return { matcher, exec: (text) => matcher().exec(text) };
}

function compile(source: string, flags: string, position: number | undefined): RE2JS {
  try {
    const { ignoreCase, multiline } = new RegExp(source, flags);
    const options = (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0);
    return RE2JS.compile(translatePattern(source), options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const refusal: EngineError = { code: 'S0303', message: `The regular expression /${source}/ is refused: ${reason}` };
    throw position === undefined ? refusal : { ...refusal, position };
  }
}

function createMatcher(compiled: RE2JS, spend: () => void): PatternMatcher {
  let text: string | undefined;
  let search: ReturnType<RE2JS['matcher']> | undefined;
  const over = (input: string): ReturnType<RE2JS['matcher']> => {
    if (search === undefined || input !== text)
      search = compiled.matcher(new CountedInput(new CountedText(input, spend)));
    text = input;
    return search;
  };
  const matcher: PatternMatcher = {
    lastIndex: 0,
    exec(input) {
      const found = matcher.lastIndex <= input.length && over(input).find(matcher.lastIndex);
      if (!found || !search) {
        matcher.lastIndex = 0;
        return null;
      }
      matcher.lastIndex = search.end();
      return matchOf(search);
    },
  };
  return matcher;
}

function matchOf(search: ReturnType<RE2JS['matcher']>): PatternMatch {
  const groups: (string | undefined)[] = [];
  for (let i = 0; i <= search.groupCount(); i++) groups.push(search.group(i) ?? undefined);
  return Object.assign(groups, { index: search.start() });
}

/** A text as RE2 reads it, that counts how often it is looked at. */
class CountedText extends String {
  readonly #text: string;
  readonly #spend: () => void;
  #looks = 0;

  constructor(text: string, spend: () => void) {
    super(text);
    this.#text = text;
    this.#spend = spend;
  }

  override charCodeAt(index: number): number {
    if (++this.#looks % LOOKS === 0) this.#spend();
    return this.#text.charCodeAt(index);
  }

  override indexOf(searched: string, from?: number): number {
    this.#spend();
    return this.#text.indexOf(searched, from);
  }

  override substring(start: number, end?: number): string {
    return this.#text.substring(start, end);
  }
}

class CountedInput extends MatcherInputBase {
  readonly #text: CountedText;

  constructor(text: CountedText) {
    super();
    this.#text = text;
  }

  override asCharSequence(): string {
    // RE2JS takes anything that reads like a string.
    return this.#text as unknown as string;
  }

  override length(): number {
    return this.#text.length;
  }

  override isUTF8Encoding(): boolean {
    return false;
  }

  override isUTF16Encoding(): boolean {
    return true;
  }
}
