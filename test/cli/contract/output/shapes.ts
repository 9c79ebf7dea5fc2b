import { z } from 'zod';

/** Every JSON document of the public interface: these keys, all of them, and no others. */

export const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const HASH = /^[0-9a-f]{64}$/;

const time = z.string().regex(TIME);
const name = z.string().min(1);
const versioned = { schema_version: z.literal(1) };

export const API_KEY = /^[a-z][a-z0-9]{1,11}_key_[0-9A-Za-z]{61}$/;
export const CLIENT_SECRET = /^[a-z][a-z0-9]{1,11}_sec_[0-9A-Za-z]{61}$/;
export const CLIENT_ID = /^[a-z][a-z0-9]{1,11}_id_[0-9A-Za-z]{16}$/;

export const credentialVersion = z.strictObject({
  version: z.int().min(1),
  state: z.enum(['pending', 'current', 'retiring', 'retired', 'revoked', 'lapsed']),
  handle: z.string().regex(/^[a-z][a-z0-9]{1,11}_(key|sec)_[0-9A-Za-z]{12}$/),
  created_at: time,
  delivered_at: time.nullable(),
  lapses_at: time.nullable(),
  retires_at: time.nullable(),
  revoked_at: time.nullable(),
  received_at: time.nullable(),
  first_used_at: time.nullable(),
  last_used_at: time.nullable(),
  last_used_from: z.string().nullable(),
});

const properties = z.strictObject({
  id: z.string().regex(UUID_V7),
  name,
  type: z.enum(['oauth2', 'api-key']),
  status: z.enum(['active', 'inactive', 'owner_inactive', 'expired', 'canary']),
  client_id: z.string().regex(CLIENT_ID).nullable(),
  scopes: z.array(z.string()),
  owner: z.string().nullable(),
  owner_status: z.enum(['active', 'inactive']).nullable(),
  description: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
  created_at: time,
  created_by: z.string().regex(/^.+@.+$/),
  updated_at: time,
  revision: z.int().min(1),
  expires_at: time.nullable(),
  rotate_every: z.string().nullable(),
  rotation_due_at: time.nullable(),
  last_used_at: time.nullable(),
  last_used_from: z.string().nullable(),
  versions: z.array(credentialVersion).min(1).max(10),
  canary: z.boolean(),
});

export const credential = properties.refine(({ canary, scopes }) => canary || scopes.length > 0);

export const owner = z.strictObject({
  name,
  kind: z.enum(['service', 'user']),
  status: z.enum(['active', 'inactive']),
  credentials: z.int().min(0),
  created_at: time,
});

export const error = z.strictObject({
  code: z.enum([
    'unexpected',
    'usage',
    'not_found',
    'denied',
    'conflict',
    'undelivered',
    'partial',
    'store_unavailable',
    'integrity',
    'interrupted',
  ]),
  message: z.string().regex(/^[^\n]+$/),
  hint: z
    .string()
    .regex(/^[^\n]+$/)
    .nullable(),
  problems: z.array(z.string().min(1)).min(2).optional(),
});

export const secret = z.union([
  z.strictObject({ api_key: z.string().regex(API_KEY) }),
  z.strictObject({ client_id: z.string().regex(CLIENT_ID), client_secret: z.string().regex(CLIENT_SECRET) }),
]);

const issued = {
  ...versioned,
  credential,
  version: z.int().min(1),
  secret: secret.nullable(),
  delivered_to: z.array(z.enum(['stdout', 'keychain', 'file', 'command'])),
};

export const errorDocument = z.strictObject({ ...versioned, error });
export const createDocument = z.strictObject({ ...issued, created: z.boolean() });
export const rotateDocument = z.strictObject({ ...issued, rotated: z.boolean() });
export const credentialDocument = z.strictObject({ ...versioned, credential });
export const listDocument = z.strictObject({
  ...versioned,
  credentials: z.array(credential),
  next_cursor: z.string().nullable(),
});

