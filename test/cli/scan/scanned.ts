import { execa } from 'execa';
import { z } from 'zod';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';
import type { Session } from '../../support/program/run.js';

const place = z.strictObject({
  path: z.string(),
  line: z.int().min(1).nullable(),
  column: z.int().min(1).nullable(),
  encoding: z.enum(['text', 'utf-16', 'base64', 'percent']),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/)
    .nullable(),
  at_head: z.boolean().nullable(),
});

/** The document of `credctl scan --json`. */
export const scanDocument = z.strictObject({
  schema_version: z.literal(1),
  findings: z.array(
    z.strictObject({
      state: z.enum(['live', 'unchecked', 'dead', 'forged', 'foreign']),
      kind: z.enum(['api-key', 'client-secret', 'access-token']),
      handle: z.string().regex(/^[a-z][a-z0-9]{1,11}_(?:key|sec|tok)_[0-9A-Za-z]{12}$/),
      reason: z
        .enum(['version_retired', 'inactive', 'owner_inactive', 'expired', 'canary', 'deleted'])
        .nullable(),
      credential: z
        .union([
          z.strictObject({
            id: z.string(),
            name: z.string(),
            type: z.enum(['oauth2', 'api-key']),
            client_id: z.string().nullable(),
            owner: z.string().nullable(),
          }),
          z.strictObject({ id: z.string(), name: z.string().nullable(), deleted_at: z.string() }),
        ])
        .nullable(),
      version: z.int().nullable(),
      version_state: z.enum(['pending', 'current', 'retiring', 'retired', 'revoked', 'lapsed']).nullable(),
      last_used_at: z.string().nullable(),
      last_used_from: z.string().nullable(),
      places: z.array(place).min(1),
    }),
  ),
  unreadable: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  passed_over: z.array(z.strictObject({ path: z.string(), what: z.string() })),
  notes: z.array(z.string()),
  revoked: z.array(
    z.strictObject({
      handle: z.string(),
      name: z.string(),
      ok: z.boolean(),
      action: z.enum(['deactivated', 'rotated', 'token_revoked', 'none', 'left']),
      error: z.object({ code: z.string() }).optional(),
    }),
  ),
  scanned: z.strictObject({ items: z.int(), bytes: z.int() }),
});

/** A well-formed secret of no store, of its own for each number. */
export function strangerSecret(number: number, prefix = 'cctl'): string {
  const id = number.toString(36).padStart(12, '0');
  return composeSecret(prefix, 'key', id, 'a'.repeat(43));
}

/** Runs a scan, and takes its document apart. */
export async function scanned(session: Session, args: readonly string[], stdin?: string | Uint8Array) {
  const options = stdin === undefined ? {} : { stdin };
  const { exitCode, stdout, stderr } = await session.run(['scan', ...args, '--json'], options);
  if (stdout === '') throw new Error(`exit ${exitCode}: ${stderr}`);
  const document = scanDocument.parse(JSON.parse(stdout));
  return { exitCode, stdout, stderr, ...document, places: document.findings.flatMap(({ places }) => places) };
}

/** `path:line:column` of places. */
export function positions(places: readonly z.infer<typeof place>[]): readonly string[] {
  return places.map(({ path, line, column }) => `${path}:${line}:${column}`);
}

/** git in a directory, as an author that nothing is configured of. */
export function gitIn(directory: string, env: Readonly<Record<string, string>>) {
  return async (...args: readonly string[]): Promise<string> => {
    const identity = {
      ...{ GIT_AUTHOR_NAME: 'ada', GIT_AUTHOR_EMAIL: 'ada@example.com' },
      ...{ GIT_COMMITTER_NAME: 'ada', GIT_COMMITTER_EMAIL: 'ada@example.com' },
    };
    const options = { cwd: directory, env: { ...env, ...identity }, extendEnv: false };
    return (await execa('git', ['-c', 'protocol.file.allow=always', ...args], options)).stdout;
  };
}
