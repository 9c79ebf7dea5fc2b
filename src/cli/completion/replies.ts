import { type TypedWord, typedWords } from '../../domain/text/typed-words.js';
import type { Candidate, Expected } from './position.js';
import type { Shell } from './shells.js';

/** Who asks: a shell, or somebody who has given the words. */
export type Asker = Shell | 'words';

/** What may stand at the cursor, as lines for who asks. `replaced` is the end of the last word that bash will replace. */
type Reply = (expected: Expected, last: TypedWord, replaced: string) => readonly string[];

/** A shell chooses among the candidates by its own rules and quotes what it inserts; bash does neither. */
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

/** As the function `_describe` takes it; what stands before the value, zsh has put aside. */
function forDescribe({ value, meaning }: Candidate): string {
  return `${value.replaceAll(/[\\:]/g, '\\$&')}${meaning && `:${meaning}`}`;
}

/** Bash also splits words at `:`, `=` and `@`, and replaces only what follows, with a reply as it is. */
function bashReply({ before, candidates }: Expected, last: TypedWord, replaced: string): readonly string[] {
  const kept = last.raw.endsWith(replaced) ? last.raw.slice(0, last.raw.length - replaced.length) : '';
  const { text, quote } = typedWords(kept, 'sh').at(-1) ?? { text: '', quote: '' };
  return candidates
    .map(({ value }) => `${before}${value}`)
    .filter((word) => word.startsWith(last.text))
    .map((word) => quoted(word.slice(text.length), quote))
    .filter((reply) => reply !== null);
}

/** Within quotes only what means itself there can be offered. */
function quoted(text: string, quote: string): string | null {
  if (quote === "'") return text.includes("'") ? null : text;
  if (quote === '"') return /[\\"$`!]/.test(text) ? null : text;
  return text.replaceAll(/[^\w./:=@%+,\x80-\uffff-]/g, '\\$&');
}
