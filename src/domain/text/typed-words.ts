/** A word of a command line as it was typed: nothing in it is expanded. */
export interface TypedWord {
  /** With its quotes. */
  readonly raw: string;
  /** Without them. */
  readonly text: string;
  /** The quote that it leaves open; empty where there is none. */
  readonly quote: string;
  /** Whether it stands for itself: false where the shell would put a variable or the output of a command in its place. */
  readonly isLiteral: boolean;
}

/** Whose quotes: in single quotes, a backslash is itself to bash and zsh, and to fish it may stand before another. */
export type Quoting = 'sh' | 'fish';

const SINGLE: Readonly<Record<Quoting, string>> = { sh: "[^']*", fish: "(?:\\\\.?|[^'\\\\])*" };

/** The parts of a line: in single or double quotes, an escaped character, white space, a substitution, or others. */
function partsOf(line: string, quoting: Quoting): Iterable<RegExpMatchArray> {
  const quoted = String.raw`'(${SINGLE[quoting]})('?)|"((?:\\.?|[^"\\])*)("?)|\\(.?)`;
  const others = String.raw`[ \t\n]+|\x60[^\x60]*\x60?|\((?:[^()]|\([^()]*\))*\)?|[^ \t\n'"\\\x60(]+`;
  return line.matchAll(new RegExp(`${quoted}|${others}`, 'gs'));
}

const EMPTY: TypedWord = { raw: '', text: '', quote: '', isLiteral: true };

/** A word that stands for itself. */
export function plainWord(text: string): TypedWord {
  return { ...EMPTY, raw: text, text };
}

/** Splits a line at white space and takes off quotes; the last word is the one before the cursor, and may be empty. */
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
