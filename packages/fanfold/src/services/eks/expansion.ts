/** `$(NAME)` in a container's command, arguments and environment, as Kubernetes expands it: once, from its environment. */

/** `$$` is a dollar sign; a name that is not there stays as it is. */
export function expand(text: string, environment: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$\$|\$\(([^()\s]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (environment.get(name) ?? whole),
  );
}
