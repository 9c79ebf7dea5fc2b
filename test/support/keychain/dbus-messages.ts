/** Messages of the D-Bus protocol to and from bytes (D-Bus specification, "Message Protocol"). */
import { asArray, asVariant, Reader, typesIn, type Value, Writer } from './dbus-values.js';

/** What is of interest in a message. */
export interface Message {
  readonly type: 'call' | 'return' | 'error' | 'signal';
  readonly serial: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly sender?: string;
  readonly destination?: string;
  /** Types of the body's values, one after the other. */
  readonly signature?: string;
  readonly body: readonly Value[];
  readonly expectsReply: boolean;
}

const TYPES = ['call', 'return', 'error', 'signal'] as const;

/** Header fields by their codes. */
const FIELDS = [
  [1, 'path', 'o'],
  [2, 'interface', 's'],
  [3, 'member', 's'],
  [4, 'errorName', 's'],
  [5, 'replySerial', 'u'],
  [6, 'destination', 's'],
  [7, 'sender', 's'],
  [8, 'signature', 'g'],
] as const;

const NO_REPLY_EXPECTED = 1;

/** Takes one message from the beginning of what has arrived; null when it is not complete yet. */
export function decodeMessage(bytes: Buffer): { readonly message: Message; readonly length: number } | null {
  if (bytes.length < 16) return null;
  const isLittle = bytes.toString('latin1', 0, 1) === 'l';
  const header = new Reader(bytes, isLittle);
  header.at = 4;
  const bodyLength = Number(header.read('u'));
  const serial = Number(header.read('u'));
  const fieldsLength = isLittle ? bytes.readUInt32LE(12) : bytes.readUInt32BE(12);
  const bodyStart = Math.ceil((16 + fieldsLength) / 8) * 8;
  if (bytes.length < bodyStart + bodyLength) return null;
  const fields: Record<string, Value> = {};
  for (const field of asArray(header.read('a(yv)'))) {
    const [code, variant] = asArray(field);
    const known = FIELDS.find(([number]) => number === code);
    if (known !== undefined) fields[known[1]] = asVariant(variant).value;
  }
  const body = new Reader(bytes, isLittle);
  body.at = bodyStart;
  const message: Message = {
    type: TYPES[(bytes[1] ?? 1) - 1] ?? 'call',
    serial,
    ...fields,
    body: typesIn(String(fields['signature'] ?? '')).map((type) => body.read(type)),
    expectsReply: ((bytes[2] ?? 0) & NO_REPLY_EXPECTED) === 0,
  };
  return { message, length: bodyStart + bodyLength };
}

/** The bytes of a message. */
export function encodeMessage(message: Omit<Message, 'expectsReply'>): Buffer {
  const body = new Writer();
  typesIn(message.signature ?? '').forEach((type, index) => {
    body.write(type, message.body[index] ?? 0);
  });
  const fields = FIELDS.flatMap(([code, name, signature]) => {
    const value = message[name];
    return value === undefined ? [] : [[code, { signature, value }] as const];
  });
  const header = new Writer();
  header.write('y', 'l'.charCodeAt(0));
  header.write('y', TYPES.indexOf(message.type) + 1);
  header.write('y', NO_REPLY_EXPECTED);
  header.write('y', 1);
  header.write('u', body.length);
  header.write('u', message.serial);
  header.write('a(yv)', fields);
  header.align(8);
  return Buffer.concat([header.bytes(), body.bytes()]);
}
