import { isIP, isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** Who sends a request, as far as limits are concerned. */
export function clientAddress(request: FastifyRequest): string {
  const { ip } = request;
  return sourceOf(isIP(ip) === 0 ? (request.socket.remoteAddress ?? '') : ip);
}

/**
 * What stands for an address as far as limits are concerned: an IPv4 address itself, and the /64 of an IPv6 address,
 * since whoever has one address there has all of them.
 */
export function sourceOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? (isIPv6(address) ? networkOf(address) : address);
}

function networkOf(address: string): string {
  const [plain = ''] = address.split('%');
  const [head = '', tail] = plain.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = [...left, ...zeros, ...right].slice(0, 4);
  return `${groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, '')).join(':')}::/64`;
}
