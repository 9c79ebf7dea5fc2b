import { describe, expect, it } from 'vitest';
import { clientAddress, trustIn } from '../../../src/http/request/client-address.js';
import { clientNetwork } from '../../../src/usecases/serving/client-network.js';

const PROXIES = trustIn(['10.0.0.0/8', '192.0.2.1', '2001:db8:ffff::/48', '::ffff:198.18.0.0/111']);

/** The client of a request that a proxy at `from` has passed on. */
function clientOf(forwarded: string | null, from = '10.0.0.1'): string {
  const headers = forwarded === null ? {} : { 'x-forwarded-for': forwarded };
  return clientAddress({ headers, socket: { remoteAddress: from } }, PROXIES);
}

describe('the address of a client', () => {
  it.each([
    ['203.0.113.50', '203.0.113.50'],
    ['203.0.113.50:40001', '203.0.113.50'],
    ['203.0.113.50:_gazonk', '203.0.113.50'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['[2001:DB8:0:0::7]:443', '2001:db8::7'],
    ['::ffff:203.0.113.50', '203.0.113.50'],
    ['[::ffff:203.0.113.50]:40001', '203.0.113.50'],
    ['::ffff:cb00:7132', '203.0.113.50'],
    ['fe80::1%eth0', 'fe80::1'],
    [' \t 203.0.113.50:40001 ', '203.0.113.50'],
    ['203.0.113.50 ,, ,', '203.0.113.50'],
    ['198.51.100.1, 203.0.113.50:40001', '203.0.113.50'],
    ['203.0.113.50:40001, 10.1.2.3:555, 192.0.2.1:_x', '203.0.113.50'],
    ['203.0.113.50, [2001:db8:ffff::3]:8080', '203.0.113.50'],
    ['203.0.113.50, [::ffff:10.9.9.9]:8080', '203.0.113.50'],
    ['203.0.113.50, 198.19.7.7', '203.0.113.50'],
    ['10.7.7.7:1, 10.8.8.8:1', '10.7.7.7'],
  ])('is, behind a trusted proxy that says %j, %s', (forwarded, client) => {
    expect(clientOf(forwarded)).toBe(client);
  });

  it.each([
    'unknown',
    '_hidden',
    '_SEVKISEK:80',
    'evil',
    '203.0.113.999',
    '203.0.113.50:',
    '203.0.113.50:123456',
    '203.0.113.50:http',
    '[203.0.113.50]:80',
    '[2001:db8::7',
    '2001:db8::7]',
    '[2001:db8::7]443',
    '[]:80',
    '203.0.113.50 198.51.100.1',
    '203.0.113.50;198.51.100.1',
    '[2001:db8::7%a]b]:1',
    '::ffff:1.2.3.4.5',
  ])('is the last trusted hop where that has reported %j, and nothing to the left of it', (node) => {
    expect(clientOf(`198.51.100.1, ${node}`)).toBe('10.0.0.1');
    expect(clientOf(`198.51.100.1, ${node}, 10.3.3.3:9`)).toBe('10.3.3.3');
  });

  it.each([null, '', ' ', ',', ', ,'])('is that of the proxy where the header is %j', (forwarded) => {
    expect(clientOf(forwarded)).toBe('10.0.0.1');
  });

  it('is that of the connection where nobody trusts it, whatever the header says', () => {
    for (const from of ['203.0.113.1', '2001:db8::1', '::ffff:203.0.113.1', '192.0.2.2']) {
      expect(clientOf('10.1.1.1, 198.51.100.1:80', from)).toBe(from.replace('::ffff:', ''));
    }
    const headers = { 'x-forwarded-for': '198.51.100.1' };
    expect(clientAddress({ headers, socket: { remoteAddress: '127.0.0.1' } }, trustIn([]))).toBe('127.0.0.1');
    expect(clientAddress({ headers, socket: {} }, PROXIES)).toBe('');
  });

  it('is that of the connection over IPv6 as well', () => {
    expect(clientOf('203.0.113.50:1', '::ffff:10.0.0.1')).toBe('203.0.113.50');
    expect(clientOf('203.0.113.50:1', '2001:db8:ffff:1::1')).toBe('203.0.113.50');
    expect(clientOf('203.0.113.50:1', '2001:db8:fffe::1')).toBe('2001:db8:fffe::1');
  });
});

describe('limits', () => {
  it.each([
    ['203.0.113.50', '203.0.113.50'],
    ['2001:db8::7', '2001:db8:0:0::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
    ['', ''],
    ['somewhere:else', 'somewhere:else'],
  ])('count %j as %j', (address, network) => {
    expect(clientNetwork(address)).toBe(network);
  });
});
