import { CredctlError } from '../../domain/errors.js';
import { permissionHint } from '../../files/shared-object.js';

/** The keychain, or the way to it, refused: what it said, with what helps. */
export function keychainFault(said: string): CredctlError {
  const detail = (said.split('\n')[0] ?? '').slice(0, 200).replace(LAYERS, '');
  if (LOCKED.test(detail)) {
    return new CredctlError('undelivered', `the keychain is locked: ${detail}`, { hint: UNLOCK });
  }
  const fact = ABSENT.test(detail) ? 'no keychain can be reached' : 'the keychain refused';
  return new CredctlError('undelivered', `${fact}: ${NO_KEYRING.get(detail) ?? detail}`, {
    hint: HINTS[process.platform] ?? UNLOCK,
  });
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

/** The process that talks to the keychain was ended by something else. */
export function endedAgent(): CredctlError {
  return new CredctlError('undelivered', 'the program that asks the keychain has ended', {
    hint: 'run the command again',
  });
}

/**
 * The binding to the keychain could not be loaded.
 *
 * @param said what each way that was tried said
 */
export function unloadableBinding(said: readonly string[]): CredctlError {
  const [refused] = said.filter((line) => !NOT_FOUND.test(line));
  const missing = said.flatMap((line) => ADDON_PACKAGE.exec(line)?.[0] ?? []).at(0);
  const [detail = ''] = (refused ?? '').split('\n');
  return new CredctlError(
    'undelivered',
    refused === undefined
      ? `the addon for the keychain is not installed: ${missing ?? '@napi-rs/keyring'}`
      : `the addon for the keychain cannot be loaded: ${detail.slice(0, 300)}`,
    { hint: permissionHint(detail) ?? REINSTALL },
  );
}

/** How Node.js, and the binding itself, say that there is no addon; whatever else is said, the addon was refused. */
const NOT_FOUND = /^(?:Cannot find|Failed to load) /;

/** The package of the addon, for each system another; the one for WebAssembly is for none of them. */
const ADDON_PACKAGE = /@napi-rs\/keyring-(?!wasm)[\w-]+/;

const REINSTALL =
  'install it: npm install --include=optional (npm install -g --include=optional credctl where credctl is installed globally)';

/** How keychains say that nobody has unlocked them; where they say it otherwise, the general hint is given. */
const LOCKED = /locked\b|prompt was dismissed/i;

/** How the way to a keychain says that it leads nowhere. */
const ABSENT =
  /autolaunch|no secret service|failed to connect|not provided by any|ServiceUnknown|does not contain a colon/i;

/** A Secret Service that has been started for the first time has nothing to put an entry into. */
const NO_KEYRING: ReadonlyMap<string, string> = new Map([['no result found', 'it has no default keyring']]);

/** The layers through which a fault has come, each of which says its name. */
const LAYERS =
  /^(?:(?:Platform failure|Couldn't access platform storage|DBus error|Secret Service|zbus error): )+/;

const UNLOCK = 'unlock the keychain and run the command again';

const HINTS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'a Secret Service is needed: install gnome-keyring, KWallet or KeePassXC, log in to a desktop or use dbus-run-session, and unlock it',
};
