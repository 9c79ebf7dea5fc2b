import { expect } from 'vitest';

/** Characters that a text from a user must not have: they move the cursor, or worse. */
export const CONTROLS: readonly (readonly [what: string, text: string])[] = [
  ['an escape sequence', '\u001b[2J\u001b[31m'],
  ['an OSC sequence', '\u001b]0;owned\u0007'],
  ['a carriage return', 'safe\rrm -rf'],
  ['a tab', 'a\tb'],
  ['a backspace', 'a\bb'],
  ['DEL', 'a\u007fb'],
  ['C1: CSI in one byte', '\u009b31m'],
  ['NEL', 'a\u0085b'],
];

/** Text that is kept as it is, and escaped on output: it imitates other output. */
export const INVISIBLE: readonly (readonly [what: string, text: string])[] = [
  ['a bidi override', 'user\u202etxt.exe'],
  ['a bidi isolate', 'a\u2066b\u2069c'],
  ['zero-width characters', 'ad\u200bm\u200cin\ufeff'],
  ['a soft hyphen', 'ad\u00admin'],
  ['a line separator', 'one\u2028two'],
  ['tag characters', 'a\u{e0061}b'],
];

/** What a spreadsheet would take for a formula. */
export const FORMULAS: readonly string[] = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '=HYPERLINK("http://x","y")',
  '\uff1d1+1',
];

/** What would break a program that keeps such names in plain objects. */
export const OBJECT_WORDS: readonly string[] = [
  'constructor',
  'toString',
  'hasOwnProperty',
  'prototype',
  'then',
];

/** Controls, what changes the direction of writing, and what is drawn as nothing; emoji need variation selectors. */
const HARMFUL =
  /(?!\n|\t|\p{Variation_Selector})[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u;

/** Nothing in the output moves the cursor, is invisible or changes the direction of writing. */
export function expectHarmless(output: string): void {
  expect(HARMFUL.exec(output)?.[0]?.codePointAt(0)?.toString(16), JSON.stringify(output)).toBeUndefined();
}
