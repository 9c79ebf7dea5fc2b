import { type CredctlError, usageError } from '../errors.js';
import { isHandleShape } from '../secret/handle.js';
import { isClientIdShape, maskSecrets } from '../secret/secret-format.js';
import { quote } from './quote.js';
import { isUndecodable } from './utf8.js';

/** Kinds of names, which share one grammar. */
export type NameKind = 'credential' | 'owner' | 'label key';

/** A label `key=value` of the command line. */
export interface Label {
  readonly key: string;
  readonly value: string;
}

/** Maximum length of a name, in characters. */
const MAX_NAME_LENGTH = 128;

/** Maximum length of a label's value, in code points. */
const MAX_LABEL_VALUE_LENGTH = 256;

/** Maximum length of a description or a reason, in code points. */
export const MAX_TEXT_LENGTH = 1_024;

const ALLOWED = /^[0-9A-Za-z._/-]$/;
const SEGMENT_START = /^[0-9A-Za-z]$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for, and \p{Cc} costs every start
const CONTROL = /[\0-\x1f\x7f-\x9f]/u;

const GRAMMAR_HINT =
  "use letters, digits, '.', '_' and '-', with '/' between segments that start with a letter or digit";

/**
 * Parses the name of something new: as {@link parseKnownName}, and not in the shape of a handle. Returned unchanged.
 *
 * @throws CredctlError `usage` that names the offending character and its position, counted from 1
 */
export function parseName(kind: NameKind, text: string): string {
  if (isHandleShape(parseKnownName(kind, text))) {
    throw usageError(
      `the ${kind} name has the shape of a handle`,
      'choose a name without the middle part _key_, _sec_ or _tok_',
    );
  }
  return text;
}

/**
 * Parses a name that may have been given before handles were references: 1 to 128 ASCII letters, digits, `.`, `_`,
 * `-`, with `/` between segments, each of which starts with a letter or digit; never in the shape of an id, a client
 * id or a secret. Returned unchanged.
 *
 * @throws CredctlError `usage` that names the offending character and its position, counted from 1
 */
export function parseKnownName(kind: NameKind, text: string): string {
  const noun = kind === 'label key' ? 'the label key' : `the ${kind} name`;
  refuseSecret(noun, text);
  const characters = [...text];
  if (characters.length === 0) throw usageError(`${noun} is empty`, GRAMMAR_HINT);
  refuseLonger(noun, characters.length, MAX_NAME_LENGTH);
  for (const [index, character] of characters.entries()) {
    if (!ALLOWED.test(character)) throw forbidden(noun, character, index, GRAMMAR_HINT);
  }
  refuseBadSegment(noun, characters);
  const key = nameKey(text);
  if (UUID.test(key)) throw usageError(`${noun} has the shape of an id`, 'choose a name that is not a UUID');
  if (isClientIdShape(key)) {
    throw usageError(`${noun} has the shape of a client id`, 'choose a name without the middle part _id_');
  }
  return text;
}

/** Whether a text, in any case, is a UUID, as ids are. */
export function isIdShape(text: string): boolean {
  return UUID.test(text.toLowerCase());
}

/** Comparison key of a name: names are unique and looked up case-insensitively. */
export function nameKey(text: string): string {
  return text.toLowerCase();
}

/**
 * Parses a label `key=value`, split at the first `=`. The key follows the grammar of names; the value has at
 * most 256 code points, no control character nor U+FFFD, and may be empty.
 *
 * @throws CredctlError `usage`
 */
export function parseLabel(text: string): Label {
  const split = text.indexOf('=');
  if (split === -1) {
    throw usageError(`the label ${quote(text)} has no '='`, 'write it as key=value; the value may be empty');
  }
  const key = parseKnownName('label key', text.slice(0, split));
  const value = text.slice(split + 1);
  return { key, value: parseText(`the value of label ${quote(key)}`, value, MAX_LABEL_VALUE_LENGTH, '') };
}

/**
 * Parses a description: at most 1,024 code points, no control character but the line feed, and no U+FFFD, which
 * replaces invalid UTF-8. One of white space alone is empty.
 *
 * @throws CredctlError `usage` that names the offending character and its position, counted from 1
 */
export function parseDescription(text: string): string {
  const description = parseText('the description', text, MAX_TEXT_LENGTH, '\n');
  return description.trim() === '' ? '' : description;
}

/**
 * Parses a reason for the audit trail: one line of at most 1,024 code points, no control character nor U+FFFD.
 *
 * @throws CredctlError `usage` that names the offending character and its position, counted from 1
 */
export function parseReason(text: string): string {
  return parseText('the reason', text, MAX_TEXT_LENGTH, '');
}

/**
 * Parses the author of a change, such as `deploy@ci`: 1 to 256 code points, no control character nor U+FFFD.
 *
 * @throws CredctlError `usage`
 */
export function parseActor(text: string): string {
  if (text.trim() === '')
    throw usageError(
      'the actor is empty',
      'give the name of the person or program that makes the change, such as deploy@ci',
    );
  return parseText('the actor', text, MAX_LABEL_VALUE_LENGTH, '');
}

function parseText(noun: string, text: string, limit: number, exempt: '\n' | ''): string {
  refuseSecret(noun, text);
  const characters = [...text];
  refuseLonger(noun, characters.length, limit);
  for (const [index, character] of characters.entries()) {
    const refused = CONTROL.test(character) || isUndecodable(character);
    if (refused && character !== exempt) throw forbidden(noun, character, index, 'remove this character');
  }
  return text;
}

function refuseSecret(noun: string, text: string): void {
  if (maskSecrets(text) === text) return;
  throw usageError(
    `${noun} contains what looks like a secret`,
    'secrets are never stored; write the handle instead',
  );
}

function refuseLonger(noun: string, length: number, limit: number): void {
  if (length <= limit) return;
  throw usageError(`${noun} has ${length} characters`, `use at most ${limit}`);
}

function refuseBadSegment(noun: string, characters: readonly string[]): void {
  let before = '/';
  for (const [index, character] of characters.entries()) {
    if (before === '/' && !SEGMENT_START.test(character)) {
      const fault = character === '/' ? 'has an empty segment before' : 'has a segment that starts with';
      throw usageError(`${noun} ${fault} '${character}' at position ${index + 1}`, GRAMMAR_HINT);
    }
    before = character;
  }
  if (before === '/')
    throw usageError(`${noun} ends with '/' at position ${characters.length}`, GRAMMAR_HINT);
}

function forbidden(noun: string, character: string, index: number, hint: string): CredctlError {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  const shown = /^[ -~]$/.test(character) ? quote(character) : `${quote(character)} (U+${code})`;
  return usageError(`${noun} contains ${shown} at position ${index + 1}`, hint);
}
