/**
 * Which names this server answers to. A page on the web can point a name of its own at this machine (DNS rebinding) and
 * would then read and start everything here; the Host header shows that name, so unknown ones are refused.
 */

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;
/** Loopback by definition (RFC 6761), and the names that AWS clients put there for a service of theirs: nobody else's. */
const SUFFIXES: readonly string[] = ['.localhost', '.amazonaws.com', '.amazonaws.com.cn'];

/** Hosts to listen on: nothing beyond this machine, until keys can be created. */
const LISTENABLE: readonly string[] = ['127.0.0.1', 'localhost', '::1'];

/** The name in a Host header: lower case, without the port. */
export function hostName(header: string): string {
  return header.toLowerCase().replace(/:\d*$/, '');
}

/** @param name as {@link hostName} gives it; AWS clients put `sync-` before the host for some actions */
export function isOwnHost(name: string): boolean {
  const bare = name.startsWith('sync-') ? name.slice('sync-'.length) : name;
  return LOOPBACK.test(bare) || SUFFIXES.some((suffix) => bare.endsWith(suffix));
}

/** Whether a browser sent this from a page that is not of this machine. */
export function isForeignOrigin(origin: string): boolean {
  const { host } = URL.parse(origin) ?? { host: '' };
  return !isOwnHost(hostName(host));
}

/** @throws Error when this host would let others in */
export function checkListenHost(host: string): void {
  if (LISTENABLE.includes(host)) return;
  throw new Error(
    `The server listens on this machine only (${LISTENABLE.join(', ')}), not on '${host}': whoever reaches it may do ` +
      'everything, as there are no keys yet. To let others in, put a proxy that asks for credentials before it.',
  );
}
