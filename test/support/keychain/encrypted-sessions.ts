import { createCipheriv, createDecipheriv, getDiffieHellman, hkdfSync, randomBytes } from 'node:crypto';
import type { Value } from './dbus-values.js';

/** The one way of encrypting that the Secret Service names (version 0.2, "Transfer of Secrets"). */
export const ENCRYPTED = 'dh-ietf1024-sha256-aes128-cbc-pkcs7';

/** The sessions in which programs and a keychain exchange secrets, each with a key that the two have agreed on. */
export class EncryptedSessions {
  readonly #agreed = new Map<string, Buffer>();
  /** The same for every session: to make them takes its time, and nothing here is worth keeping secret. */
  readonly #keys = getDiffieHellman('modp2');
  readonly #publicKey = this.#keys.generateKeys();

  /**
   * Opens a session.
   *
   * @param path what the session goes by
   * @param theirs the public key of the program
   * @returns the public key of the keychain
   */
  open(path: string, theirs: Value): Buffer {
    if (!(theirs instanceof Uint8Array)) throw new Error('expected a public key');
    const shared = Buffer.alloc(128);
    const agreed = this.#keys.computeSecret(theirs);
    agreed.copy(shared, 128 - agreed.length);
    this.#agreed.set(path, Buffer.from(hkdfSync('sha256', shared, Buffer.alloc(32), '', 16)));
    return this.#publicKey;
  }

  /** The text of a secret as it is sent: session, parameters, bytes and type. */
  decrypt([session, parameters, bytes]: readonly Value[]): string {
    if (!(parameters instanceof Uint8Array) || !(bytes instanceof Uint8Array)) throw new Error('no secret');
    const cipher = createDecipheriv('aes-128-cbc', this.#key(String(session)), parameters);
    return Buffer.concat([cipher.update(bytes), cipher.final()]).toString('utf8');
  }

  /** A text as a secret is sent. */
  encrypt(session: string, text: string): Value {
    const parameters = randomBytes(16);
    const cipher = createCipheriv('aes-128-cbc', this.#key(session), parameters);
    const bytes = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return [session, parameters, bytes, 'text/plain; charset=utf8'];
  }

  #key(session: string): Buffer {
    const key = this.#agreed.get(session);
    if (key === undefined) throw new Error('no such session');
    return key;
  }
}
