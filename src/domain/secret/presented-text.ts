import { usageError } from '../errors.js';
import { isClientIdShape, isSecretShape } from './secret-format.js';

/** A secret as it was presented, and the client id that stood beside it; null where none did. */
export interface PresentedText {
  readonly secret: string;
  readonly clientId: string | null;
}

/** A line of a secret's formats: `VALUE`, `NAME=VALUE`, `export NAME='VALUE'`, `NAME: VALUE`, `"NAME": "VALUE",`. */
const LINE =
  /^(?:(?:export\s+)?(["']?)(?<name>[\w.-]+)\1\s*[=:]\s*)?(?:Bearer\s+)?(["']?)(?<value>[\w-]+)\3[,;]?$/i;

/** Names of client ids in all formats. */
const CLIENT_ID_NAME = /client_id$/i;

/** A value in a text, and the name that it has there; empty for none. */
interface Named {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads a secret from a text: the text as it stands, without one final line ending, where that has the shape of a
 * secret; otherwise what has it in the forms that `create` writes (`text`, `env`, `dotenv`, `json`, `k8s-secret`) or
 * after `Bearer` (RFC 6750 §2.1), whatever white space, byte-order mark or UTF-16 is around it. A text without a
 * secret is returned as it stands, to be judged as malformed.
 *
 * @throws CredctlError `usage` for an empty text, and for one with several different secrets or client ids
 */
export function readPresentedText(input: string): PresentedText {
  const asItStands = input.replace(/\r?\n$/, '');
  if (isSecretShape(asItStands)) return { secret: asItStands, clientId: null };
  const text = withoutWideness(input).trim();
  if (text === '')
    throw usageError('no secret was given', 'pass one on standard input: credctl verify < FILE');
  const named = valuesIn(text);
  const secrets = distinct([...named.map(({ value }) => value), ...text.split(/\s+/)].filter(isSecretShape));
  requireOne(secrets, 'secrets');
  const secret = named.find(({ value }) => isSecretShape(value))?.value;
  if (secret === undefined) return { secret: asItStands, clientId: null };
  // Whatever its shape: a client id that was cut off is not the right one.
  const isClientId = ({ name, value }: Named): boolean => CLIENT_ID_NAME.test(name) || isClientIdShape(value);
  const clientIds = distinct(named.filter(isClientId).map(({ value }) => value));
  requireOne(clientIds, 'client ids');
  return { secret, clientId: clientIds[0] ?? null };
}

function requireOne(values: readonly string[], what: string): void {
  if (values.length <= 1) return;
  throw usageError(
    `${values.length} different ${what} were given`,
    'verify checks one secret at a time: pass only that one',
  );
}

/** ASCII that was encoded as UTF-16 without a byte-order mark has a NUL beside each character. */
function withoutWideness(text: string): string {
  const plain = text.replace(/^\ufeff/, '');
  return /^(?:[^\0]\0)+$|^(?:\0[^\0])+$/.test(plain) ? plain.replaceAll('\0', '') : plain;
}

function valuesIn(text: string): readonly Named[] {
  const document = parseJson(text);
  if (document !== null) return stringsIn('', document);
  return text.split(/[\r\n]+/).flatMap((line) => {
    const whole = parseJson(line.trim());
    if (whole !== null) return stringsIn('', whole);
    const { name = '', value } = LINE.exec(line.trim())?.groups ?? {};
    return value === undefined ? [] : [{ name, value }];
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

function stringsIn(name: string, value: unknown): readonly Named[] {
  if (typeof value === 'string') return [{ name, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => stringsIn(key, each));
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
