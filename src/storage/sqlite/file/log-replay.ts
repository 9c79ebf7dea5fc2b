/** The SQLite database file format, section 4: the write-ahead log. */
const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const LITTLE_ENDIAN = 0x377f0682;
const BIG_ENDIAN = 0x377f0683;

/** The two sums of the WAL's cumulative checksum. */
type Sums = readonly [number, number];

interface Frame {
  readonly page: number;
  /** Byte offset of its page in the WAL. */
  readonly offset: number;
}

/** The committed transactions of a WAL. */
interface Committed {
  readonly frames: readonly Frame[];
  /** Size of the database in pages after the last commit. */
  readonly pages: number;
}

/**
 * Applies a WAL to a database image, as a full checkpoint would, and switches the result to rollback mode, in which
 * it opens without a WAL. The WAL may be empty; it is read up to the last complete commit.
 */
export function withLog(database: Uint8Array, log: Uint8Array): Buffer {
  const text = Buffer.from(log.buffer, log.byteOffset, log.byteLength);
  const pageSize = log.length < LOG_HEADER_BYTES ? 0 : text.readUInt32BE(8);
  const { frames, pages } = committed(text, pageSize);
  const whole = Buffer.alloc(frames.length === 0 ? database.length : pages * pageSize);
  whole.set(database.subarray(0, whole.length));
  for (const { page, offset } of frames) {
    if (page <= pages) whole.set(text.subarray(offset, offset + pageSize), (page - 1) * pageSize);
  }
  // File format write and read version: 1 for the rollback journal, 2 for WAL.
  whole.set([1, 1], 18);
  return whole;
}

/** A frame is valid if its salts match the WAL header and the cumulative checksum up to it is right. */
function committed(log: Buffer, pageSize: number): Committed {
  const sum = pageSize === 0 ? null : checksumOf(log.readUInt32BE(0));
  if (sum === null) return { frames: [], pages: 0 };
  let sums = sum(log, 0, LOG_HEADER_BYTES - 8, [0, 0]);
  if (!isWritten(log, LOG_HEADER_BYTES - 8, sums)) return { frames: [], pages: 0 };
  const frames: Frame[] = [];
  let last = { count: 0, pages: 0 };
  for (let at = LOG_HEADER_BYTES; ; at += FRAME_HEADER_BYTES + pageSize) {
    const content = at + FRAME_HEADER_BYTES;
    if (content + pageSize > log.length || log.compare(log, 16, 24, at + 8, at + 16) !== 0) break;
    sums = sum(log, content, pageSize, sum(log, at, 8, sums));
    if (!isWritten(log, at + 16, sums)) break;
    frames.push({ page: log.readUInt32BE(at), offset: content });
    // Database size after commit: nonzero only in the last frame of a transaction.
    const pages = log.readUInt32BE(at + 4);
    if (pages > 0) last = { count: frames.length, pages };
  }
  return { frames: frames.slice(0, last.count), pages: last.pages };
}

function isWritten(log: Buffer, at: number, [first, second]: Sums): boolean {
  return log.readUInt32BE(at) === first && log.readUInt32BE(at + 4) === second;
}

/** The cumulative checksum over 32-bit words, in the byte order of the machine that created the WAL. */
function checksumOf(magic: number): ((log: Buffer, at: number, length: number, sums: Sums) => Sums) | null {
  if (magic !== LITTLE_ENDIAN && magic !== BIG_ENDIAN) return null;
  const isLittle = magic === LITTLE_ENDIAN;
  return (log, at, length, sums) => {
    let [first, second] = sums;
    for (let n = at; n < at + length; n += 8) {
      first = (first + (isLittle ? log.readUInt32LE(n) : log.readUInt32BE(n)) + second) >>> 0;
      second = (second + (isLittle ? log.readUInt32LE(n + 4) : log.readUInt32BE(n + 4)) + first) >>> 0;
    }
    return [first, second];
  };
}
