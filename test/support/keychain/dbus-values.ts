/** Values of the D-Bus protocol to and from bytes (D-Bus specification, "Type System"), little-endian on the way out. */

/** A value with its signature, where the receiver cannot know the type. */
export interface Variant {
  readonly signature: string;
  readonly value: Value;
}

/** Integers and booleans, strings and paths, arrays and structures, dictionaries as arrays of pairs; `ay` as bytes. */
export type Value = number | bigint | boolean | string | Uint8Array | Variant | readonly Value[];

const ALIGNMENTS: Readonly<Record<string, number>> = {
  y: 1,
  g: 1,
  v: 1,
  n: 2,
  q: 2,
  x: 8,
  t: 8,
  d: 8,
  '(': 8,
  '{': 8,
};

function alignmentOf(type: string): number {
  return ALIGNMENTS[type.charAt(0)] ?? 4;
}

/** The complete types that a signature is made of. */
export function typesIn(signature: string): readonly string[] {
  const types: string[] = [];
  let start = 0;
  while (start < signature.length) {
    const end = endOfType(signature, start);
    types.push(signature.slice(start, end));
    start = end;
  }
  return types;
}

function endOfType(signature: string, start: number): number {
  const first = signature.charAt(start);
  if (first === 'a') return endOfType(signature, start + 1);
  if (first !== '(' && first !== '{') return start + 1;
  let end = start + 1;
  while (signature.charAt(end) !== ')' && signature.charAt(end) !== '}') end = endOfType(signature, end);
  return end + 1;
}

export class Reader {
  at = 0;
  readonly #bytes: Buffer;
  readonly #isLittle: boolean;

  constructor(bytes: Buffer, isLittle: boolean) {
    this.#bytes = bytes;
    this.#isLittle = isLittle;
  }

  read(type: string): Value {
    this.#align(alignmentOf(type));
    switch (type.charAt(0)) {
      case 'y':
        return this.#bytes.readUInt8(this.#skip(1));
      case 'b':
        return this.#uint32() === 1;
      case 'u':
      case 'h':
        return this.#uint32();
      case 'i':
        return this.#uint32() | 0;
      case 's':
      case 'o':
        return this.#text(this.#uint32());
      case 'g':
        return this.#text(this.#bytes.readUInt8(this.#skip(1)));
      case 'v': {
        const signature = String(this.read('g'));
        return { signature, value: this.read(signature) };
      }
      case 'a':
        return this.#array(type.slice(1));
      case '(':
      case '{':
        return typesIn(type.slice(1, -1)).map((inner) => this.read(inner));
      case 't':
      case 'x':
        return this.#isLittle
          ? this.#bytes.readBigUInt64LE(this.#skip(8))
          : this.#bytes.readBigUInt64BE(this.#skip(8));
      default:
        throw new Error(`a D-Bus type that is not known here: ${type}`);
    }
  }

  #array(element: string): Value {
    const length = this.#uint32();
    this.#align(alignmentOf(element));
    const end = this.at + length;
    if (element === 'y') return Uint8Array.from(this.#bytes.subarray(this.#skip(length), end));
    const values: Value[] = [];
    while (this.at < end) values.push(this.read(element));
    return values;
  }

  #text(length: number): string {
    const start = this.#skip(length + 1);
    return this.#bytes.toString('utf8', start, start + length);
  }

  #uint32(): number {
    const start = this.#skip(4);
    return this.#isLittle ? this.#bytes.readUInt32LE(start) : this.#bytes.readUInt32BE(start);
  }

  #skip(count: number): number {
    this.at += count;
    return this.at - count;
  }

  #align(boundary: number): void {
    this.at = Math.ceil(this.at / boundary) * boundary;
  }
}

export class Writer {
  readonly #parts: Buffer[] = [];
  length = 0;

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  align(boundary: number): void {
    this.#add(Buffer.alloc((boundary - (this.length % boundary)) % boundary));
  }

  write(type: string, value: Value): void {
    this.align(alignmentOf(type));
    switch (type.charAt(0)) {
      case 'y':
        this.#add(Buffer.of(Number(value)));
        break;
      case 'b':
        this.#uint32(value === true ? 1 : 0);
        break;
      case 'u':
        this.#uint32(Number(value));
        break;
      case 's':
      case 'o':
        this.#uint32(Buffer.byteLength(String(value)));
        this.#add(Buffer.from(`${value}\0`));
        break;
      case 'g':
        this.#add(Buffer.of(String(value).length));
        this.#add(Buffer.from(`${value}\0`));
        break;
      case 'v': {
        const { signature, value: inner } = asVariant(value);
        this.write('g', signature);
        this.write(signature, inner);
        break;
      }
      case 'a':
        this.#array(type.slice(1), value);
        break;
      case '(':
      case '{':
        for (const [index, inner] of typesIn(type.slice(1, -1)).entries()) {
          this.write(inner, asArray(value)[index] ?? 0);
        }
        break;
      case 't': {
        const bytes = Buffer.alloc(8);
        bytes.writeBigUInt64LE(BigInt(Number(value)));
        this.#add(bytes);
        break;
      }
      default:
        throw new Error(`a D-Bus type that is not known here: ${type}`);
    }
  }

  #array(element: string, value: Value): void {
    const length = Buffer.alloc(4);
    this.#add(length);
    this.align(alignmentOf(element));
    const start = this.length;
    if (value instanceof Uint8Array) this.#add(Buffer.from(value));
    else for (const item of asArray(value)) this.write(element, item);
    length.writeUInt32LE(this.length - start);
  }

  #uint32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.#add(bytes);
  }

  #add(bytes: Buffer): void {
    this.#parts.push(bytes);
    this.length += bytes.length;
  }
}

/** An array or a structure. */
export function asArray(value: Value | undefined): readonly Value[] {
  if (!Array.isArray(value)) throw new Error('expected an array');
  return value;
}

/** A value with its signature. */
export function asVariant(value: Value | undefined): Variant {
  if (typeof value !== 'object' || !('signature' in value)) throw new Error('expected a variant');
  return value;
}
