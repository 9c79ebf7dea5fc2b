/** A word of a command line as typed, without shell expansion. */
export interface TypedWord {
  /** With its quotes. */
  readonly raw: string;
  /** Without its quotes. */
  readonly text: string;
  /** Its unclosed quote; empty when there is none. */
  readonly quote: string;
  /** False where the shell would expand a variable or a command substitution. */
  readonly isLiteral: boolean;
}

/**
 * Quoting rules: within single quotes, a backslash is literal in bash and zsh, and an escape character in fish.
 */
export type Quoting = 'sh' | 'fish';

const SINGLE: Readonly<Record<Quoting, string>> = { sh: "[^']*", fish: "(?:\\\\.?|[^'\\\\])*" };

/**
 * Tokens of a line: a single- or double-quoted part, an escaped character, white space, a substitution, or
 * other text.
 */
function partsOf(line: string, quoting: Quoting): Iterable<RegExpMatchArray> {
  const quoted = String.raw`'(${SINGLE[quoting]})('?)|"((?:\\.?|[^"\\])*)("?)|\\(.?)`;
  const others = String.raw`[ \t\n]+|\x60[^\x60]*\x60?|\((?:[^()]|\([^()]*\))*\)?|[^ \t\n'"\\\x60(]+`;
  return line.matchAll(new RegExp(`${quoted}|${others}`, 'gs'));
}

const EMPTY: TypedWord = { raw: '', text: '', quote: '', isLiteral: true };

/** A literal word without quotes. */
export function plainWord(text: string): TypedWord {
  return { ...EMPTY, raw: text, text };
}

/** Splits a line into words and removes quotes; the last word is the one at the cursor, and may be empty. */
export function typedWords(line: string, quoting: Quoting): readonly TypedWord[] {
  const words: TypedWord[] = [];
  let word = EMPTY;
  for (const part of partsOf(line, quoting)) {
    if (!/^[ \t\n]/.test(part[0])) word = joined(word, readPart(part, quoting));
    else if (word.raw !== '') {
      words.push(word);
      word = EMPTY;
    }
  }
  return [...words, word];
}

function readPart(
  [raw, single, singleEnd, double, doubleEnd, escaped]: RegExpMatchArray,
  quoting: Quoting,
): TypedWord {
  if (single !== undefined) {
    const text = quoting === 'fish' ? single.replaceAll(/\\([\\'])/g, '$1') : single;
    return { raw, text, quote: singleEnd === '' ? "'" : '', isLiteral: true };
  }
  if (double !== undefined) {
    const isLiteral = !/[$`]/.test(double.replaceAll(/\\./gs, ''));
    const text = double.replaceAll(/\\([\\"$`])/g, '$1');
    return { raw, text, quote: doubleEnd === '' ? '"' : '', isLiteral };
  }
  return { raw, text: escaped ?? raw, quote: '', isLiteral: escaped !== undefined || !/[$`(]/.test(raw) };
}

function joined(word: TypedWord, part: TypedWord): TypedWord {
  return {
    raw: word.raw + part.raw,
    text: word.text + part.text,
    quote: part.quote,
    isLiteral: word.isLiteral && part.isLiteral,
  };
}
