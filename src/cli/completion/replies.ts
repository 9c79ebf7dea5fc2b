import { type TypedWord, typedWords } from '../../domain/text/typed-words.js';
import type { Candidate, Expected } from './position.js';
import type { Shell } from './shells.js';

/** The requester: a shell, or a caller that passed the words as arguments. */
export type Asker = Shell | 'words';

/**
 * Formats the candidates as lines for a requester. `replaced` is the end of the last word that bash replaces.
 */
type Reply = (expected: Expected, last: TypedWord, replaced: string) => readonly string[];

/** fish and zsh filter and quote candidates themselves; for bash both are done here. */
export const REPLIES: Readonly<Record<Asker, Reply>> = {
  words: ({ before, candidates }, last) =>
    candidates.filter(({ value }) => `${before}${value}`.startsWith(last.text)).map(tabbed(before)),
  fish: ({ before, candidates }) => candidates.map(tabbed(before)),
  zsh: ({ candidates }) => candidates.map(forDescribe),
  bash: bashReply,
};

function tabbed(before: string): (candidate: Candidate) => string {
  return ({ value, meaning }) => `${before}${value}${meaning && `\t${meaning}`}`;
}

/** Format of zsh's `_describe`; zsh keeps the part before the value itself. */
function forDescribe({ value, meaning }: Candidate): string {
  return `${value.replaceAll(/[\\:]/g, '\\$&')}${meaning && `:${meaning}`}`;
}

/**
 * Bash splits words at `:`, `=` and `@` as well, and replaces only the last part, inserting the reply unquoted.
 */
function bashReply({ before, candidates }: Expected, last: TypedWord, replaced: string): readonly string[] {
  const kept = last.raw.endsWith(replaced) ? last.raw.slice(0, last.raw.length - replaced.length) : '';
  const { text, quote } = typedWords(kept, 'sh').at(-1) ?? { text: '', quote: '' };
  return candidates
    .map(({ value }) => `${before}${value}`)
    .filter((word) => word.startsWith(last.text))
    .map((word) => quoted(word.slice(text.length), quote))
    .filter((reply) => reply !== null);
}

/** Within quotes only characters that are literal there can be inserted. */
function quoted(text: string, quote: string): string | null {
  if (quote === "'") return text.includes("'") ? null : text;
  if (quote === '"') return /[\\"$`!]/.test(text) ? null : text;
  return text.replaceAll(/[^\w./:=@%+,\x80-\uffff-]/g, '\\$&');
}
