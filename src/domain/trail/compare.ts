import { formatInstant } from '../duration.js';
import { quote } from '../text/quote.js';
import type { DerivedCredential, DerivedVersion } from './derived.js';
import type { HeldCredential, HeldVersion } from './held.js';

/** A difference between stored and derived state. */
export interface Difference {
  readonly what:
    | ('name' | 'type' | 'status' | 'client_id' | 'scopes' | 'owner' | 'expiry' | 'canary' | 'existence')
    | ('hash' | 'end' | 'delivery' | 'lapse' | 'grace' | 'version');
  /** Number of the version; null for a property of the credential itself. */
  readonly version: number | null;
  /** The stored value, in words. */
  readonly held: string;
  /** The derived value, in words. */
  readonly told: string;
}

/**
 * Compares a stored credential with the state derived from the trail; what the trail does not record is no
 * difference.
 */
export function differencesFromTrail(
  held: HeldCredential,
  derived: DerivedCredential,
): readonly Difference[] {
  if (derived.isDeleted) return [difference('existence', 'there', 'deleted')];
  const pairs = [
    ['name', held.name, derived.name],
    ['type', held.type, derived.type],
    ['status', held.status, derived.status],
    ['client_id', textOf(held.clientId), known(derived.clientId, textOf)],
    ['scopes', listOf(held.scopes), known(derived.scopes, listOf)],
    ['owner', textOf(held.ownerId), known(derived.ownerId, textOf)],
    ['expiry', timeOf(held.expiresAt), known(derived.expiresAt, timeOf)],
    ['canary', yesOrNo(held.canary), known(derived.canary, yesOrNo)],
  ] as const;
  return [
    ...pairs.flatMap(([what, has, told]) =>
      told === undefined || told === has ? [] : [difference(what, shown(what, has), shown(what, told))],
    ),
    ...held.versions.flatMap((version) => versionDifferences(version, derived.versions.get(version.id))),
  ];
}

/** Names are untrusted text. */
function shown(what: Difference['what'], value: string): string {
  return what === 'name' ? quote(value) : value;
}

function versionDifferences(held: HeldVersion, derived: DerivedVersion | undefined): readonly Difference[] {
  const { number } = held;
  if (derived === undefined) return [difference('version', 'there', 'never issued', number)];
  const pairs = [
    ['version', `number ${number}`, known(derived.number, (told) => `number ${told}`)],
    ['hash', held.sha256 ?? 'none', isRevoked(held, derived) ? undefined : known(derived.sha256, textOf)],
    ['end', endOf(held), endTold(derived)],
    ['delivery', timeOf(held.deliveredAt), known(derived.deliveredAt, timeOf)],
    ['grace', graceOf(held.graceMs), known(derived.graceMs, graceOf)],
  ] as const;
  const found = pairs.flatMap(([what, has, told]) =>
    told === undefined || told === has ? [] : [difference(what, has, told, number)],
  );
  if (derived.latestEnd !== null && !hasEndedBy(held, derived.latestEnd)) {
    found.push(difference('end', endOf(held), `at ${timeOf(derived.latestEnd)} at the latest`, number));
  }
  if (derived.hasLapsed !== (held.ended === 'lapsed') && derived.sha256 !== undefined) {
    found.push(difference('end', held.ended ?? 'none', derived.hasLapsed ? 'lapsed' : 'none', number));
  } else if (derived.hasLapsed && !hasEnded(held)) {
    found.push(difference('end', 'none', 'lapsed', number));
  }
  if (isWronglyRetired(held, derived)) {
    found.push(
      difference('end', `retired at ${timeOf(held.endedAt)}`, timeOf(derived.retiresAt ?? null), number),
    );
  }
  if (!mayLapseLikeThis(held, derived)) {
    found.push(difference('lapse', timeOf(held.lapsesAt), timeOf(derived.lapsesAt ?? null), number));
  }
  return found;
}

/** The hash of a version that is revoked in both is not compared. */
function isRevoked(held: HeldVersion, { revokedAt }: DerivedVersion): boolean {
  return held.revokedAt !== null && held.revokedAt === revokedAt;
}

/** Whether it is stamped as retired at a time when, by the trail, it still worked. */
export function isWronglyRetired(
  { ended, endedAt }: HeldVersion,
  { sha256, retiresAt, revokedAt }: DerivedVersion,
): boolean {
  if (ended !== 'retired' || sha256 === undefined || retiresAt === undefined || revokedAt != null)
    return false;
  return retiresAt === null || endedAt === null || retiresAt > endedAt;
}

/** An end by time need not be stamped. */
function hasEnded({ revokedAt, ended, retiresAt }: HeldVersion): boolean {
  return revokedAt !== null || ended !== null || retiresAt !== null;
}

/** Whether it ends, or has ended, by that time (epoch milliseconds). */
export function hasEndedBy({ revokedAt, retiresAt, ended }: HeldVersion, time: number): boolean {
  return ended !== null || (revokedAt ?? time + 1) <= time || (retiresAt ?? time + 1) <= time;
}

function endOf({ revokedAt, retiresAt }: HeldVersion): string {
  if (revokedAt !== null) return `revoked at ${timeOf(revokedAt)}`;
  return retiresAt === null ? 'none' : `at ${timeOf(retiresAt)}`;
}

function endTold({ revokedAt, retiresAt }: DerivedVersion): string | undefined {
  if (revokedAt === undefined || retiresAt === undefined) return undefined;
  if (revokedAt !== null) return `revoked at ${timeOf(revokedAt)}`;
  return retiresAt === null ? 'none' : `at ${timeOf(retiresAt)}`;
}

/** Delivered versions do not lapse, and proof of receipt clears the deadline without an event. */
function mayLapseLikeThis(held: HeldVersion, { lapsesAt, deliveredAt }: DerivedVersion): boolean {
  if (lapsesAt === undefined || deliveredAt !== null || held.deliveredAt !== null) return true;
  return held.lapsesAt === lapsesAt || (held.lapsesAt === null && held.mayHaveArrived);
}

function known<Value>(value: Value | undefined, text: (value: Value) => string): string | undefined {
  return value === undefined ? undefined : text(value);
}

function yesOrNo(is: boolean): string {
  return is ? 'yes' : 'no';
}

function textOf(text: string | null): string {
  return text ?? 'none';
}

function graceOf(ms: number | null): string {
  return ms === null ? 'none, for they are revoked' : `${ms} ms`;
}

function listOf(scopes: readonly string[]): string {
  return scopes.length === 0 ? 'none' : scopes.join(' ');
}

function timeOf(time: number | null): string {
  if (time === null) return 'none';
  return Number.isSafeInteger(time) && time >= 0 && time <= 8.64e15 ? formatInstant(time) : String(time);
}

function difference(
  what: Difference['what'],
  held: string,
  told: string,
  version: number | null = null,
): Difference {
  return { what, version, held, told };
}
