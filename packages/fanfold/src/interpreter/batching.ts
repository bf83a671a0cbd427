/** Puts the items of a distributed Map together (ItemBatcher), each batch one child's input. */
import { Value } from './value.ts';

export interface BatchLimits {
  /** Items of one batch. @defaultValue any number */
  readonly most?: number | undefined;
  /** UTF-8 bytes of one batch's text. A batch holds at least one item, however long that is. @defaultValue any number */
  readonly bytes?: number | undefined;
  /** What every batch has beside its items. */
  readonly batchInput?: Value | undefined;
}

export interface Batch {
  readonly input: Value;
  readonly items: number;
}

export interface Batching {
  /** @returns the batch that had no room for the item */
  add(item: Value): Batch | undefined;
  /** The last batch, when there is one. */
  end(): Batch | undefined;
}

export function createBatching({ most = Infinity, bytes = Infinity, batchInput }: BatchLimits): Batching {
  const head = batchInput ? `{"BatchInput":${batchInput.text},"Items":[` : '{"Items":[';
  const around = Value.ofText(head).bytes + 2;
  let texts: string[] = [];
  let length = around;
  const take = (): Batch | undefined => {
    if (texts.length === 0) return undefined;
    const batch = { input: Value.ofText(`${head}${texts.join(',')}]}`), items: texts.length };
    texts = [];
    length = around;
    return batch;
  };
  return {
    add: (item) => {
      const longer = item.bytes + (texts.length === 0 ? 0 : 1);
      const full = texts.length > 0 && (texts.length >= most || length + longer > bytes) ? take() : undefined;
      length += full ? item.bytes : longer;
      texts.push(item.text);
      return full;
    },
    end: take,
  };
}
