/** What stands in the place of a secret. */
export const MASK = '***';

/** A beginning of a secret is replaced as well when it is at least so long: less of it is its public handle. */
const TELLING_LENGTH = 24;

/** Replaces texts in output that arrives in pieces. */
export interface Masker {
  /** What arrived so far, except an end of it that may be the beginning of a text to replace. */
  push(piece: string): string;
  /** The rest. */
  end(): string;
}

/**
 * What gives a secret away: itself, and the part of any base64 (RFC 4648 §4) that stands for it, as in the header of
 * HTTP Basic authentication (RFC 7617) or in a Kubernetes Secret. Where the encoded text begins before the secret,
 * each of three alignments gives other characters.
 */
export function encodingsOf(secret: string): readonly string[] {
  const encoded = [0, 1, 2].map((before) => {
    const padded = btoa('\0'.repeat(before) + secret);
    // What also depends on the bytes before and after is left out.
    return padded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + secret.length) * 4) / 3));
  });
  return [secret, ...encoded];
}

/** A masker for the given texts; the first in the output counts, and of those that begin together the longest. */
export function createMasker(texts: readonly string[]): Masker {
  const longestFirst = [...new Set(texts)].filter((text) => text !== '').sort((a, b) => b.length - a.length);
  const reach = Math.max(0, (longestFirst[0]?.length ?? 0) - 1);
  let held = '';

  /** The text that begins earliest at or after `from`: where, and how long it is. */
  const next = (output: string, from: number): { at: number; length: number } | null => {
    let found: { at: number; length: number } | null = null;
    for (const { length, at } of longestFirst.map((text) => ({
      length: text.length,
      at: output.indexOf(text, from),
    }))) {
      if (at !== -1 && (found === null || at < found.at)) found = { at, length };
    }
    return found;
  };

  /** Where the end of the output begins that may turn out to be one of the texts; the output's length without one. */
  const openFrom = (output: string, from: number): number => {
    for (let at = Math.max(from, output.length - reach); at < output.length; at += 1) {
      const rest = output.slice(at);
      if (longestFirst.some((text) => text.length > rest.length && text.startsWith(rest))) return at;
    }
    return output.length;
  };

  return {
    push(piece) {
      const output = held + piece;
      let passed = '';
      let from = 0;
      for (;;) {
        const open = openFrom(output, from);
        const found = next(output, from);
        if (found === null || found.at >= open) {
          held = output.slice(open);
          return passed + output.slice(from, open);
        }
        passed += output.slice(from, found.at) + MASK;
        from = found.at + found.length;
      }
    },
    end() {
      const output = held;
      held = '';
      let passed = '';
      let from = 0;
      for (let found = next(output, 0); found !== null; found = next(output, from)) {
        passed += output.slice(from, found.at) + MASK;
        from = found.at + found.length;
      }
      const open = openFrom(output, from);
      const isTelling = output.length - open >= TELLING_LENGTH;
      return passed + output.slice(from, open) + (isTelling ? MASK : output.slice(open));
    },
  };
}
