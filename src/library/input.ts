import * as z from 'zod/mini';
import { CREDENTIAL_STATUSES } from '../domain/credential/credential.js';
import { usageError } from '../domain/errors.js';
import { CREDENTIAL_SORTS } from '../domain/ports/store-port.js';
import { CREDENTIAL_TYPES, RESOURCE_LEVELS } from '../domain/scope/catalog.js';
import { BCRYPT_COSTS } from '../domain/secret/bcrypt-cost.js';
import { quote } from '../domain/text/quote.js';
import { describeIssue } from '../domain/text/shape-issue.js';

/** Runtime shape of an argument, as callers may not be type-checked. */
export type Shape = z.ZodMiniType;

const TEXT = z.string();
const TEXTS = z.array(TEXT);
const CALLABLE = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function', {
  error: 'is missing, or is not a function',
});

/** The name, id, client id or a handle of a credential, or the location of a store. */
export const REFERENCE: Shape = TEXT;

/** Shape of an `Author`. */
export const AUTHOR: Shape = z.strictObject({ actor: TEXT, reason: z.optional(TEXT) });

/** Shape of `AdministratorOptions`. */
export const ADMINISTER: Shape = z.strictObject({
  trustClock: z.optional(z.boolean()),
  onClockDoubt: z.optional(CALLABLE),
});

/** Shape of a `Destination`, of any class. */
export const DESTINATION: Shape = z.looseObject({
  preflight: CALLABLE,
  deliver: CALLABLE,
  undo: CALLABLE,
  leaseMs: z.optional(z.int().check(z.minimum(0))),
});

/** Shape of the callback of `handTo`. */
export const RECEIVER: Shape = CALLABLE;

/** Shape of a `CreateInput`. */
export const CREATE: Shape = z.strictObject({
  name: TEXT,
  type: z.enum(CREDENTIAL_TYPES),
  scopes: TEXTS,
  owner: z.optional(TEXT),
  description: z.optional(TEXT),
  labels: z.optional(z.record(TEXT, TEXT)),
  expiresAt: z.optional(z.date()),
  rotateEvery: z.optional(TEXT),
  canary: z.optional(z.boolean()),
});

/** Shape of `EditChanges`. */
export const EDIT: Shape = z.strictObject({
  name: z.optional(TEXT),
  scopes: z.optional(TEXTS),
  owner: z.nullish(TEXT),
  description: z.nullish(TEXT),
  labels: z.optional(z.record(TEXT, z.nullable(TEXT))),
  expiresAt: z.nullish(z.date()),
  rotateEvery: z.nullish(TEXT),
  ifRevision: z.optional(z.int()),
});

/** Shape of `ChangeConditions`. */
export const CONDITIONS: Shape = z.strictObject({ ifRevision: z.optional(z.int()) });

const STOP = { ifRevision: z.optional(z.int()), unlessUsedWithin: z.optional(TEXT) };

/** Shape of `StopConditions`. */
export const STOP_CONDITIONS: Shape = z.strictObject(STOP);

/** Shape of `RotateOptions`. */
export const ROTATE: Shape = z.strictObject({
  ...STOP,
  grace: z.optional(TEXT),
  now: z.optional(z.boolean()),
  takeOver: z.optional(z.boolean()),
  ifOlderThan: z.optional(TEXT),
});

/** Shape of the options of `finishRotation`. */
export const FORCE: Shape = z.strictObject({ force: z.optional(z.boolean()) });

/** Shape of the options of `resumeRotation`. */
export const TAKE_OVER: Shape = z.strictObject({ takeOver: z.optional(z.boolean()) });

/** Shape of the options of `abortRotation`. */
export const ABORT: Shape = z.strictObject({
  force: z.optional(z.boolean()),
  takeOver: z.optional(z.boolean()),
});

/** Maximum number of credentials per page, as each page is held in memory. */
const LARGEST_PAGE = 1_000;

