import { type Credential, rotationDueAt, storedScopesOf } from '../../domain/credential/credential.js';
import type { Duration } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import type { CredentialPatch, StoreReader } from '../../domain/ports/store-port.js';
import type { Catalog } from '../../domain/scope/catalog.js';
import { scopesToStore } from '../../domain/scope/present-scopes.js';
import { normaliseScopes, requireFewScopes, satisfies } from '../../domain/scope/scope.js';
import { scopesToHold } from '../../domain/scope/scopes-to-hold.js';
import type { JsonValue } from '../../domain/text/canonical-json.js';
import { quote, shellCommand, shellWord } from '../../domain/text/quote.js';
import { resolveOwner } from './resolve-owner.js';

/** Properties to change; an absent property keeps its value. */
export interface EditInput {
  readonly reference: string;
  readonly name?: string;
  readonly scopes?:
    | { readonly replace: readonly string[] }
    | { readonly add: readonly string[]; readonly remove: readonly string[] };
  /** Null removes the owner. */
  readonly owner?: string | null;
  readonly description?: string | null;
  readonly labels?: { readonly set: ReadonlyMap<string, string>; readonly remove: readonly string[] };
  /** Epoch milliseconds; null for none. */
  readonly expiresAt?: number | null;
  /** Whether `expiresAt` was computed relative to the present time. */
  readonly expiryIsCounted?: boolean;
  readonly rotateEvery?: Duration | null;
  /** Optimistic locking: refuse when the credential's revision is not this one. */
  readonly ifRevision?: number;
}

/** An edit that was not made yet: the columns to write, and what its audit event records. */
export interface EditPlan {
  readonly patch: CredentialPatch;
  readonly details: { readonly [key: string]: JsonValue };
  readonly notes: readonly string[];
}

/**
 * What an edit would write, and note.
 *
 * @throws CredctlError `usage` for values that the catalog does not know
 */
export async function planEdit(store: StoreReader, before: Credential, input: EditInput): Promise<EditPlan> {
  const patch: { -readonly [K in keyof CredentialPatch]: CredentialPatch[K] } = {};
  const details: { [key: string]: JsonValue } = {};
  const notes: string[] = [];
  const note = (field: string, from: JsonValue, to: JsonValue): void => {
    details[field] = { from, to };
  };
  if (input.name !== undefined && input.name !== before.name) {
    patch.name = input.name;
    note('name', before.name, input.name);
  }
  if (input.scopes !== undefined) {
    const catalog = await store.catalog();
    const wanted = wantedScopes(catalog, before, input.scopes);
    notes.push(...wanted.notes);
    const isReplaced = 'replace' in input.scopes;
    const stored = storedScopesOf(before);
    const scopes = isReplaced ? wanted.scopes : scopesToStore(catalog, wanted.scopes, stored);
    if (scopes.join(' ') !== stored.join(' ')) {
      // A credential that already exceeds the limit may still drop scopes.
      if (scopes.length > before.scopes.length) requireFewScopes(scopes);
      patch.scopes = scopes;
      // Marks a replacement of the whole list, so that the event does not read as a difference to the former
      // scopes.
      details['scopes'] = { from: stored, to: scopes, ...(isReplaced ? { replaced: true } : {}) };
    }
  }
  if (input.owner !== undefined) {
    const owner = await resolveOwner(store, input.owner);
    notes.push(...(owner?.notes ?? []));
    if ((owner?.id ?? null) !== (before.owner?.id ?? null)) {
      patch.ownerId = owner?.id ?? null;
      note('owner', before.owner?.name ?? null, owner?.name ?? null);
    }
  }
  if (input.description !== undefined && input.description !== before.description) {
    patch.description = input.description;
    note('description', before.description, input.description);
  }
  if (input.labels !== undefined) {
    const labels = editedLabels(before, input.labels);
    if (!sameLabels(labels, before.labels)) {
      patch.labels = labels;
      note('labels', Object.fromEntries(before.labels), Object.fromEntries(labels));
    }
  }
  if (input.expiresAt !== undefined && input.expiresAt !== before.expiresAt) {
    patch.expiresAt = input.expiresAt;
    note('expires_at', before.expiresAt, input.expiresAt);
  }
  if (input.rotateEvery !== undefined && input.rotateEvery?.text !== before.rotateEvery?.text) {
    patch.rotateEvery = input.rotateEvery;
    patch.rotationDueAt = rotationDueAt(input.rotateEvery, before.versions);
    note('rotate_every', before.rotateEvery?.text ?? null, input.rotateEvery?.text ?? null);
  }
  return { patch, details, notes };
}

function wantedScopes(
  catalog: Catalog,
  before: Credential,
  change: NonNullable<EditInput['scopes']>,
): { scopes: readonly string[]; notes: readonly string[] } {
  if ('replace' in change) return normaliseScopes(catalog, before.type, change.replace);
  const removed = change.remove.flatMap((scope) => normaliseScopes(catalog, before.type, [scope]).scopes);
  const missing = removed.find((scope) => !before.scopes.includes(scope));
  if (missing !== undefined) {
    const whole = before.scopes.find((scope) => satisfies(catalog, [scope], missing));
    if (whole !== undefined) {
      throw usageError(
        `${before.name} has ${quote(missing)} only as part of ${quote(whole)}`,
        'replace all scopes with --scope: list those that should remain',
      );
    }
    throw usageError(
      `${before.name} does not have the scope ${quote(missing)}`,
      `its scopes: ${before.scopes.join(', ')}; --scope replaces them all`,
    );
  }
  const kept = before.scopes.filter((scope) => !removed.includes(scope));
  const wanted = [...kept, ...change.add];
  if (wanted.length === 0 && !before.canary) {
    throw usageError(
      `${before.name} must keep at least one scope`,
      `to stop it, use ${shellCommand(`credctl deactivate ${shellWord(before.name)}`)}`,
    );
  }
  return scopesToHold(catalog, before, wanted);
}

function editedLabels(
  before: Credential,
  change: NonNullable<EditInput['labels']>,
): ReadonlyMap<string, string> {
  const labels = new Map(before.labels);
  for (const key of change.remove) {
    if (change.set.has(key))
      throw usageError(`the label ${quote(key)} is both set and removed`, 'do one of them');
    if (!labels.delete(key)) {
      throw usageError(
        `${before.name} has no label ${quote(key)}`,
        `see ${shellCommand(`credctl show ${shellWord(before.name)}`)}`,
      );
    }
  }
  for (const [key, value] of change.set) labels.set(key, value);
  return labels;
}

function sameLabels(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}
