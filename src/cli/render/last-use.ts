import { type Credential, credentialStatus } from '../../domain/credential/credential.js';
import { whyStopped } from '../../domain/credential/stopped.js';
import { describeLastUse, type LastUse } from '../../domain/credential/use.js';
import { authenticates } from '../../domain/credential/version.js';
import { formatInstant } from '../../domain/duration.js';
import { relativeTime } from '../../domain/text/relative-time.js';
import type { Stopping } from '../../usecases/credential/stopping.js';
import type { Output } from '../host/host.js';

/** Text of a time, given in epoch milliseconds. */
export type TimeFormat = (time: number) => string;

/** Times relative to `now` on a terminal, RFC 3339 elsewhere. */
export function timeFormatOn({ isTerminal }: Pick<Output, 'isTerminal'>, now: number): TimeFormat {
  return isTerminal ? (time) => relativeTime(time, now) : formatInstant;
}

/** Lines about credentials that stop: how many, and when and from where the latest were last used. */
export function stoppingLines({ count, latest }: Stopping, format: TimeFormat): readonly string[] {
  if (count === 0) return ['no credential stops: none works now'];
  const lines = useLines(`${counted(count, 'credential')} ${stop(count)}`, latest.map(named), format);
  return count > latest.length ? [...lines, `  and ${count - latest.length} more`] : lines;
}

/** Lines about the secrets that a rotation revokes once the new one is delivered; none where nothing works now. */
export function revokedSecretLines(
  credential: Credential,
  now: number,
  format: TimeFormat,
): readonly string[] {
  if (whyStopped(credential, now) !== null) return [];
  const working = credential.versions.filter((version) => authenticates(version, now));
  const what = `${counted(working.length, 'older secret')} of ${credential.name} ${stop(working.length)}`;
  const uses = working.map((version): Use => [`version ${version.number}`, version]);
  return useLines(`${what} once the new one is delivered`, uses, format);
}

/** Lines about credentials that are to be deleted: how many stop with that, and of each what to know. */
export function deletionLines(
  credentials: readonly Credential[],
  now: number,
  format: TimeFormat,
): readonly string[] {
  const working = credentials.filter((credential) => whyStopped(credential, now) === null).length;
  return [
    working === 0
      ? 'none works now, so nothing stops:'
      : `${counted(working, 'credential')} ${stop(working)}:`,
    ...credentials.map((credential) => `  ${deletionFacts(credential, now, format)}`),
  ];
}

function deletionFacts(credential: Credential, now: number, format: TimeFormat): string {
  const { name, owner } = credential;
  const ownedBy = owner === null ? 'no owner' : `owner ${owner.name}`;
  return `${name}, ${credentialStatus(credential, now)}, ${ownedBy}, ${describeLastUse(credential, format)}`;
}

type Use = readonly [what: string, use: LastUse];

function useLines(head: string, uses: readonly Use[], format: TimeFormat): readonly string[] {
  const [first] = uses;
  if (first !== undefined && uses.length === 1) {
    return [`${head}: ${first[0]}, ${describeLastUse(first[1], format)}`];
  }
  return [`${head}:`, ...uses.map(([what, use]) => `  ${what}, ${describeLastUse(use, format)}`)];
}

function named(credential: Credential): Use {
  return [credential.name, credential];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function stop(count: number): string {
  return count === 1 ? 'stops' : 'stop';
}
