import type { Credential } from '../../domain/credential/credential.js';
import { isStoppedByOwner, whyStopped } from '../../domain/credential/stopped.js';
import { counted } from '../../domain/text/counted.js';

/** Names in a line; the others are counted. */
const MOST_NAMES = 10;

/**
 * Lines about credentials after an activation: which work again, and which still do not, with the reason.
 *
 * @param now epoch milliseconds
 */
export function activationLines(credentials: readonly Credential[], now: number): readonly string[] {
  const working = credentials.filter((credential) => whyStopped(credential, now) === null);
  const stopped = credentials.filter((credential) => whyStopped(credential, now) !== null);
  return [
    ...(working.length === 0
      ? []
      : [
          `${counted(working.length, 'credential')} ${working.length === 1 ? 'works' : 'work'} again: ${named(working)}`,
        ]),
    ...(stopped.length === 0
      ? []
      : [
          `${counted(stopped.length, 'credential')} still ${stopped.length === 1 ? 'does' : 'do'} not work: ${withReasons(stopped, now)}`,
        ]),
  ];
}

/**
 * The line about the credentials of deactivated owners: which stopped with them.
 *
 * @param now epoch milliseconds
 */
export function deactivationLine(credentials: readonly Credential[], now: number): string {
  const stopped = credentials.filter((credential) => isStoppedByOwner(credential, now));
  return stopped.length === 0
    ? 'no credential stopped: none was working'
    : `${counted(stopped.length, 'credential')} stopped: ${named(stopped)}`;
}

/** Names of credentials, each with the reason why it does not work. */
export function withReasons(credentials: readonly Credential[], now: number): string {
  return named(credentials, (credential) => `${credential.name} (${whyStopped(credential, now)})`);
}

function named(
  credentials: readonly Credential[],
  text: (credential: Credential) => string = ({ name }) => name,
): string {
  const more = credentials.length - MOST_NAMES;
  return `${credentials.slice(0, MOST_NAMES).map(text).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
