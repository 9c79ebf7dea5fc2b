import { parseDuration } from '../domain/duration.js';
import { usageError } from '../domain/errors.js';
import { parseDescription, parseLabel, parseName } from '../domain/text/name.js';
import { systemClock } from '../system/clock.js';
import type { EditInput } from '../usecases/credential/edit.js';

/** Changes of a credential; what is left out stays as it is. */
export interface EditChanges {
  readonly name?: string;
  /** All of the scopes it shall have. */
  readonly scopes?: readonly string[];
  /** Null takes the owner away. */
  readonly owner?: string | null;
  readonly description?: string | null;
  /** Labels to set; null removes one. */
  readonly labels?: Readonly<Record<string, string | null>>;
  readonly expiresAt?: Date | null;
  readonly rotateEvery?: string | null;
  /** Refuse (`conflict`) when somebody else has edited the credential since this revision. */
  readonly ifRevision?: number;
}

/** Changes as they were given. @throws CredctlError `usage` for a text that breaks the rules of its property */
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

/** A label as it was given. @throws CredctlError `usage` */
export function labelOf([key, value]: readonly [string, string]): readonly [string, string] {
  const label = parseLabel(`${key}=${value}`);
  if (label.key !== key) throw usageError("a label's key has a '=' in it", 'choose another key');
  return [label.key, label.value];
}

/** A description as it was given; an empty one is none. @throws CredctlError `usage` */
export function descriptionOf(text: string | null): string | null {
  return text === null || text === '' ? null : parseDescription(text);
}

/** A time in the future, in epoch milliseconds. @throws CredctlError `usage` for any other */
export function instantOf(date: Date | null): number | null {
  if (date === null) return null;
  const time = date.getTime();
  if (Number.isSafeInteger(time) && time > systemClock.now()) return time;
  throw usageError('the time of expiry is not in the future', 'give a later one');
}
