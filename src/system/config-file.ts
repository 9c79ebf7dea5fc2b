import { readFileSync, statSync } from 'node:fs';
import { parseDuration } from '../domain/duration.js';
import { CredctlError, usageError } from '../domain/errors.js';
import { didYouMean, nearest } from '../domain/nearest.js';
import type { Config } from '../domain/ports.js';
import { quote } from '../domain/quote.js';
import { hasPassword } from '../domain/url-password.js';
import { faultCode } from './fault-code.js';

/**
 * Reads the configuration file; a file that does not exist says nothing.
 *
 * @throws CredctlError `usage` for a file that cannot be understood, naming the key; `denied` for one that holds the
 *   password of a database and that others can read
 */
export async function readConfig(path: string): Promise<Config> {
  const text = readText(path);
  if (text === null) return {};
  const [{ parse, TomlError }, { z }] = await Promise.all([import('smol-toml'), import('zod')]);
  const shape = z.strictObject({
    store: z.string().min(1).optional(),
    keychain_timeout: z.string().refine(isDuration).optional(),
    prefix: z.string().optional(),
    hash: z.enum(['bcrypt', 'sha256']).optional(),
    bcrypt_cost: z.int().min(4).max(16).optional(),
    catalog: z.string().optional(),
  });
  let document: unknown;
  try {
    document = parse(text);
  } catch (fault) {
    const line = fault instanceof TomlError ? ` (line ${fault.line})` : '';
    throw usageError(
      `the configuration file ${quote(path)} is not valid TOML${line}`,
      'correct it, or move it away',
    );
  }
  const result = shape.safeParse(document);
  if (result.success) {
    if (hasPassword(result.data.store ?? '')) refuseReadable(path);
    return result.data;
  }
  const [issue] = result.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    throw usageError(
      `the configuration file ${quote(path)} has an unknown entry: ${quote(issue.keys[0] ?? '')}`,
      didYouMean(nearest(issue.keys[0] ?? '', Object.keys(shape.shape)), Object.keys(shape.shape)),
    );
  }
  const key = issue?.path.join('.') ?? '';
  throw usageError(
    `the configuration file ${quote(path)} has a wrong value for ${quote(key)}`,
    VALUES[key] ?? 'give it a text',
  );
}

/** Windows keeps a user's files to the user, whatever the mode says. */
function refuseReadable(path: string): void {
  if (process.platform === 'win32' || (statSync(path).mode & 0o077) === 0) return;
  throw new CredctlError('denied', `others can read ${quote(path)}, which holds the password of a database`, {
    hint: `chmod 600 ${quote(path)}`,
  });
}

/** What each entry takes, where a text would not do. */
const VALUES: Readonly<Record<string, string>> = {
  hash: "give it 'bcrypt' or 'sha256', in quotes",
  bcrypt_cost: 'give it a whole number from 4 to 16, without quotes',
  keychain_timeout: "give it a duration in quotes, such as '3s'",
};

function isDuration(text: string): boolean {
  try {
    return parseDuration(text).ms > 0;
  } catch {
    return false;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    if (faultCode(fault) === 'ENOENT' || faultCode(fault) === 'ENOTDIR') return null;
    throw new CredctlError('usage', `cannot read the configuration file ${quote(path)}`, {
      hint: 'make it readable for you, or move it away',
      cause: fault,
    });
  }
}
