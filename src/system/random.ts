import type { Random } from '../domain/ports/ports.js';
import { crypto } from '../files/crypto.js';

/** The operating system's cryptographically secure generator. */
export const systemRandom: Random = {
  bytes: (length) => crypto().randomBytes(length),
  uuid: (now) => uuidV7(now, crypto().randomBytes(10)),
};

/** UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, version and variant, 74 random bits. */
function uuidV7(now: number, random: Uint8Array): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.set(random, 6);
  bytes.writeUInt8(0x70 | (bytes.readUInt8(6) & 0x0f), 6);
  bytes.writeUInt8(0x80 | (bytes.readUInt8(8) & 0x3f), 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
