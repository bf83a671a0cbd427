/** A trigger: which objects start which state machine, and what becomes of the object afterwards. */
import type { TemplateError } from '../asl/template.ts';
import type { Json } from '../json.ts';
import type { ObjectEvent, ObjectEventName } from '../ports/objects.ts';

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
  const { bucket, prefix = '', suffix = '', events = 'ObjectCreated:*' } = trigger;
  const { object } = event;
  return (
    object.bucket === bucket &&
    (events === 'ObjectCreated:*' || events === event.name) &&
    object.key.startsWith(prefix) &&
    [suffix].flat().some((end) => object.key.endsWith(end)) &&
    !isReport(event)
  );
}

/** @throws Error when two triggers share a name, or a move would have no folder to go to */
export function checkTriggers(triggers: readonly Trigger[]): void {
  const names = new Set<string>();
  for (const { name, archive, error } of triggers) {
    if (names.has(name))
      throw new Error(`Two triggers are named ${JSON.stringify(name)}. Give each a name of its own.`);
    names.add(name);
    if (archive === '' || error === '')
      throw new Error(
        `The trigger ${JSON.stringify(name)} moves objects to an empty prefix. ` +
          'Name a folder, such as "archive/", or leave the field out.',
      );
  }
}

/** Names the trigger in what is wrong with its input template. */
export function badTemplate(trigger: Trigger, error: TemplateError): Error {
  return new Error(
    `The input of the trigger ${JSON.stringify(trigger.name)} is no payload template: ` +
      `${error.message} (at ${error.pointer || 'its top'})`,
    { cause: error },
  );
}
