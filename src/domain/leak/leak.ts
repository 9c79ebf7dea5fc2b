import { formatInstant } from '../duration.js';
import { maskSecrets, type SecretKind } from '../secret/secret-format.js';
import { safeForTerminal } from '../text/safe-text.js';

/** What found a leak: `credctl scan`, a scanner that asked the server, an alert of GitHub, or the use of a canary. */
export const LEAK_SOURCES = ['scan', 'check', 'github', 'canary'] as const;
/** One of {@link LEAK_SOURCES}. */
export type LeakSource = (typeof LEAK_SOURCES)[number];

/** Places kept of one leak; of more, the first ones and the last one. */
export const MOST_PLACES = 100;

/** Characters kept of one place. */
export const LONGEST_PLACE = 300;

/** A secret of the store found where it should not be. Never holds the secret itself. */
export interface FoundLeak {
  /** The public part of the secret. */
  readonly handle: string;
  readonly kind: SecretKind;
  /** Id of its credential, for a secret that the store no longer finds by its handle; null where not known. */
  readonly credentialId: string | null;
  /** Number of its version, or of the version that obtained the token; null where not known. */
  readonly version: number | null;
  readonly source: LeakSource;
  /** Where it was found: `src/a.ts:12:8@COMMIT`, a URL, or an address with the time. */
  readonly place: string;
}

/** A leak as stored: at most one open one of a handle. Times are epoch milliseconds. */
export interface Leak {
  /** A small number for people. */
  readonly id: number;
  readonly handle: string;
  readonly kind: SecretKind;
  readonly credentialId: string | null;
  readonly version: number | null;
  /** What found it first. */
  readonly source: LeakSource;
  /** At most {@link MOST_PLACES}. */
  readonly places: readonly string[];
  /** How many places there were, those not kept included. */
  readonly placeCount: number;
  readonly firstFoundAt: number;
  readonly lastFoundAt: number;
  /** Null while it is open. */
  readonly closedAt: number | null;
}

/** Filter of a listing of leaks, the last found first. */
export interface LeakQuery {
  /** Whether closed leaks are listed too. */
  readonly withClosed: boolean;
  readonly limit: number;
  readonly cursor?: string;
}

/** A place as it may be stored and shown: without secrets and control characters, and cut to {@link LONGEST_PLACE}. */
export function placeText(text: string): string {
  const characters = [...safeForTerminal(maskSecrets(text))];
  if (characters.length <= LONGEST_PLACE) return characters.join('');
  return `${characters.slice(0, LONGEST_PLACE - 1).join('')}…`;
}

/** Adds a place to those of a leak; one that is listed already is not counted again. */
export function withPlace(
  { places, placeCount }: Pick<Leak, 'places' | 'placeCount'>,
  place: string,
): Pick<Leak, 'places' | 'placeCount'> {
  if (place === '' || places.includes(place)) return { places, placeCount };
  return { places: [...places.slice(0, MOST_PLACES - 1), place], placeCount: placeCount + 1 };
}

/**
 * The place of a presented canary.
 *
 * @param address null where it is not known
 * @param at epoch milliseconds
 */
export function canaryPlace(address: string | null, at: number): string {
  return `${address ?? 'an unknown address'} at ${formatInstant(at)}`;
}
