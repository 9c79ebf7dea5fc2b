/** Replacement for a secret. */
export const MASK = '***';

/**
 * Minimum length at which a prefix of a secret is masked, in characters; a shorter one is part of its public
 * handle.
 */
const TELLING_LENGTH = 24;

/** Stream filter that replaces texts in output. */
export interface Masker {
  /** Returns the output so far, holding back an end that may be the beginning of a text to replace. */
  push(piece: string): string;
  /** Returns the held-back rest. */
  end(): string;
}

/**
 * The secret and its base64 forms (RFC 4648 §4) at each of the three alignments, as in the header of HTTP Basic
 * authentication (RFC 7617) or in a Kubernetes Secret.
 */
export function encodingsOf(secret: string): readonly string[] {
  const encoded = [0, 1, 2].map((before) => {
    const padded = btoa('\0'.repeat(before) + secret);
    // Characters that depend on the adjacent bytes are cut off.
    return padded.slice(Math.ceil((before * 4) / 3), Math.floor(((before + secret.length) * 4) / 3));
  });
  return [secret, ...encoded];
}

/** A masker for the given texts: leftmost match first, the longest of those that begin there. */
export function createMasker(texts: readonly string[]): Masker {
  const longestFirst = [...new Set(texts)].filter((text) => text !== '').sort((a, b) => b.length - a.length);
  const reach = Math.max(0, (longestFirst[0]?.length ?? 0) - 1);
  let held = '';

  /** The leftmost match at or after `from`, with its length. */
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

  /** Start of a suffix that is a proper prefix of one of the texts; the output's length when there is none. */
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
