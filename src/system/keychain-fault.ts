import { CredctlError } from '../domain/errors.js';

/** The keychain, or the way to it, refused: what it said, with what helps. */
export function keychainFault(said: string): CredctlError {
  const fact = (said.split('\n')[0] ?? '').slice(0, 200);
  const hint = LOCKED.test(fact) ? UNLOCK : HINTS[process.platform];
  return new CredctlError('undelivered', `the keychain refused: ${fact}`, { hint: hint ?? UNLOCK });
}

/** Whether it is the bus that says so, since the keychain does not answer: it has a limit of its own. */
export function isSilence(said: string): boolean {
  return /did not receive a reply/i.test(said);
}

/** The keychain did not answer within `limitMs` milliseconds. */
export function silentKeychain(limitMs: number): CredctlError {
  return new CredctlError('undelivered', `the keychain did not answer in time (${limitMs / 1_000} s)`, {
    hint: 'unlock it, or start it anew; keychain_timeout in the configuration file allows more time',
  });
}

/** How keychains say that nobody has unlocked them; where they say it otherwise, the general hint is given. */
const LOCKED = /locked\b|prompt was dismissed/i;

const UNLOCK = 'unlock the keychain and run the command again';

const HINTS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'a Secret Service is needed: install gnome-keyring, KWallet or KeePassXC, log in to a desktop or use dbus-run-session, and unlock it',
};
