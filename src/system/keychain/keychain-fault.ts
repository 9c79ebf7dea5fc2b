import { codeOfSignal, type EndingSignal } from '../../domain/ending-signal.js';
import { CredctlError } from '../../domain/errors.js';
import { permissionHint } from '../../files/shared-object.js';

/** The error for a refusal of the keychain or its transport, with a remedy. */
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

/** Whether the message is a reply timeout of D-Bus, which has a limit of its own. */
export function isSilence(said: string): boolean {
  return /did not receive a reply/i.test(said);
}

/** The error for a keychain that did not answer within `limitMs` milliseconds. */
export function silentKeychain(limitMs: number): CredctlError {
  return new CredctlError('undelivered', `the keychain did not answer in time (${limitMs / 1_000} s)`, {
    hint: 'unlock the keychain, or restart it; for more time, set keychain_timeout in the configuration file',
  });
}

/** The note for a person, while the keychain does not answer, with the limit in milliseconds. */
export function waitingForUnlocking(limitMs: number): string {
  return `unlock the keychain: waiting up to ${limitMs / 1_000} s`;
}

/**
 * The error for a wait that a signal has ended.
 *
 * @param isCertain false where the keychain may still do what it was asked for
 */
export function interruptedKeychain(signal: EndingSignal, isCertain: boolean): CredctlError {
  const code = codeOfSignal(signal);
  return isCertain
    ? new CredctlError(code, `${code}; nothing was changed`)
    : new CredctlError(code, `${code}; the keychain may still remove what it was asked to remove`, {
        hint: "'credctl keychain list' tells what it holds",
      });
}

/** The error for an agent process that ended unexpectedly. */
export function endedAgent(): CredctlError {
  return new CredctlError('undelivered', 'the helper process for the keychain has ended', {
    hint: 'run the command again',
  });
}

/**
 * The error for a keychain binding that could not be loaded.
 *
 * @param said the message of each attempt
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

/**
 * Messages of Node.js and of the binding for a missing addon; with any other message, loading it was refused.
 */
const NOT_FOUND = /^(?:Cannot find|Failed to load) /;

/** Platform-specific package of the addon, except for the one for WebAssembly. */
const ADDON_PACKAGE = /@napi-rs\/keyring-(?!wasm)[\w-]+/;

const REINSTALL =
  'install it: npm install --include=optional, or for a global credctl: npm install -g --include=optional credctl';

/** Messages for a locked keychain; the general hint is given for any other. */
const LOCKED = /locked\b|prompt was dismissed/i;

/** Messages for a transport that leads to no keychain. */
const ABSENT =
  /autolaunch|no secret service|failed to connect|not provided by any|ServiceUnknown|does not contain a colon/i;

/** A newly installed Secret Service has no default collection. */
const NO_KEYRING: ReadonlyMap<string, string> = new Map([['no result found', 'it has no default keyring']]);

/** Prefixes added by the layers that an error passes through. */
const LAYERS =
  /^(?:(?:Platform failure|Couldn't access platform storage|DBus error|Secret Service|zbus error): )+/;

const UNLOCK = 'unlock the keychain and run the command again';

const HINTS: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'install a Secret Service (gnome-keyring, KWallet or KeePassXC) and unlock it, in a desktop session or with dbus-run-session',
};
