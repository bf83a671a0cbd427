import type { Json } from '../../json.ts';
import type { Place, Start } from '../place.ts';
import type { EncodingName } from '../text/encoding.ts';

/** A JSON value of a file: a line of JSON Lines, an element of an array, a member of an object. */
export interface JsonRecord extends Place {
  readonly kind: 'record';
  readonly value: Json;
  /** As it stands in the file, without the white space around it. */
  readonly text: string;
  /** Its name, for a member of an object. */
  readonly key?: string;
}

export type JsonRejectCode = 'InvalidJson' | 'InvalidEncoding' | 'RecordTooLarge' | 'NestedTooDeep';

/** A line that is not JSON. Reading goes on behind it. */
export interface JsonReject extends Place {
  readonly kind: 'reject';
  readonly code: JsonRejectCode;
  /** A sentence for people. */
  readonly reason: string;
  /** The line without its line ending; bytes that are not valid show as U+FFFD. Of a line that is too large, its start. */
  readonly raw: string;
}

export type JsonEntry = JsonRecord | JsonReject;

export interface JsonOptions {
  /** @defaultValue 'auto': by the byte order mark, UTF-8 without one */
  readonly encoding?: EncodingName;
  /** Largest record, in bytes; what is larger is never held in memory. @defaultValue 1,048,576 */
  readonly maxRecordBytes?: number;
  /** How much of the file is looked at a time, in bytes; one batch comes of it. @defaultValue 65,536 */
  readonly windowBytes?: number;
  /** Where the bytes given begin in the file, for a part of one; `encoding` must then be named. */
  readonly start?: Start;
}
