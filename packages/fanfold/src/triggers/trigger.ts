/** A trigger: which objects start which state machine, and what becomes of the object afterwards. */
import type { TemplateError } from '../asl/template.ts';
import type { Json } from '../json.ts';
import type { ObjectEvent, ObjectEventName } from '../ports/objects.ts';
import { machineNameOf } from '../state-machine-arn.ts';

export interface Trigger {
  /** Unique among the project's triggers; it is part of what makes an execution's name. */
  readonly name: string;
  readonly bucket: string;
  /** What the key begins with; upper and lower case differ, as on S3. @defaultValue any key */
  readonly prefix?: string;
  /** What the key ends with, or some of it; upper and lower case differ, as on S3. @defaultValue any key */
  readonly suffix?: string | readonly string[];
  /** @defaultValue ObjectCreated:* */
  readonly events?: 'ObjectCreated:*' | ObjectEventName;
  readonly stateMachineArn: string;
  /** The execution's input, as a payload template over the S3 notification. @defaultValue the notification */
  readonly input?: Json;
  /**
   * An object is whole when there is another one whose key is its key with this behind it, such as `.done`; nothing is started
   * before. The start takes the marker away. @defaultValue every object is whole
   */
  readonly marker?: string;
  /**
   * What has the prefix and the suffix is a manifest: it names files below the prefix, with their sizes and checksums, and
   * one execution is started once all of them are there as it says. @defaultValue every object is by itself
   */
  readonly manifest?: {
    /** A manifest whose files have not all come so many seconds after it is rejected. @defaultValue it waits for ever */
    readonly waitSeconds?: number;
  };
  /** Objects of more bytes are rejected. @defaultValue no limit */
  readonly maxBytes?: number;
  /** `reject`: objects with the prefix and another suffix, which no other trigger takes, are rejected. @defaultValue they stay */
  readonly others?: 'reject';
  /**
   * Whose executions run one after the other, as their objects came: all, those of a folder, or those of a key. What waits
   * goes on when the one before has ended, however it has. @defaultValue none
   */
  readonly order?: 'sequential' | 'folder' | 'key';
  /** Key prefix to which the object is moved once its execution has succeeded. @defaultValue it stays */
  readonly archive?: string;
  /** Key prefix to which the object is moved when its execution ended otherwise. @defaultValue it stays */
  readonly error?: string;
}

/**
 * Metadata of the error reports that {@link createArrival} writes beside failed objects. A report starts nothing: in a
 * bucket watched as a whole it would start the execution that fails on it, and so on for ever.
 */
export const REPORT_OF = 'fanfold-report-of';

export function isReport({ object }: ObjectEvent): boolean {
  return Object.hasOwn(object.metadata, REPORT_OF);
}

export function matches(trigger: Trigger, event: ObjectEvent): boolean {
  if (!isMeant(trigger, event)) return false;
  if (markedKey(trigger, event) !== undefined) return true;
  return hasSuffix(trigger, event.object.key) && isSmallEnough(trigger, event);
}

/** The key of the object that this one is the marker of; undefined where it is none. */
export function markedKey(trigger: Pick<Trigger, 'marker' | 'suffix'>, event: ObjectEvent): string | undefined {
  const { marker = '' } = trigger;
  const { key } = event.object;
  if (marker === '' || !key.endsWith(marker)) return undefined;
  const marked = key.slice(0, -marker.length);
  return marked !== '' && hasSuffix(trigger, marked) ? marked : undefined;
}

/** Whether the trigger would take it, had anybody else written it. */
export function wouldMatch(trigger: Trigger, event: ObjectEvent): boolean {
  const { writer: _writer, ...anybodys } = event;
  return isOwnOutput(trigger, event) && matches(trigger, anybodys);
}

