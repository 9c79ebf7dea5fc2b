import type { Json } from './json-values.js';

/** JSON documents that follow one another, as lines of JSON and outputs that are joined do. */
export interface JsonSequence {
  readonly documents: readonly Json[];
  /** Where it stops being JSON; null where it does not. */
  readonly broken: Break | null;
}

/** Where a text stops being JSON. */
export interface Break {
  /** From 1 on. */
  readonly line: number;
  /** Whether the text ends there, and was JSON until then. */
  readonly atEnd: boolean;
}

/** What may come next inside a document. */
type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end';

const WHITE = /[\t\n\r ]*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** The beginning of a scalar that the end of the text cuts off. */
const CUT_SCALAR = /(?:-|-?\d+\.|-?\d+(?:\.\d+)?[eE][+-]?|t(?:ru?)?|f(?:al?s?)?|n(?:ul?)?)$/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})/y;
const CUT_ESCAPE = /\\(?:u[0-9A-Fa-f]{0,3})?$/y;

/** Reads the documents of a text, up to where it stops being JSON (RFC 8259 §2). */
export function jsonSequence(text: string): JsonSequence {
  const whole = parsed(text);
  if (whole !== undefined) return { documents: [whole], broken: null };
  const documents: Json[] = [];
  for (let at = after(WHITE, text, 0); at < text.length; ) {
    const { end, isWhole } = documentAt(text, at);
    const document = isWhole ? parsed(text.slice(at, end)) : undefined;
    if (document === undefined) return { documents, broken: breakAt(text, end) };
    documents.push(document);
    at = after(WHITE, text, end);
  }
  return { documents, broken: null };
}

function parsed(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function breakAt(text: string, end: number): Break {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) line += 1;
  return { line, atEnd: end >= text.length };
}

/** The end of the document that begins at `from`, or where it stops being one. */
function documentAt(text: string, from: number): { readonly end: number; readonly isWhole: boolean } {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  for (let at = from; ; at = after(WHITE, text, at)) {
    const character = text[at];
    if (character === undefined) return { end: at, isWhole: false };
    const isValue = expected === 'value' || expected === 'value or end';
    if (isValue && (character === '{' || character === '[')) {
      open.push(character);
      expected = character === '{' ? 'name or end' : 'value or end';
      at += 1;
      continue;
    }
    if (closes(character, open.at(-1), expected)) {
      open.pop();
      at += 1;
    } else if (expected === 'colon' || expected === 'comma or end') {
      if (character !== (expected === 'colon' ? ':' : ',')) return { end: at, isWhole: false };
      expected = expected === 'comma or end' && open.at(-1) === '{' ? 'name' : 'value';
      at += 1;
      continue;
    } else {
      const end = isValue && character !== '"' ? scalarEnd(text, at) : stringEnd(text, at);
      if (!end.isWhole) return end;
      at = end.end;
      if (!isValue) {
        expected = 'colon';
        continue;
      }
    }
    if (open.length === 0) return { end: at, isWhole: true };
    expected = 'comma or end';
  }
}

function closes(character: string, open: '{' | '[' | undefined, expected: Expected): boolean {
  return (
    expected.endsWith('or end') &&
    ((character === '}' && open === '{') || (character === ']' && open === '['))
  );
}

function scalarEnd(text: string, at: number): { readonly end: number; readonly isWhole: boolean } {
  const cut = after(CUT_SCALAR, text, at);
  if (cut > at) return { end: cut, isWhole: false };
  const end = after(SCALAR, text, at);
  return { end, isWhole: end > at };
}

/** Goes from one special character to the next: an expression for all of it would need memory for each character. */
function stringEnd(text: string, from: number): { readonly end: number; readonly isWhole: boolean } {
  if (text[from] !== '"') return { end: from, isWhole: false };
  for (let at = from + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x22) return { end: at + 1, isWhole: true };
    if (code < 0x20) return { end: at, isWhole: false };
    if (code !== 0x5c) continue;
    const end = after(ESCAPE, text, at);
    if (end === at) return { end: Math.max(at, after(CUT_ESCAPE, text, at)), isWhole: false };
    at = end - 1;
  }
  return { end: text.length, isWhole: false };
}

/** Where a sticky expression ends that begins at `at`; `at` where it does not fit. */
function after(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.test(text) ? expression.lastIndex : at;
}
