/**
 * Where requests that a definition or its input names may go: to public addresses, and to what the project allows by name.
 * What counts is the address that is connected to, whatever name led there, so that neither a literal in another spelling
 * nor a name that resolves to this network gets by.
 */
import { BlockList, isIP } from 'node:net';

/** Whether a connection to this address may be made, asked for as this host and port. */
export type AddressPolicy = (host: string, port: number, address: string) => boolean;

const NOT_PUBLIC: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
  // All that is not global unicast, IPv4 in IPv6 included: `::`, `::1`, `::ffff:…`, `64:ff9b::…`, `fc00::`, `fe80::`, `ff00::`.
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
];

/** One for each version: a list takes an IPv4 address for an IPv6 one otherwise. */
const notPublic = { 4: new BlockList(), 6: new BlockList() } as const;
for (const [network, bits] of NOT_PUBLIC)
  if (isIP(network) === 6) notPublic[6].addSubnet(network, bits, 'ipv6');
  else notPublic[4].addSubnet(network, bits, 'ipv4');

export function isPublicAddress(address: string): boolean {
  const [bare = ''] = address.split('%');
  const version = isIP(bare);
  if (version === 6) return !notPublic[6].check(bare, 'ipv6');
  return version === 4 && !notPublic[4].check(bare, 'ipv4');
}

/** `host`, or `host:port`; an IPv6 address in brackets. */
const ENTRY = /^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i;

/**
 * @param allowed hosts that may be anywhere: `billing.internal`, `127.0.0.1:9000`
 * @throws Error when an entry is none
 */
export function createAddressPolicy(allowed: readonly string[]): AddressPolicy {
  const entries = allowed.map((entry) => {
    const [, host = '', port] = ENTRY.exec(entry) ?? [];
    if (host === '') throw new Error(`"${entry}" is no host: write a name or an address, with or without a port.`);
    return { host: host.toLowerCase(), port: port === undefined ? undefined : Number(port) };
  });
  return (host, port, address) =>
    isPublicAddress(address) ||
    entries.some((entry) => entry.host === host.toLowerCase() && (entry.port === undefined || entry.port === port));
}