/** Why an object that came to the trigger's place is rejected; undefined when it is not. */
export function rejection(trigger: Trigger, event: ObjectEvent): string | undefined {
  if (!isMeant(trigger, event) || markedKey(trigger, event) !== undefined) return undefined;
  const { suffix = '', maxBytes = Infinity, others } = trigger;
  if (hasSuffix(trigger, event.object.key)) {
    if (isSmallEnough(trigger, event)) return undefined;
    return `The file has ${event.object.size} bytes, and ${maxBytes} is the most that is taken here.`;
  }
  return others === 'reject'
    ? `No file for this place: its name must end with ${[suffix].flat().join(' or ')}.`
    : undefined;
}

function isMeant(trigger: Trigger, event: ObjectEvent): boolean {
  const { bucket, prefix = '', events = 'ObjectCreated:*' } = trigger;
  const { object } = event;
  return (
    object.bucket === bucket &&
    (events === 'ObjectCreated:*' || events === event.name) &&
    object.key.startsWith(prefix) &&
    !isReport(event) &&
    !isOwnOutput(trigger, event)
  );
}

/** What the executions of its state machine write starts no other one of it: that would go on for ever. */
function isOwnOutput({ stateMachineArn }: Pick<Trigger, 'stateMachineArn'>, { writer }: ObjectEvent): boolean {
  return writer !== undefined && writer === machineNameOf(stateMachineArn);
}

function hasSuffix({ suffix = '' }: Pick<Trigger, 'suffix'>, key: string): boolean {
  return [suffix].flat().some((end) => key.endsWith(end));
}

/** A manifest has a limit of its own: its trigger's is for the files. */
function isSmallEnough({ maxBytes = Infinity, manifest }: Trigger, { object }: ObjectEvent): boolean {
  return manifest !== undefined || object.size <= maxBytes;
}

/** @throws Error when two triggers share a name, or a move would have no folder to go to */
export function checkTriggers(triggers: readonly Trigger[]): void {
  const names = new Set<string>();
  for (const trigger of triggers) {
    const { name, archive, error, marker, maxBytes = 1, others } = trigger;
    if (names.has(name))
      throw new Error(`Two triggers are named ${JSON.stringify(name)}. Give each a name of its own.`);
    names.add(name);
    if (archive === '' || error === '')
      throw new Error(
        `The trigger ${JSON.stringify(name)} moves objects to an empty prefix. ` +
          'Name a folder, such as "archive/", or leave the field out.',
      );
    if (marker === '')
      throw new Error(
        `The marker of the trigger ${JSON.stringify(name)} is empty. Name what is behind the object's key, such as ".done".`,
      );
    if (!(Number.isInteger(maxBytes) && maxBytes > 0))
      throw new Error(
        `The maxBytes of the trigger ${JSON.stringify(name)} must be a whole number above 0, not ${maxBytes}.`,
      );
    checkManifest(trigger);
    if (others === 'reject' && error === undefined)
      throw new Error(
        `The trigger ${JSON.stringify(name)} rejects what is not for it, and has no place for it: name one with 'error'.`,
      );
  }
}

function checkManifest({ name, suffix = '', marker, others, manifest }: Trigger): void {
  if (!manifest) return;
  const { waitSeconds = 1 } = manifest;
  const trigger = `The trigger ${JSON.stringify(name)} takes manifests`;
  if (suffix.length === 0 || [suffix].flat().includes(''))
    throw new Error(`${trigger}, and does not say how their keys end: name it with 'suffix', such as "manifest.json".`);
  if (marker !== undefined) throw new Error(`${trigger}: leave its 'marker' out. The manifest says what is whole.`);
  if (others !== undefined)
    throw new Error(
      `${trigger}: leave 'others' out. What has another suffix may be a file of a manifest that is to come.`,
    );
  if (!(Number.isFinite(waitSeconds) && waitSeconds > 0))
    throw new Error(`${trigger}: 'waitSeconds' must be a number above 0, not ${waitSeconds}.`);
}

/** Names the trigger in what is wrong with its input template. */
export function badTemplate(trigger: Trigger, error: TemplateError): Error {
  return new Error(
    `The input of the trigger ${JSON.stringify(trigger.name)} is no payload template: ` +
      `${error.message} (at ${error.pointer || 'its top'})`,
    { cause: error },
  );
}
