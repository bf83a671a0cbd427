/** Definition substitutions: `${Name}`, as CloudFormation writes them, and `<NAME>`, as articles write placeholders. */
import { ProjectError } from './project-error.ts';

const PLACES = /\$\{([A-Za-z][A-Za-z0-9]*)\}|<([A-Z][A-Z0-9_-]+)>/g;

/**
 * @param file named in the error
 * @throws ProjectError that lists every name without a value
 */
export function substitute(
  definition: string,
  values: Readonly<Record<string, string | number | boolean>>,
  file: string,
): string {
  const missing = new Set<string>();
  const text = definition.replace(PLACES, (place, dollar?: string, angle?: string) => {
    const name = dollar ?? angle ?? '';
    if (!Object.hasOwn(values, name)) {
      missing.add(place);
      return place;
    }
    return JSON.stringify(String(values[name])).slice(1, -1);
  });
  if (missing.size > 0)
    throw new ProjectError(
      `${file} needs values for ${[...missing].join(', ')}. Add them to definitionSubstitutions in the project file.`,
    );
  return text;
}
