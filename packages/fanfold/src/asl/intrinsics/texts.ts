import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Json } from '../../json.ts';
import { HASH_NAMES, hashText } from '../hashes.ts';
import type { Intrinsics } from './intrinsic.ts';

/** The most characters that Base64Encode, Base64Decode and Hash take (ASL, intrinsic functions). */
const MAX_TEXT = 10_000;

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

export const TEXTS: Intrinsics = {
  'States.Format': {
    min: 1,
    max: Number.POSITIVE_INFINITY,
    run: (args) => {
      let next = 1;
      const text = args.text(0).replace(/\\(.)|\{\}/gs, (_, escaped?: string) => escaped ?? display(args.json(next++)));
      return next === args.count ? text : args.fail('the number of arguments does not match the occurrences of {}');
    },
  },
  'States.StringSplit': {
    min: 2,
    max: 2,
    run: (args) => {
      const separators = new Set(args.text(1));
      if (separators.size === 0) return [args.text(0)];
      const parts: string[] = [];
      let part = '';
      for (const character of args.text(0)) {
        if (!separators.has(character)) {
          part += character;
          continue;
        }
        if (part !== '') parts.push(part);
        part = '';
      }
      return part === '' ? parts : [...parts, part];
    },
  },
  'States.Base64Encode': { min: 1, max: 1, run: (args) => encode(utf8ToBytes(bounded(args.text(0), args.fail))) },
  'States.Base64Decode': {
    min: 1,
    max: 1,
    run: (args) => {
      const text = bounded(args.text(0), args.fail);
      if (!BASE64.test(text)) return args.fail('the text is not Base64');
      return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
    },
  },
  'States.Hash': {
    min: 2,
    max: 2,
    run: (args) => {
      const algorithm = args.text(1);
      const hash = hashText(bounded(display(args.json(0)), args.fail), algorithm);
      return hash ?? args.fail(`the algorithm must be one of ${HASH_NAMES.join(', ')}`);
    },
  },
};

function bounded(text: string, fail: (problem: string) => never): string {
  return text.length <= MAX_TEXT
    ? text
    : fail(`the text has ${text.length} characters; at most ${MAX_TEXT} are allowed`);
}

/** Texts stand for themselves, everything else for its JSON. */
function display(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function encode(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
