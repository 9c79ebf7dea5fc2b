import { CREDENTIAL_TYPES } from '../../../domain/scope/catalog.js';

/** Lifetime of access tokens where a catalog names none, in seconds. */
const USUAL_TTL = 3_600;

/** The shape of a catalog document; its result is a catalog, with every default filled in. */
export async function catalogShape() {
  const { z } = await import('zod');
  const text = z.string().min(1).max(1_024);
  const permission = z.preprocess(
    (value) => (typeof value === 'string' ? { id: value } : joinSplitText(value)),
    z
      .strictObject({ id: text, title: text.optional(), description: text.nullish() })
      .transform(({ id, title = id, description = null }) => ({ id, title, description })),
  );
  const api = z
    .strictObject({
      id: text,
      aliases: z.array(text).optional(),
      title: text.optional(),
      types: z.array(z.enum(['oauth2', 'api-key'])).default([...CREDENTIAL_TYPES]),
      resource: z.enum(['none', 'org', 'account', 'workspace']).default('none'),
      access_token_ttl: z.int().default(USUAL_TTL),
      permissions: z.array(permission),
    })
    .transform(({ id, title = id, access_token_ttl: accessTokenTtl, aliases, ...rest }) => ({
      id,
      title,
      ...(aliases === undefined ? {} : { aliases }),
      ...rest,
      accessTokenTtl,
    }));
  const account = z.strictObject({ id: text, workspaces: z.array(text).default([]) });
  const org = z.strictObject({ id: text, accounts: z.array(account).default([]) });
  return z.strictObject({ name: text, apis: z.array(api), resources: z.array(org).default([]) });
}

/**
 * Undoes the split of an unquoted description in a flow mapping: YAML ends a plain scalar in `{ … }` at a
 * comma, and the rest becomes a key without a value.
 */
function joinSplitText(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const joined = new Map<string, unknown>();
  for (const [key, content] of Object.entries(value)) {
    const [last, text] = [...joined].at(-1) ?? [];
    if (content === null && last === 'description' && typeof text === 'string')
      joined.set(last, `${text}, ${key}`);
    else joined.set(key, content);
  }
  return Object.fromEntries(joined);
}
