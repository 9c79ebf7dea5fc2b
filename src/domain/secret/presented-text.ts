import { usageError } from '../errors.js';
import { isClientIdShape, isSecretShape } from './secret-format.js';

/** A secret as it was presented, and the client id that stood beside it; null where none did. */
export interface PresentedText {
  readonly secret: string;
  readonly clientId: string | null;
}

/** A line of a secret's formats: `VALUE`, `NAME=VALUE`, `export NAME='VALUE'`, `NAME: VALUE`, `"NAME": "VALUE",`. */
const LINE = /^(?:(?:export\s+)?(["']?)[\w.-]+\1\s*[=:]\s*)?(?:Bearer\s+)?(["']?)(?<value>[\w-]+)\2[,;]?$/i;

/**
 * Reads a secret from a text: the text as it stands, without one final line ending, where that has the shape of a
 * secret; otherwise what has it in the forms that `create` writes (`text`, `env`, `dotenv`, `json`, `k8s-secret`) or
 * after `Bearer` (RFC 6750 §2.1), whatever white space, byte-order mark or UTF-16 is around it. A text without a
 * secret is returned as it stands, to be judged as malformed.
 *
 * @throws CredctlError `usage` for an empty text, and for one with several different secrets
 */
export function readPresentedText(input: string): PresentedText {
  const asItStands = input.replace(/\r?\n$/, '');
  if (isSecretShape(asItStands)) return { secret: asItStands, clientId: null };
  const text = withoutWideness(input).trim();
  if (text === '')
    throw usageError('no secret was given', 'pass one on standard input: credctl verify < FILE');
  const values = valuesIn(text);
  const secrets = distinct(values.filter(isSecretShape));
  if (secrets.length > 1) {
    throw usageError(
      `${secrets.length} different secrets were given`,
      'verify takes one at a time: pass just the one in question',
    );
  }
  const [secret] = secrets;
  if (secret === undefined) return { secret: asItStands, clientId: null };
  const clientIds = distinct(values.filter(isClientIdShape));
  return { secret, clientId: clientIds.length === 1 ? (clientIds[0] ?? null) : null };
}

/** ASCII that was encoded as UTF-16 without a byte-order mark has a NUL beside each character. */
function withoutWideness(text: string): string {
  const plain = text.replace(/^\ufeff/, '');
  return /^(?:[^\0]\0)+$|^(?:\0[^\0])+$/.test(plain) ? plain.replaceAll('\0', '') : plain;
}

function valuesIn(text: string): readonly string[] {
  const document = parseJson(text);
  if (document !== null) return stringsIn(document);
  return text.split(/[\r\n]+/).flatMap((line) => {
    const whole = parseJson(line.trim());
    if (whole !== null) return stringsIn(whole);
    const value = LINE.exec(line.trim())?.groups?.['value'];
    return value === undefined ? [] : [value];
  });
}

function parseJson(text: string): unknown {
  if (!text.startsWith('{') && !text.startsWith('[')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
