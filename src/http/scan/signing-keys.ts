import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { CredctlError, usageError } from '../../domain/errors.js';

/** Where public keys come from. */
export interface KeyList {
  /** A path or a URL. */
  readonly place: string;
  /** Whether it is a file, which is read before the first request. */
  readonly isFile: boolean;
  /** The list, in the form of GitHub. */
  load(): Promise<string>;
}

/** Minimum time between two loads, in milliseconds: ids of keys are up to clients. */
const EVERY_MS = 60_000;

/** Age in milliseconds at which the list is loaded again, so that a key which was taken back ends. */
const KEPT_MS = 3_600_000;

/** Longer than any signature with P-256. */
const LONGEST_SIGNATURE = 200;

/** What a request is signed with. */
export interface Signature {
  readonly keyId: string;
  /** ECDSA in DER, as base64. */
  readonly value: string;
}

/** Checks signatures (ECDSA with P-256 and SHA-256) by the public keys of a list, which is cached. */
export class SigningKeys {
  readonly #list: KeyList;
  readonly #now: () => number;
  #keys: ReadonlyMap<string, KeyObject> = new Map();
  #tried = Number.NEGATIVE_INFINITY;
  #loaded = Number.NEGATIVE_INFINITY;
  #fault: unknown = null;
  #loading: Promise<void> | null = null;

  /** @param now milliseconds of a clock that is never set back */
  constructor(list: KeyList, now: () => number = () => performance.now()) {
    this.#list = list;
    this.#now = now;
  }

  /**
   * Whether these bytes are signed with a key of the list.
   *
   * @throws CredctlError `store_unavailable` where the key is not known and the list cannot be loaded
   */
  async isSigned(bytes: Uint8Array, { keyId, value }: Signature): Promise<boolean> {
    if (value.length > LONGEST_SIGNATURE || !/^[A-Za-z0-9+/]+={0,2}$/.test(value)) return false;
    const key = await this.#find(keyId);
    return key !== null && verify('sha256', bytes, key, Buffer.from(value, 'base64'));
  }

  /** Loads the list. @throws CredctlError `usage` where it cannot be read */
  async load(): Promise<void> {
    this.#tried = this.#now();
    this.#keys = keysIn(this.#list.place, await this.#list.load());
    this.#loaded = this.#now();
  }

  async #find(keyId: string): Promise<KeyObject | null> {
    const isOld = this.#now() - this.#loaded > KEPT_MS;
    if (isOld || !this.#keys.has(keyId)) await this.#loadAgain();
    const key = this.#keys.get(keyId);
    if (key !== undefined) return key;
    if (this.#fault === null) return null;
    throw new CredctlError('store_unavailable', `the public keys at ${this.#list.place} cannot be loaded`, {
      cause: this.#fault,
    });
  }

  /** The keys stay as they were where that fails. */
  async #loadAgain(): Promise<void> {
    if (this.#loading === null && this.#now() - this.#tried < EVERY_MS) return;
    this.#loading ??= this.load()
      .then(
        () => {
          this.#fault = null;
        },
        (fault: unknown) => {
          this.#fault = fault;
        },
      )
      .finally(() => {
        this.#loading = null;
      });
    await this.#loading;
  }
}

/** The keys by their ids; keys of another kind are left out. */
function keysIn(place: string, text: string): ReadonlyMap<string, KeyObject> {
  const found = new Map<string, KeyObject>();
  for (const entry of entriesIn(place, text)) {
    const { key_identifier: id, key: pem } = entry;
    if (typeof id !== 'string' || typeof pem !== 'string') throw noKeys(place);
    const key = publicKey(place, pem);
    if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1')
      found.set(id, key);
  }
  if (found.size === 0) throw noKeys(place);
  return found;
}

function publicKey(place: string, pem: string): KeyObject {
  try {
    return createPublicKey(pem);
  } catch {
    throw noKeys(place);
  }
}

function entriesIn(place: string, text: string): readonly Readonly<Record<string, unknown>>[] {
  const list = parsed(text);
  const keys = isRecord(list) ? list['public_keys'] : null;
  if (!Array.isArray(keys) || !keys.every(isRecord)) throw noKeys(place);
  return keys;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function noKeys(place: string): CredctlError {
  return usageError(
    `${place} is not a list of public keys`,
    'it must have the form of https://api.github.com/meta/public_keys/secret_scanning',
  );
}
