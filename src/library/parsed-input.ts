import { parseDuration } from '../domain/duration.js';
import { usageError } from '../domain/errors.js';
import { parseDescription, parseLabel, parseName } from '../domain/text/name.js';
import { systemClock } from '../system/clock.js';
import type { EditInput } from '../usecases/credential/edit.js';

/** Changes of a credential; absent properties keep their values. */
export interface EditChanges {
  readonly name?: string;
  /** The complete list of scopes; replaces the present one. */
  readonly scopes?: readonly string[];
  /** Null removes the owner. */
  readonly owner?: string | null;
  readonly description?: string | null;
  /** Labels to set; null removes one. */
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly expiresAt?: Date | null;
  readonly rotateEvery?: string | null;
  /** Optimistic locking: reject with `conflict` when the credential's revision is not this one. */
  readonly ifRevision?: number;
}

/**
 * Parses changes.
 *
 * @throws CredctlError `usage` for a text that breaks the rules of its property
 */
export function parsedChanges(changes: EditChanges): Omit<EditInput, 'reference'> {
  const { name, scopes, owner, description, labels, expiresAt, rotateEvery, ifRevision } = changes;
  return {
    ...(name === undefined ? {} : { name: parseName('credential', name) }),
    ...(scopes === undefined ? {} : { scopes: { replace: scopes } }),
    ...(owner === undefined ? {} : { owner }),
    ...(description === undefined ? {} : { description: descriptionOf(description) }),
    ...(labels === undefined ? {} : { labels: labelChanges(labels) }),
    ...(expiresAt === undefined ? {} : { expiresAt: instantOf(expiresAt), expiryIsCounted: true }),
    ...(rotateEvery === undefined
      ? {}
      : { rotateEvery: rotateEvery === null ? null : parseDuration(rotateEvery) }),
    ...(ifRevision === undefined ? {} : { ifRevision }),
  };
}

function labelChanges(labels: NonNullable<EditChanges['labels']>): {
  readonly set: ReadonlyMap<string, string>;
  readonly remove: readonly string[];
} {
  const entries = Object.entries(labels);
  return {
    set: new Map(entries.flatMap(([key, value]) => (value === null ? [] : [labelOf([key, value])]))),
    remove: entries.flatMap(([key, value]) => (value === null ? [key] : [])),
  };
}

/**
 * Parses a label.
 *
 * @throws CredctlError `usage`
 */
export function labelOf([key, value]: readonly [string, string]): readonly [string, string] {
  const label = parseLabel(`${key}=${value}`);
  if (label.key !== key) throw usageError("a label's key has a '=' in it", 'choose another key');
  return [label.key, label.value];
}

/**
 * Parses a description; an empty one, or one of white space alone, is null.
 *
 * @throws CredctlError `usage`
 */
export function descriptionOf(text: string | null): string | null {
  return text === null ? null : parseDescription(text) || null;
}

/**
 * A future time in epoch milliseconds.
 *
 * @throws CredctlError `usage` for any other
 */
export function instantOf(date: Date | null): number | null {
  if (date === null) return null;
  const time = date.getTime();
  if (Number.isSafeInteger(time) && time > systemClock.now()) return time;
  throw usageError('the time of expiry is not in the future', 'give a later time');
}
