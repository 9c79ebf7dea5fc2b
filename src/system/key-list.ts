import { readFile } from 'node:fs/promises';
import { CredctlError } from '../domain/errors.js';
import { quote } from '../domain/text/quote.js';
import { errno } from '../files/errno.js';

/** Milliseconds to wait for a list. */
const ANSWER_MS = 5_000;

/** Upper bound of a list, in bytes. */
const MOST_BYTES = 1_048_576;

/** A list of public keys in a file, or at an https URL. */
export interface KeyFile {
  readonly place: string;
  readonly isFile: boolean;
  load(): Promise<string>;
}

/** The list at a place: an absolute path or an https URL. Loading it throws CredctlError `usage` where it is not there. */
export function keyList(place: string): KeyFile {
  const isFile = !place.startsWith('https://');
  return { place, isFile, load: () => (isFile ? fromFile(place) : fromUrl(place)) };
}

async function fromFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (fault) {
    throw cannotLoad(path, errno(fault) ?? 'it cannot be read', fault);
  }
}

/** A redirection would be to a place that was not configured. */
async function fromUrl(url: string): Promise<string> {
  let answer: Response;
  try {
    answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) return await bounded(answer);
  } catch (fault) {
    throw cannotLoad(url, 'there is no answer', fault);
  }
  throw cannotLoad(url, `the answer is ${answer.status}`, null);
}

async function bounded(answer: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.byteLength;
    if (size > MOST_BYTES) throw new RangeError('the list is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function cannotLoad(place: string, why: string, cause: unknown): CredctlError {
  return new CredctlError('usage', `cannot load the public keys at ${quote(place)}: ${why}`, {
    hint: 'name a file or an https URL',
    cause,
  });
}
