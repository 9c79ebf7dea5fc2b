import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** Whether the node at an address is a trusted proxy. Hop 0 is the peer of the connection. */
export type Trust = (address: string, hop: number) => boolean;

/** What stands for the address of a peer on a Unix socket, which has none. */
export const UNIX_PEER = 'unix';

/** The parts of a request that determine the address. */
interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * The client's address: `X-Forwarded-For` is evaluated from right to left while the node that added an entry is
 * trusted. An entry without an address ends the evaluation at the trusted node that added it.
 */
export function clientAddress({ headers, socket }: Received, trusts: Trust): string {
  let address = plainAddress(socket.remoteAddress ?? '');
  const forwarded = headers['x-forwarded-for'];
  if (typeof forwarded !== 'string') return address;
  let hop = 0;
  for (const node of forwardedAddresses(forwarded)) {
    if (!trusts(address, hop)) break;
    address = node;
    hop += 1;
  }
  return address;
}

/** The addresses in `X-Forwarded-For`, nearest hop first, up to an entry without one. */
export function* forwardedAddresses(header: string): Generator<string> {
  for (const node of header.split(',').reverse()) {
    // Empty list elements are ignored (RFC 9110 §5.6.1.2).
    if (node.trim() === '') continue;
    const address = nodeAddress(node);
    if (address === null) return;
    yield address;
  }
}

/** Strips the port of an address, as {@link nodeAddress}; any other text is returned unchanged. */
export function plainAddress(text: string): string {
  return nodeAddress(text) ?? text;
}

/**
 * `192.0.2.7`, `192.0.2.7:4711`, `[2001:db8::7]` or `[2001:db8::7]:4711`; RFC 7239 §6 also allows ports like
 * `:_x`.
 */
const NODE = /^(?:(\d+\.\d+\.\d+\.\d+)|\[([^\]]+)\])(?::(?:\d{1,5}|_[\w.-]+))?$/;

/**
 * The canonical address of a node, IPv4-mapped IPv6 as IPv4; null for a node without one, such as `unknown` or
 * `_hidden`.
 */
function nodeAddress(node: string): string | null {
  const text = node.trim();
  const [, v4, v6 = text] = NODE.exec(text) ?? [];
  if (v4 !== undefined) return isIP(v4) === 4 ? v4 : null;
  return isIP(v6) === 6 ? canonical(v6) : null;
}

/** IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2). */
const MAPPED = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/;

function canonical(v6: string): string {
  const [unzoned = ''] = v6.split('%');
  const address = new URL(`http://[${unzoned}]`).hostname.slice(1, -1);
  const [, high, low] = MAPPED.exec(address) ?? [];
  if (high === undefined || low === undefined) return address;
  return [high, low]
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.');
}

/**
 * Trusts proxies in the given networks.
 *
 * @param networks addresses, CIDR blocks, and {@link UNIX_PEER}
 */
export function trustIn(networks: readonly string[]): Trust {
  const trusted = new BlockList();
  const isUnixTrusted = networks.includes(UNIX_PEER);
  for (const network of networks) {
    if (network === UNIX_PEER) continue;
    const [written = '', bits] = network.split('/');
    const address = plainAddress(written);
    const [family, width] = isIP(address) === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
    // In a block of IPv4-mapped addresses, the first 96 bits are the mapping.
    const mapping = isIP(written) === 6 && family === 'ipv4' ? 96 : 0;
    trusted.addSubnet(address, bits === undefined ? width : Number(bits) - mapping, family);
  }
  return (address) => {
    if (address === UNIX_PEER) return isUnixTrusted;
    const version = isIP(address);
    return version !== 0 && trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}
