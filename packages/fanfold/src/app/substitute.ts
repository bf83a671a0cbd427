/** Definition substitutions: `${Name}`, as CloudFormation and Terraform write them, and `<NAME>`, as articles write placeholders. */
import { ProjectError } from './project-error.ts';

const PLACES = /\$\{([A-Za-z][A-Za-z0-9_]*)\}|<([A-Z][A-Z0-9_-]+)>/g;
const WHOLE = new RegExp(`^(?:${PLACES.source})$`);

export type Substitutions = Readonly<Record<string, string | number | boolean>>;

/**
 * In JSON, before it is read: a place may stand inside of a text or for a number.
 *
 * @param file named in the error
 * @throws ProjectError that lists every name without a value
 */
export function substitute(definition: string, values: Substitutions, file: string): string {
  const places = new Places(values, file);
  const text = definition.replace(PLACES, (place, dollar?: string, angle?: string) => {
    const value = places.value(place, dollar ?? angle ?? '');
    return value === undefined ? place : JSON.stringify(String(value)).slice(1, -1);
  });
  places.check();
  return text;
}

const WITHOUT_QUOTES = /([:[,]\s*)(\$\{[A-Za-z][A-Za-z0-9_]*\})(?=\s*[,\]}])/g;

/** JSON in which places for numbers, which have no quotes in a template, can be read as texts. */
export function quotePlaces(definition: string): string {
  return definition.replace(WITHOUT_QUOTES, '$1"$2"');
}

/** The places of one file, and those without a value. */
export class Places {
  readonly #values: Substitutions;
  readonly #file: string;
  readonly #missing = new Set<string>();

  constructor(values: Substitutions, file: string) {
    this.#values = values;
    this.#file = file;
  }

  value(place: string, name: string): string | number | boolean | undefined {
    if (Object.hasOwn(this.#values, name)) return this.#values[name];
    this.#missing.add(place);
    return undefined;
  }

  /** In a text of YAML. One without quotes that is a place and nothing else takes the value as it is: a number stays one. */
  fill(text: string, plain: boolean): string | number | boolean {
    const filled = text.replace(PLACES, (place, dollar?: string, angle?: string) =>
      String(this.value(place, dollar ?? angle ?? '') ?? place),
    );
    const [whole, dollar, angle] = plain ? (WHOLE.exec(text) ?? []) : [];
    return (whole === undefined ? undefined : this.value(whole, dollar ?? angle ?? '')) ?? filled;
  }

  /** @throws ProjectError that lists every name that had no value */
  check(): void {
    if (this.#missing.size === 0) return;
    const names = [...this.#missing].join(', ');
    throw new ProjectError(
      `${this.#file} needs values for ${names}. Add them to definitionSubstitutions in the project file.`,
    );
  }
}
