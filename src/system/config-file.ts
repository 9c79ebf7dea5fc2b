import { readFileSync } from 'node:fs';
import { CredctlError, usageError } from '../domain/errors.js';
import { quote } from '../domain/quote.js';
import { faultCode } from './fault-code.js';

/** What the configuration file may say; every key may be absent. */
export interface Config {
  readonly store?: string | undefined;
  readonly keychain_timeout?: string | undefined;
  readonly prefix?: string | undefined;
  readonly hash?: 'bcrypt' | 'sha256' | undefined;
  readonly bcrypt_cost?: number | undefined;
  readonly catalog?: string | undefined;
}

/**
 * Reads the configuration file; a file that does not exist says nothing.
 *
 * @throws CredctlError `usage` for a file that cannot be understood, naming the key
 */
export async function readConfig(path: string): Promise<Config> {
  const text = readText(path);
  if (text === null) return {};
  const [{ parse, TomlError }, { z }] = await Promise.all([import('smol-toml'), import('zod')]);
  const shape = z.strictObject({
    store: z.string().min(1).optional(),
    keychain_timeout: z.string().optional(),
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
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const key = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.');
  throw usageError(
    `the configuration file ${quote(path)} has a wrong entry: ${quote(key ?? '')}`,
    `known entries: ${Object.keys(shape.shape).join(', ')}`,
  );
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
