import type { ActiveStatus, OwnerKind, OwnerSummary } from '../../domain/credential/credential.js';
import { CredctlError } from '../../domain/errors.js';
import type { HashPolicy } from '../../domain/ports/ports.js';
import type { StoreSettings } from '../../domain/ports/store-port.js';
import { isBcryptCost } from '../../domain/secret/bcrypt-cost.js';
import { LAST_TIME, type OwnerTable, type StoreTable } from '../schema/tables.js';
import { formatPolicy, parsePolicies } from './hash-policies.js';

/** An owner with the count of its credentials. */
export interface OwnerRow extends OwnerTable {
  credentials: number;
}

/** The error for stored content that this program cannot have written. */
export function altered(what: string, cause?: unknown): CredctlError {
  return new CredctlError('integrity', `the store holds an unreadable ${what}`, {
    hint: "run 'credctl store check' to see all damage",
    cause,
  });
}

/**
 * Parses a stored JSON text.
 *
 * @throws CredctlError `integrity`
 */
export function parseStored(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw altered(what, cause);
  }
}

/**
 * Parses a stored list of texts, such as scopes.
 *
 * @throws CredctlError `integrity`
 */
export function parseTexts(text: string, what: string): readonly string[] {
  const list = parseStored(text, what);
  if (Array.isArray(list) && list.every((entry) => typeof entry === 'string')) return list;
  throw altered(what);
}

/**
 * Parses stored labels.
 *
 * @throws CredctlError `integrity`
 */
export function parseLabels(text: string): ReadonlyMap<string, string> {
  const labels = parseStored(text, 'set of labels');
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) throw altered('set of labels');
  return new Map(
    Object.entries(labels).map(([key, value]) => {
      if (typeof value !== 'string') throw altered('set of labels');
      return [key, value];
    }),
  );
}

/** Whether a stored value is a time in epoch milliseconds. */
export function isTime(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value <= LAST_TIME;
}

/**
 * A stored time in epoch milliseconds.
 *
 * @throws CredctlError `integrity`
 */
export function time(value: number): number {
  if (isTime(value)) return value;
  throw altered('time');
}

/** The same, or null. */
export function timeOrNull(value: number | null): number | null {
  return value === null ? null : time(value);
}

/**
 * Converts the row of the store's settings.
 *
 * @throws CredctlError `integrity`
 */
export function toSettings(row: StoreTable): StoreSettings {
  return {
    id: row.store_id,
    prefix: row.prefix,
    hashPolicy: toHashPolicy(row),
    earlierPolicies: earlierPolicies(row),
    createdAt: time(row.created_at),
  };
}

function earlierPolicies(row: StoreTable): readonly HashPolicy[] {
  const present = formatPolicy(toHashPolicy(row));
  return parsePolicies(row.earlier_hashes).filter((policy) => formatPolicy(policy) !== present);
}

function toHashPolicy(row: StoreTable): HashPolicy {
  // The bound prevents a planted cost that would make one hash take hours.
  if (row.hash_scheme === 'bcrypt' && isBcryptCost(row.bcrypt_cost))
    return { scheme: 'bcrypt', cost: row.bcrypt_cost };
  if (row.hash_scheme === 'sha256') return { scheme: 'sha256' };
  throw altered('hash policy');
}

/**
 * Converts an owner's row.
 *
 * @throws CredctlError `integrity` for invalid times
 */
export function toOwner(row: OwnerRow): OwnerSummary {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind as OwnerKind,
    status: row.status as ActiveStatus,
    createdAt: time(row.created_at),
    createdBy: row.created_by,
    updatedAt: time(row.updated_at),
    credentials: row.credentials,
  };
}

/** @throws CredctlError `integrity` for a missing row that every store has */
export function mustExist<T>(row: T | null): T {
  if (row === null) {
    throw new CredctlError('integrity', 'the settings of the store are missing', {
      hint: 'restore the store from a backup',
    });
  }
  return row;
}