/** Shape of the query of `list`. */
export const LIST: Shape = z.looseObject({
  type: z.optional(z.enum(CREDENTIAL_TYPES)),
  status: z.optional(z.enum(CREDENTIAL_STATUSES)),
  api: z.optional(TEXT),
  scope: z.optional(TEXT),
  can: z.optional(TEXT),
  ownerId: z.optional(TEXT),
  label: z.optional(z.strictObject({ key: TEXT, value: TEXT })),
  dueBy: z.optional(z.number()),
  unusedSince: z.optional(z.number()),
  expiresFrom: z.optional(z.number()),
  expiresBy: z.optional(z.number()),
  usedAfter: z.optional(z.number()),
  search: z.optional(TEXT),
  sort: z.optional(z.enum(CREDENTIAL_SORTS)),
  limit: z.optional(z.int().check(z.minimum(1), z.maximum(LARGEST_PAGE))),
  cursor: z.optional(TEXT),
});

const CATALOG = z.strictObject({
  name: TEXT,
  apis: z.array(
    z.strictObject({
      id: TEXT,
      aliases: z.optional(TEXTS),
      title: TEXT,
      types: z.array(z.enum(CREDENTIAL_TYPES)),
      resource: z.enum(['none', ...RESOURCE_LEVELS]),
      accessTokenTtl: z.number(),
      permissions: z.array(z.strictObject({ id: TEXT, title: TEXT, description: z.nullable(TEXT) })),
    }),
  ),
  resources: z.array(
    z.strictObject({ id: TEXT, accounts: z.array(z.strictObject({ id: TEXT, workspaces: TEXTS })) }),
  ),
});

const COST = z.int().check(z.minimum(BCRYPT_COSTS.least), z.maximum(BCRYPT_COSTS.most));
const HASH = z.strictObject({ scheme: z.enum(['bcrypt', 'sha256']), cost: z.optional(COST) }).check(
  z.refine(({ scheme, cost }) => (scheme === 'bcrypt') === (cost !== undefined), {
    error: 'needs a cost with bcrypt, and has none with sha256',
  }),
);

/** Shape of `OpenStoreOptions`. */
export const OPEN: Shape = z.strictObject({
  create: z.optional(
    z.strictObject({
      catalog: z.optional(z.union([TEXT, CATALOG])),
      hash: z.optional(HASH),
      prefix: z.optional(TEXT),
    }),
  ),
  actor: z.optional(TEXT),
});

/** Shape of `VerifierOptions`. */
export const VERIFIER: Shape = z.strictObject({
  onFault: z.optional(CALLABLE),
  onCanary: z.optional(CALLABLE),
  connections: z.optional(z.int().check(z.minimum(2), z.maximum(1_000))),
});

/** Shape of anything with a `verify` method. */
export const VERIFYING: Shape = z.looseObject({ verify: CALLABLE });

const GUARDED = { scopes: z.optional(TEXTS), onRefused: z.optional(CALLABLE) };

/** Shape of `GuardOptions`. */
export const GUARD: Shape = z.strictObject(GUARDED);

/** Shape of `FetchGuardOptions`. */
export const FETCH_GUARD: Shape = z.strictObject({
  ...GUARDED,
  trustProxy: z.optional(TEXTS),
});

/** Shape of a `Request` of the Fetch standard. */
export const FETCH_REQUEST: Shape = z.looseObject({ headers: z.looseObject({ get: CALLABLE }) });

/** Shape of the address of a connection's peer. */
export const ADDRESS: Shape = z.optional(TEXT);

/** Shape of `VerifyOptions`. */
export const VERIFY: Shape = z.strictObject({
  scopes: z.optional(TEXTS),
  clientId: z.optional(TEXT),
  address: z.optional(TEXT),
});

/**
 * Validates an argument.
 *
 * @param name the argument's name in the declaration
 * @throws CredctlError `usage` that names the place
 */
export function requireShape(shape: Shape, value: unknown, name: string): void {
  const { error } = shape.safeParse(value);
  if (error === undefined) return;
  const issue = deepest(error.issues[0]);
  const problem = describeIssue(issue && { ...issue, path: [name, ...issue.path] }, quote(name));
  throw usageError(problem, 'see the type declarations for the values');
}

/** For a union, the issue of the closest alternative: the one with the deepest path. */
function deepest(issue: z.core.$ZodIssue | undefined): z.core.$ZodIssue | undefined {
  if (issue?.code !== 'invalid_union') return issue;
  const [nested] = issue.errors.flat().sort((a, b) => b.path.length - a.path.length);
  return nested === undefined ? issue : { ...nested, path: [...issue.path, ...nested.path] };
}
