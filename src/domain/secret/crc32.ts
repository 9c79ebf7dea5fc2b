/** CRC-32 (RFC 1952 §8) table of 4-bit values: small, so that it costs no start-up time. */
const CRC_OF_NIBBLE = [
  0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320,
  0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
];

/** CRC-32 of ASCII text as computed by zlib (RFC 1952 §8), an unsigned 32-bit number. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let at = 0; at < text.length; at += 1) crc = crcStep(crc, text.charCodeAt(at));
  return (crc ^ 0xffffffff) >>> 0;
}

function crcStep(crc: number, byte: number): number {
  const half = (CRC_OF_NIBBLE[(crc ^ byte) & 15] ?? 0) ^ (crc >>> 4);
  return (CRC_OF_NIBBLE[(half ^ (byte >>> 4)) & 15] ?? 0) ^ (half >>> 4);
}
