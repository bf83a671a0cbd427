import type { Json } from '../../json.ts';

/** How a file of items is written, in the words of AWS's ReaderConfig. */
export interface ItemFormat {
  /** @defaultValue JSON */
  readonly InputType?: 'CSV' | 'JSON' | 'JSONL' | 'PARQUET';
  readonly CSVHeaderLocation?: 'FIRST_ROW' | 'GIVEN';
  readonly CSVHeaders?: readonly string[];
  /** @defaultValue COMMA */
  readonly CSVDelimiter?: 'COMMA' | 'PIPE' | 'SEMICOLON' | 'SPACE' | 'TAB';
  /** JSON pointer (RFC 6901) to an array, or to an object, of a JSON file. @defaultValue '' : the document itself */
  readonly ItemsPointer?: string;
}

/** An element of an array, a line, a record; or a member of an object. */
export interface Item {
  readonly value: Json;
  /** The name of a member of a JSON object. */
  readonly key?: string;
}
