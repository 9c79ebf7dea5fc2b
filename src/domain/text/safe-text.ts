// Control characters, lone surrogates, line and paragraph separators, and default-ignorable (invisible)
// characters, including bidi controls, zero-width and tag characters; except the variation selectors of emoji.
const hidden = (): RegExp =>
  /(?![\uFE00-\uFE0F])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;

// Full-width forms start a formula in East Asian editions of spreadsheet programs.
const FORMULA_START = /^[=+\-@＝＋－＠]/;

/** Options of {@link safeForTerminal}. */
export interface SafeTextOptions {
  /** `escape`, the default, shows a line feed as `\n`; `keep` passes it through. */
  readonly newlines?: 'keep' | 'escape';
}

/**
 * Escapes untrusted text for a terminal: control, escape and bidi characters, line and paragraph separators,
 * invisible characters and lone surrogates become `\u{…}`.
 */
export function safeForTerminal(text: string, options: SafeTextOptions = {}): string {
  return isPlain(text)
    ? text
    : text.replace(hidden(), (character) => {
        return character === '\n' && options.newlines === 'keep' ? character : escapeOf(character);
      });
}

/** A character as messages and tables escape it: `\n`, or `\u{…}` with its code point. */
export function escapeOf(character: string): string {
  return character === '\n' ? '\\n' : `\\u{${codePoint(character).toString(16)}}`;
}

/**
 * Escapes untrusted text for a cell of a tab-separated or comma-separated table: as {@link safeForTerminal}, on one line, without
 * tabs, and with `'` before a spreadsheet formula.
 */
export function safeForSheet(cell: string): string {
  return safeForTerminal(cell).replace(FORMULA_START, "'$&");
}

/**
 * JSON in which every character that could harm a terminal is written as `\uXXXX`; the value is the same.
 *
 * @param indent spaces per level; one line by default
 * @throws TypeError when the value has no JSON form
 */
export function safeJson(value: unknown, indent?: number): string {
  const json: string | undefined = JSON.stringify(value, undefined, indent);
  if (json === undefined) throw new TypeError(`a value of type ${typeof value} has no JSON form`);
  return isPlain(json)
    ? json
    : json.replace(hidden(), (character) => (character === '\n' ? character : jsonEscape(character)));
}

/** Fast path for plain ASCII: the Unicode expression takes half a millisecond to compile. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

function jsonEscape(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
