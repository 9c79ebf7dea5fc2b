import { usageError } from '../../../domain/errors.js';
import type { Catalog } from '../../../domain/scope/catalog.js';
import { describeIssue } from '../../../domain/text/shape-issue.js';
import { isUndecodable, undecodable } from '../../../domain/text/utf8.js';

/**
 * Parses a catalog document in YAML (a superset of JSON).
 *
 * @throws CredctlError `usage`, naming the place, for anything that is not such a document
 */
export async function parseCatalogFile(text: string, source: string): Promise<Catalog> {
  const line = text.split('\n').findIndex(isUndecodable);
  if (line !== -1) throw undecodable(`${source} (line ${line + 1})`);
  const [{ parseDocument }, shape] = await Promise.all([import('yaml'), catalogShape()]);
  const document = parseDocument(text, { uniqueKeys: true, merge: false });
  const [fault] = document.errors;
  if (fault !== undefined) {
    const line = fault.linePos?.[0].line;
    throw usageError(
      `${source} is not valid YAML${line === undefined ? '' : ` (line ${line})`}`,
      "see 'credctl catalog show' for the form of a catalog",
    );
  }
  const result = shape.safeParse(toPlain(document, source));
  if (!result.success) {
    const problem = describeIssue(result.error.issues[0], 'the document');
    throw usageError(
      `${source} is not a catalog: ${problem}`,
      "see 'credctl catalog show' for the form of a catalog",
    );
  }
  return result.data;
}

function toPlain(document: { toJS(options: { maxAliasCount: number }): unknown }, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw usageError(`${source} repeats itself too much to be a catalog`, 'write it without aliases');
  }
}

async function catalogShape() {
  const { z } = await import('zod');
  const text = z.string().min(1).max(1_024);
  const permission = z.preprocess(
    joinSplitText,
    z
      .strictObject({ id: text, title: text, description: text.nullish() })
      .transform(({ description, ...rest }) => ({ ...rest, description: description ?? null })),
  );
  const api = z
    .strictObject({
      id: text,
      aliases: z.array(text).optional(),
      title: text,
      types: z.array(z.enum(['oauth2', 'api-key'])),
      resource: z.enum(['none', 'org', 'account', 'workspace']),
      access_token_ttl: z.int(),
      permissions: z.array(permission),
    })
    .transform(({ access_token_ttl: accessTokenTtl, aliases, ...rest }) => ({
      ...rest,
      ...(aliases === undefined ? {} : { aliases }),
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
