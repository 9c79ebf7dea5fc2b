// Controls, lone surrogates, line and paragraph separators, and everything that Unicode draws as nothing
// (bidi controls, zero-width and tag characters among them), but not the variation selectors that emoji need.
const hidden = (): RegExp =>
  /(?![\uFE00-\uFE0F])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;

// The full-width forms start a formula in East Asian editions of spreadsheet programs.
const FORMULA_START = /^[=+\-@＝＋－＠]/;

/** How {@link safeForTerminal} treats line feeds. */
export interface SafeTextOptions {
  /** `escape`, the default, shows a line feed as `\n`; `keep` lets it through. */
  readonly newlines?: 'keep' | 'escape';
}

/**
 * Makes text from a user or the store harmless to a terminal: control, escape and bidi characters, line and
 * paragraph separators, invisible characters and lone surrogates appear as `\u{…}`. All else stays as it is.
 */
export function safeForTerminal(text: string, options: SafeTextOptions = {}): string {
  return isPlain(text)
    ? text
    : text.replace(hidden(), (character) => {
        if (character !== '\n') return `\\u{${codePoint(character).toString(16)}}`;
        return options.newlines === 'keep' ? character : '\\n';
      });
}

/**
 * Makes text harmless as one cell of a tab-separated table: safe for a terminal, on one line, without tabs,
 * and with `'` before what a spreadsheet would take for a formula.
 */
export function safeForSheet(cell: string): string {
  return safeForTerminal(cell).replace(FORMULA_START, "'$&");
}

/**
 * JSON in which every character that could harm a terminal is written as `\uXXXX`; the value stays the same.
 *
 * @param indent spaces per level; everything on one line without
 * @throws TypeError when the value has no JSON form
 */
export function safeJson(value: unknown, indent?: number): string {
  const json: string | undefined = JSON.stringify(value, undefined, indent);
  if (json === undefined) throw new TypeError(`a value of type ${typeof value} has no JSON form`);
  return isPlain(json)
    ? json
    : json.replace(hidden(), (character) => (character === '\n' ? character : jsonEscape(character)));
}

/** Most text is; the expression for the rest takes half a millisecond to compile. */
function isPlain(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

function jsonEscape(character: string): string {
  return character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function codePoint(character: string): number {
  return character.codePointAt(0) ?? 0;
}
