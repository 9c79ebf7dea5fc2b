/**
 * Rate-limiting key of an address: an IPv4 address itself; the /64 of an IPv6 address, which belongs to one
 * subscriber.
 *
 * @param address in the canonical spelling (RFC 5952); text that is not an IPv6 address is returned unchanged
 */
export function clientNetwork(address: string): string {
  if (!/^[0-9a-f:]*:[0-9a-f:]*$/.test(address)) return address;
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: missing }, () => '0'), ...right].slice(0, 4);
  return `${groups.join(':')}::/64`;
}
