// Makes the JSONata package synchronous and bounded: takes `async` and `await` out of its source, counts every evaluated
// node and every turn of every loop, and applies the patches beside this file. The result is
// packages/fanfold/src/asl/jsonata/generated/jsonata-sync.js with its types, which git ignores.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PATCHES } from './jsonata-patches.mjs';
import { writeChanged } from './write-changed.mjs';

const VERSION = '2.2.2';
const CHECKSUM = '9c2a35f4d895797f123f65c7f9a4ce16b3a295d209e0f3f225a0c3bae1bd9049';
/** The modules in the package's bundle, in the order in which they need each other. */
const MODULES = { utils: 6, datetime: 1, functions: 2, signature: 5, parser: 4, jsonata: 3 };
/** Loops in the parser are bounded by the text they read. */
const METERED = ['utils', 'datetime', 'functions', 'jsonata'];

export const GENERATED = ['asl/jsonata/generated/jsonata-sync.js', 'asl/jsonata/generated/jsonata-sync.d.ts'];

/** @param library the folder of packages/fanfold */
export function writeSynchronousJsonata(library) {
  const { source, licence } = readPackage(join(library, 'package.json'));
  const parts = split(source);
  const modules = Object.keys(MODULES).map(
    (name) =>
      `define('${name}', (require, module) => {\n${meter(name, patch(name, transform(name, parts[name])))}\n});`,
  );
  const [code, types] = GENERATED.map((file) => join(library, 'src', file));
  mkdirSync(dirname(code), { recursive: true });
  writeChanged(code, `${banner(licence)}${PRELUDE}${modules.join('\n')}\n${EPILOGUE}`);
  writeChanged(types, TYPES);
}

function readPackage(from) {
  const require = createRequire(from);
  const manifest = require.resolve('jsonata/package.json');
  const { version } = require(manifest);
  if (version !== VERSION) fail(`version ${version} is installed, ${VERSION} is needed`);
  const source = readFileSync(join(dirname(manifest), 'jsonata.js'), 'utf8');
  const checksum = createHash('sha256').update(source).digest('hex');
  if (checksum !== CHECKSUM) fail(`jsonata.js has the checksum ${checksum} instead of ${CHECKSUM}`);
  return { source, licence: readFileSync(join(dirname(manifest), 'LICENSE'), 'utf8') };
}

function split(source) {
  const pieces = source.split(/^\},\{[^}]*\}\],(\d+):\[function\(require,module,exports\)\{$/m);
  const first = pieces[0].indexOf('({1:[function(require,module,exports){\n');
  const numbered = { 1: pieces[0].slice(first + '({1:[function(require,module,exports){\n'.length) };
  for (let i = 1; i < pieces.length; i += 2) numbered[pieces[i]] = pieces[i + 1];
  numbered[6] = numbered[6].slice(
    0,
    numbered[6].lastIndexOf('module.exports = utils;') + 'module.exports = utils;'.length,
  );
  return Object.fromEntries(
    Object.entries(MODULES).map(([name, number]) => [
      name,
      numbered[number] ?? fail(`module ${name} is not in the bundle`),
    ]),
  );
}

function transform(name, source) {
  let code = source
    .replaceAll(/\basync (?=function\b|\()/g, '')
    .replaceAll(/\bawait (?=[\w(])/g, '')
    .replaceAll('Promise.all(', '(')
    .replaceAll(/\bstack: \(new Error\(\)\)\.stack,?/g, '')
    .replaceAll(/^\s*err\.stack = \(new Error\(\)\)\.stack;\n/gm, '')
    // Flags on functions are symbols, so that no key of the data can pass for one.
    .replaceAll(/(\w+)\._jsonata_(function|lambda)/g, '$1[$2Flag]')
    .replaceAll(/\b_jsonata_(function|lambda): true/g, '[$1Flag]: true')
    .replaceAll("require('./", "require('");
  if (name === 'functions')
    code = code
      .replace('(function (global){(function (){\n', '')
      .replace(/\}\)\.call\(this\)\}\)\.call\(this,typeof global[^\n]*\n/, '\n');
  return code;
}

function patch(name, source) {
  let code = source;
  for (const change of PATCHES[name]) {
    if (change.section) {
      const [from, to] = change.section.map((marker) => code.indexOf(marker));
      if (from < 0 || to < from) fail(`the section ${JSON.stringify(change.section)} is not in ${name}`);
      code = code.slice(0, from) + change.to + code.slice(to);
      continue;
    }
    const found = code.split(change.from).length - 1;
    if (found !== (change.times ?? 1)) fail(`a patch of ${name} matches ${found} times:\n${change.from}`);
    code = code.replaceAll(change.from, () => change.to);
  }
  for (const word of [
    'async ',
    'await ',
    'Promise.',
    'Math.random',
    'Date.now',
    'new Date()',
    'isParallelCall',
    '._jsonata_',
  ])
    if (code.replaceAll(/^\s*(\*|\/\/).*$/gm, '').includes(word)) fail(`"${word}" is left in ${name}`);
  return code;
}

