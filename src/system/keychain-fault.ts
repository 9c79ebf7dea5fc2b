import { CredctlError } from '../domain/errors.js';

/** The keychain, or the way to it, refused: what it said, with what helps. */
export function keychainFault(said: string): CredctlError {
  const fact = (said.split('\n')[0] ?? '').slice(0, 200);
  const hint = LOCKED.test(fact) ? UNLOCK : HINTS[process.platform];
  return new CredctlError('undelivered', `the keychain refused: ${fact}`, { hint: hint ?? UNLOCK });
}

/** The keychain did not answer within `limitMs` milliseconds. */
export function silentKeychain(limitMs: number): CredctlError {
  return new CredctlError('undelivered', `the keychain did not answer within ${limitMs / 1_000} seconds`, {
    hint: 'unlock it, or start it anew; for one that is slow, raise keychain_timeout in the configuration file',
  });
}

/** How keychains say that nobody has unlocked them; where they say it otherwise, the general hint is given. */
const LOCKED = /lock(?:ed)?\b|prompt was dismissed/i;

const UNLOCK = 'unlock the keychain and run the command again';

const HINTS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'a Secret Service is needed: install gnome-keyring, KWallet or KeePassXC, log in to a desktop or use dbus-run-session, and unlock it',
};
