/**
 * A frame is where one line of control stands: the execution itself, a branch of a Parallel, an iteration of a Map.
 * Plain data of constant size: a frame that waits for children holds a cursor and counts, never the children.
 */
import type { Value } from './value.ts';

/** `0` for the execution; a child's is `<parent>/<attempt of the parent that forked it>.<index>`. */
export type FrameId = string;

export const ROOT: FrameId = '0';

export interface Frame {
  readonly id: FrameId;
  readonly parent: FrameId | null;
  /** Which branch or iteration of its parent it is. */
  readonly index: number;
  /** Which block of the machine it runs: the machine itself, a branch, an item processor. */
  readonly block: number;
  /** The state it is in. */
  readonly state: string;
  /** The input of that state. */
  readonly input: Value;
  /** When it entered the state, milliseconds since the epoch. */
  readonly enteredAt: number;
  /** The id of the event that says so. */
  readonly enteredEvent: number;
  /** The last event of this line of control. */
  readonly lastEvent: number;
  /** Raised each time the frame begins to wait; an event that names another attempt is stale and changes nothing (I3). */
  readonly attempt: number;
  /** How often each retrier of the state was used, by its place; empty while none was. */
  readonly retries: readonly number[];
  /** Variables assigned in this scope; those of outer scopes are in the outer frames. */
  readonly variables: Value | null;
  readonly waiting: Waiting;
}

/**
 * What a frame waits for. The `failed` and `aborted` frames of a failed execution stay, and remember where they stood:
 * they are what a redrive goes on from.
 */
export type Waiting =
  | Standing
  | { readonly kind: 'failed'; readonly error: string | null; readonly cause: string | null; readonly was: Standing }
  | { readonly kind: 'aborted'; readonly was: Standing };

export type Standing =
  | { readonly kind: 'nothing' }
  /** Redriven: it is in its state already and runs it again, without entering it. */
  | { readonly kind: 'entered'; readonly redriveOf?: FormerAttempts }
  | {
      readonly kind: 'task';
      readonly parameters: Value;
      /** When TimeoutSeconds of the state ends it, milliseconds since the epoch. */
      readonly timeoutAt: number | null;
      /** HeartbeatSeconds of a task that somebody outside answers. */
      readonly heartbeatSeconds: number | null;
      /** The work was handed over (`.sync`, `.waitForTaskToken`), the activity scheduled: what is awaited is a message. */
      readonly submitted: boolean;
      /** Set for a task of an activity: TimeoutSeconds, which count from when a worker has taken it, and whether one has. */
      readonly activity?: { readonly timeoutSeconds: number | null; readonly begun: boolean };
      /** Set where a redrive called it: the attempts that it goes on from, see {@link FormerAttempts}. */
      readonly redriveOf?: FormerAttempts;
    }
  | ({ readonly kind: 'mapRun' } & MapRunRequest)
  | { readonly kind: 'timer'; readonly until: number }
  | { readonly kind: 'retry'; readonly until: number }
  | {
      readonly kind: 'children';
      /** A Map's items, as one array; a Parallel has none. */
      readonly items: Value | null;
      /** The state's effective input, which every child's input is made from. */
      readonly input: Value;
      readonly total: number;
      /** Index of the next child to fork. */
      readonly next: number;
      readonly running: number;
      /** At most this many at once; 0 is as many as the driver allows. */
      readonly maxConcurrency: number;
      /** Children that failed within what the Map tolerates. */
      readonly failed: number;
      /** Size of the children's outputs so far, in UTF-16 units. Absent while there is none. */
      readonly held?: number;
    };

/** What a distributed Map wants of its map run, as it was when the state was entered. */
export interface MapRunRequest {
  readonly mapRunArn: string;
  /** The state's effective input, which every child's input is made from. */
  readonly input: Value;
  /** The items, as one array; null where an ItemReader reads them. */
  readonly items: Value | null;
  /** The Parameters or Arguments of the ItemReader. */
  readonly reader: Value | null;
  /** The most items to take; null is all. */
  readonly maxItems: number | null;
  /** The most items and UTF-8 bytes of one batch; null is no such limit. */
  readonly maxItemsPerBatch: number | null;
  readonly maxInputBytesPerBatch: number | null;
  readonly batchInput: Value | null;
  /** The Parameters or Arguments of the ResultWriter. */
  readonly writer: Value | null;
  /** 0 is as many as the driver allows. */
  readonly maxConcurrency: number;
  /** Null where the state does not say. */
  readonly toleratedFailureCount: number | null;
  readonly toleratedFailurePercentage: number | null;
  /** How often the run was redriven. */
  readonly redrives: number;
}

/** Attempts of a task within one entry of its state that failed or were aborted before a redrive, the newest first. */
export type FormerAttempts = readonly number[];

/** What every frame that is about to enter a state waits for. */
export const NOTHING: Standing = { kind: 'nothing' };

export const NO_RETRIES: readonly number[] = [];

export type Children = Extract<Standing, { kind: 'children' }>;

export function isEnded(frame: Frame): boolean {
  return frame.waiting.kind === 'failed' || frame.waiting.kind === 'aborted';
}

/** When the frame must be woken whatever else happens, milliseconds since the epoch; null when nothing but an outcome wakes it. */
export function wakeAt(frame: Frame): number | null {
  switch (frame.waiting.kind) {
    case 'timer':
    case 'retry':
      return frame.waiting.until;
    case 'task':
      return frame.waiting.timeoutAt;
    default:
      return null;
  }
}

/** Names the children of one fork; a fork that is tried again has another name, so late events of the first go nowhere. */
export function forkId(parent: FrameId, attempt: number): string {
  return `${parent}/${attempt}`;
}

export function childId(fork: string, index: number): FrameId {
  return `${fork}.${index}`;
}
