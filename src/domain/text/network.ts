import { usageError } from '../errors.js';
import { quote } from './quote.js';

/**
 * A network of trusted proxies, as an address or a CIDR block.
 *
 * @param versionOf 4 or 6 for an IP address, 0 for anything else, as `isIP` of `node:net`
 * @throws CredctlError `usage` for anything else, and for all addresses at once
 */
export function parseNetwork(text: string, versionOf: (address: string) => number): string {
  const [address = '', bits, ...rest] = text.split('/');
  const most = versionOf(address) === 6 ? 128 : 32;
  const isWidth = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (versionOf(address) !== 0 && isWidth && rest.length === 0) {
    if (bits === undefined || Number(bits) > 0) return text;
    throw usageError(
      `${quote(text)} includes every address`,
      'any client could then claim any address; give the network of the gateway only',
    );
  }
  throw usageError(`${quote(text)} is not a network`, 'write it like 10.0.0.0/8 or 192.0.2.7');
}
