/** What a query language makes of the fields of a state. JSONPath and JSONata each implement it. */
import type { JsonObject } from '../json.ts';
import type {
  Batcher,
  Catcher,
  Choice,
  MapState,
  NumberField,
  Reader,
  TaskState,
  TextField,
  WaitState,
} from './machine.ts';
import type { Shape } from './shape.ts';

/** A state, or a part of one, as it is written; its shape was checked before (asl/parse.ts). */
export type Fields = JsonObject;

/** Each method takes the place of the fields as a JSON pointer; what is wrong with them is added to the findings. */
export interface Language {
  shape(state: Fields, at: string): Shape;
  /** `TimeoutSeconds`, and `TimeoutSecondsPath` where the language has it. */
  number(state: Fields, field: string, at: string): NumberField | null;
  /** `Error` and `ErrorPath`, `Cause` and `CausePath`. */
  text(state: Fields, field: string, at: string): TextField | null;
  until(state: Fields, at: string): WaitState['until'];
  /** @param members an object's members are items too, as in a distributed Map */
  items(state: Fields, at: string, members: boolean): MapState['items'];
  itemSelector(state: Fields, at: string): MapState['itemSelector'];
  /** `Parameters`, or `Arguments`, of an ItemReader or a ResultWriter. */
  parameters(part: Fields, at: string): Reader['parameters'] | null;
  /** `BatchInput` of an ItemBatcher. */
  batchInput(batcher: Fields, at: string): Batcher['batchInput'];
  choice(rule: Fields, at: string): Choice;
  catcher(catcher: Fields, at: string): Pick<Catcher, 'output' | 'assign'>;
  credentials(state: Fields, at: string): TaskState['credentials'];
}

/** Runs a compilation; a SyntaxError becomes a finding at the place, and `otherwise` stands in so that the walk goes on. */
export type Attempt = <T>(at: string, run: () => T, otherwise: () => T) => T;

export type Refuse = (at: string, message: string) => void;