/** Every turn of every loop counts as a step. */
function meter(name, source) {
  if (!METERED.includes(name)) return source;
  const loops = source.match(/^\s*(?:for|while)\b/gm)?.length ?? 0;
  let metered = 0;
  const code = source.replaceAll(/^(\s*(?:for|while)\s*\(.*\)\s*\{)[ \t]*$/gm, (line) => {
    metered++;
    return `${line} spend(1);`;
  });
  if (metered !== loops) fail(`${loops - metered} loops of ${name} could not be metered`);
  return code;
}

function fail(problem) {
  throw new Error(
    `jsonata cannot be made synchronous: ${problem}. scripts/jsonata-sync.mjs is written for jsonata ${VERSION} as the registry has it; run "npm ci", or adapt the script to the new version.`,
  );
}

function banner(licence) {
  return `// Generated by scripts/jsonata-sync.mjs from jsonata ${VERSION} (https://jsonata.org). Do not edit.\n/*!\n${licence.trim()}\n*/\n`;
}

const PRELUDE = `
/** The most characters of a picture string, and the widest field in one. */
const MAX_PICTURE = 256;

export function createEngine(host) {
const meter = { steps: Infinity, depth: 0, maxDepth: Infinity, nesting: 0, maxNesting: Infinity, items: Infinity, text: Infinity };
let run = null;
const lambdaFlag = Symbol('lambda');
const functionFlag = Symbol('function');
const PLACEHOLDER = Symbol('?');

function spend(steps) {
    meter.steps -= steps;
    if (meter.steps < 0) throw host.exceeded('steps');
}
function enter() {
    if (--meter.steps < 0) throw host.exceeded('steps');
    if (++meter.depth > meter.maxDepth) throw host.exceeded('depth');
}
function leave() {
    meter.depth--;
}
function nest() {
    if (++meter.nesting > meter.maxNesting) throw host.exceeded('depth');
}
function unnest() {
    meter.nesting--;
}
function checkText(length) {
    if (length > meter.text) throw host.exceeded('text');
}
function checkItems(length) {
    if (length > meter.items) throw host.exceeded('items');
}
function checkPicture(picture) {
    if (picture.length > MAX_PICTURE) throw host.exceeded('picture');
    spend((picture.length * picture.length) >> 4);
}
function checkWidth(width) {
    if (width > MAX_PICTURE) throw host.exceeded('picture');
    return width;
}
function charge(args) {
    for (let i = 0; i < args.length; i++) {
        const arg = args[i];
        if (typeof arg === 'string') spend(arg.length >> 6);
        else if (Array.isArray(arg)) spend(arg.length >> 4);
    }
}
function chargeResult(result) {
    if (typeof result === 'string') {
        checkText(result.length);
        spend(result.length >> 4);
    } else if (Array.isArray(result)) {
        checkItems(result.length);
        spend(result.length >> 4);
    }
}
/** Counts what JSON.stringify is going to visit and to write. */
function measure(value, indented) {
    let length = 0;
    const walk = (part, level) => {
        spend(1);
        length += indented ? 6 + 2 * level : 4;
        if (typeof part === 'string') {
            spend(part.length >> 4);
            length += part.length;
        }
        checkText(length);
        if (typeof part !== 'object' || part === null || part[functionFlag] === true || part[lambdaFlag] === true) return;
        nest();
        if (Array.isArray(part)) {
            for (const item of part) walk(item, level + 1);
        } else {
            for (const key of Object.keys(part)) {
                length += key.length;
                walk(part[key], level + 1);
            }
        }
        unnest();
    };
    walk(value, 0);
}
const SURROGATE = /[\\ud800-\\udfff]/;
/** A text without surrogate pairs, as if it were the array of its characters. */
class Units {
    constructor(text) {
        this.text = text;
        this.length = text.length;
    }
    slice(from, to) {
        return new Units(this.text.slice(from, to));
    }
    join() {
        return this.text;
    }
}
function compilePattern(source, flags, position) {
    return host.compilePattern(source, flags, position);
}
function createSequence(item) {
    const sequence = arguments.length === 1 ? [item] : [];
    sequence.sequence = true;
    return sequence;
}

/** Variables of one scope. Few as they are, a list is faster than a map. */
class Frame {
    constructor(parent) {
        this.parent = parent;
        this.base = parent ? parent.base : null;
        this.names = null;
        this.values = null;
        this.map = null;
        this.resolve = null;
    }
    bind(name, value) {
        if (this.map !== null) {
            this.map.set(name, value);
            return;
        }
        if (this.names === null) {
            this.names = [name];
            this.values = [value];
            return;
        }
        const at = this.names.indexOf(name);
        if (at >= 0) {
            this.values[at] = value;
        } else if (this.names.push(name) > 8) {
            this.map = new Map(this.names.map((known, i) => [known, i < this.values.length ? this.values[i] : value]));
            this.names = null;
        } else {
            this.values.push(value);
        }
    }
    lookup(name) {
        let hops = 0;
        for (let frame = this; frame; frame = frame.parent) {
            if (++hops % 16 === 0) spend(1);
            if (frame.names !== null) {
                const at = frame.names.indexOf(name);
                if (at >= 0) return frame.values[at];
            } else if (frame.map !== null) {
                const value = frame.map.get(name);
                if (value !== undefined || frame.map.has(name)) return value;
            }
            if (frame.resolve !== null) {
                const value = frame.resolve(name);
                if (value !== undefined) return value;
            }
        }
        return undefined;
    }
}

const modules = Object.create(null);
const define = (name, body) => {
    const module = { exports: {} };
    body((needed) => modules[needed], module);
    modules[name] = module.exports;
};

`;

const EPILOGUE = `
const { parser, jsonata } = modules;
function within(bounds, work) {
    const before = { ...meter };
    const outer = run;
    Object.assign(meter, {
        steps: bounds.steps,
        depth: 0,
        maxDepth: bounds.depth,
        nesting: 0,
        maxNesting: bounds.nesting,
        items: bounds.items,
        text: bounds.text,
    });
    try {
        return work();
    } finally {
        run = outer;
        Object.assign(meter, before);
    }
}

return {
    parse: (text, bounds) => within(bounds, () => parser(text)),
    evaluate: (ast, runtime, bounds) => within(bounds, () => {
        run = runtime;
        return runtime.finish(jsonata.evaluate(ast));
    }),
    define: jsonata.define,
    describe: jsonata.describe,
    isFunction: jsonata.isFunction,
    fromMillis: jsonata.datetime.fromMillis,
    current: () => run,
    createSequence,
    spend,
    nest,
    unnest,
    checkItems,
    checkText,
};
}
`;

const TYPES = `// Generated by scripts/jsonata-sync.mjs. Do not edit.
export type EngineBound = 'steps' | 'depth' | 'items' | 'text' | 'picture';

export interface EngineBounds {
  readonly steps: number;
  readonly depth: number;
  readonly nesting: number;
  readonly items: number;
  readonly text: number;
}

/** What jsonata throws: not an Error. */
export interface EngineError {
  code?: string;
  message?: string;
  position?: number;
  token?: unknown;
  value?: unknown;
}

/** What a pattern gives on a match, as RegExp.prototype.exec does. */
export interface PatternMatch {
  readonly [group: number]: string | undefined;
  readonly length: number;
  readonly index: number;
}

/** One search over texts; \`lastIndex\` is where it goes on. */
export interface PatternMatcher {
  lastIndex: number;
  exec(text: string): PatternMatch | null;
}

export interface Pattern {
  matcher(): PatternMatcher;
  exec(text: string): PatternMatch | null;
}

export interface EngineHost {
  /** The error to throw when a bound is exceeded. */
  exceeded(bound: EngineBound): Error;
  /** @throws EngineError */
  compilePattern(source: string, flags: string, position: number | undefined): Pattern;
  base64encode(text: string): string;
  base64decode(text: string): string;
}

export interface Runtime {
  variable(name: string): unknown;
  random(): number;
  uuid(): string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Turns the raw result into what evaluate returns, still within the bounds. */
  finish(result: unknown): unknown;
}

export interface Ast {
  readonly type: string;
}

export interface Engine {
  /** @throws EngineError, Error of the host */
  parse(text: string, bounds: EngineBounds): Ast;
  /** @throws EngineError, Error of the host */
  evaluate(ast: Ast, runtime: Runtime, bounds: EngineBounds): unknown;
  define(name: string, implementation: (...args: never[]) => unknown, signature: string): void;
  /** Writes the message of an error from its code. */
  describe(error: EngineError): void;
  isFunction(value: unknown): boolean;
  fromMillis(millis: number, picture?: string, timezone?: string): string;
  /** The evaluation that is going on. */
  current(): Runtime;
  createSequence(): unknown[];
  spend(steps: number): void;
  nest(): void;
  unnest(): void;
  checkItems(length: number): void;
  checkText(length: number): void;
}

export function createEngine(host: EngineHost): Engine;
`;

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeSynchronousJsonata(join(dirname(dirname(fileURLToPath(import.meta.url))), 'packages', 'fanfold'));