export const resultsDocument = z.strictObject({
  ...versioned,
  results: z.array(
    z.union([
      z.strictObject({ name, id: z.string().regex(UUID_V7), ok: z.literal(true) }),
      z.strictObject({ name, ok: z.literal(false), error }),
    ]),
  ),
});

export const validDocument = z.strictObject({
  ...versioned,
  valid: z.literal(true),
  credential,
  version: z.int().min(1),
});
const deletedSecret = z.strictObject({
  ...versioned,
  valid: z.literal(false),
  reason: z.literal('deleted'),
  credential: z.strictObject({
    id: z.string().regex(UUID_V7),
    name: z.string().nullable(),
    deleted_at: time,
  }),
});
const refusedSecret = z.strictObject({
  ...versioned,
  valid: z.literal(false),
  reason: z.enum([
    'malformed',
    'unknown',
    'wrong_secret',
    'version_retired',
    'inactive',
    'owner_inactive',
    'expired',
    'canary',
    'insufficient_scope',
  ]),
});
export const invalidDocument = z.union([refusedSecret, deletedSecret]);

export const ownerDocument = z.strictObject({ ...versioned, owner });
export const ownersDocument = z.strictObject({ ...versioned, owners: z.array(owner) });

const account = z.strictObject({ id: z.string(), workspaces: z.array(z.string()) });
export const catalog = z.strictObject({
  name,
  apis: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      types: z.array(z.enum(['oauth2', 'api-key'])),
      resource: z.enum(['none', 'org', 'account', 'workspace']),
      access_token_ttl: z.int(),
      permissions: z.array(
        z.strictObject({ id: z.string(), title: z.string(), description: z.string().nullable() }),
      ),
    }),
  ),
  resources: z.array(z.strictObject({ id: z.string(), accounts: z.array(account) })),
});
export const catalogDocument = z.strictObject({ ...versioned, catalog });

export const auditEvent = z.strictObject({
  seq: z.int().min(1),
  at: time,
  actor: z.string(),
  action: z.string().regex(/^[a-z]+(\.[a-z]+)+$/),
  target: z.strictObject({
    kind: z.enum(['credential', 'owner', 'catalog', 'store']),
    id: z.string().nullable(),
    name: z.string().nullable(),
  }),
  reason: z.string().nullable(),
  details: z.record(z.string(), z.json()),
  alg: z.literal('sha256'),
  login: z.string().nullable(),
  hash: z.string().regex(HASH),
});
/** What was hashed: a member that an event lacks is not there. */
export const exportedEvent = z.strictObject({ ...auditEvent.shape, login: z.string().optional() });
export const auditDocument = z.strictObject({
  ...versioned,
  events: z.array(auditEvent),
  next_cursor: z.string().nullable(),
});
export const auditValidDocument = z.strictObject({
  ...versioned,
  valid: z.literal(true),
  events: z.int(),
  head: z.string().regex(HASH),
});
export const auditInvalidDocument = z.strictObject({
  ...versioned,
  valid: z.literal(false),
  first_bad: z.int().min(1),
});

export const storeDocument = z.strictObject({
  ...versioned,
  store: z.strictObject({
    engine: z.enum(['sqlite', 'postgres']),
    location: z.string(),
    id: z.string().regex(UUID_V7),
    schema: z.int(),
    prefix: z.string(),
    hash: z.enum(['bcrypt', 'sha256']),
    bcrypt_cost: z.int().nullable(),
    credentials: z.int(),
    owners: z.int(),
    size_bytes: z.int(),
  }),
});
export const checkDocument = z.strictObject({
  ...versioned,
  ok: z.boolean(),
  findings: z.array(
    z.strictObject({
      check: z.string(),
      severity: z.enum(['error', 'warning', 'note']),
      message: z.string(),
      fix: z.string(),
    }),
  ),
});
