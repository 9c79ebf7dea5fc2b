import { isTerminal } from '../streams.js';

/** Time limits of the keychain where the configuration has none, as durations. */
const FOR_A_PERSON = '60s';
const FOR_NOBODY = '3s';

/** Whether a person may see the prompt that unlocks the keychain: at a display, or at a terminal. */
export function isAttended(
  env: Readonly<Record<string, string | undefined>>,
  isAtTerminal = () => isTerminal(0) || isTerminal(2),
): boolean {
  return ['DISPLAY', 'WAYLAND_DISPLAY'].some((name) => (env[name] ?? '') !== '') || isAtTerminal();
}

/** How long the keychain may take, as a duration; typing a password takes a person a while. */
export function keychainPatience(isForPerson: boolean): string {
  return isForPerson ? FOR_A_PERSON : FOR_NOBODY;
}
