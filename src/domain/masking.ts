/** What stands in the place of a secret. */
export const MASK = '***';

/** Replaces secrets in a text that arrives in pieces. */
export interface Masker {
  /** The part of what arrived so far that cannot be the beginning of a secret any more. */
  push(piece: string): string;
  /** The rest. */
  end(): string;
}

/** A masker for the given secrets; a secret that is split over several pieces is found as well. */
export function createMasker(secrets: readonly string[]): Masker {
  const longestFirst = [...secrets].filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
  let held = '';
  const mask = (text: string): string =>
    longestFirst.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  return {
    push(piece) {
      const text = mask(held + piece);
      const kept = Math.max(0, ...longestFirst.map((secret) => overlap(text, secret)));
      held = text.slice(text.length - kept);
      return text.slice(0, text.length - kept);
    },
    end() {
      const rest = held;
      held = '';
      return rest;
    },
  };
}

/** How many characters at the end of `text` are the beginning of `secret`. */
function overlap(text: string, secret: string): number {
  for (let length = Math.min(text.length, secret.length - 1); length > 0; length -= 1) {
    if (text.endsWith(secret.slice(0, length))) return length;
  }
  return 0;
}
