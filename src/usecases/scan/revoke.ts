import type { Credential } from '../../domain/credential/credential.js';
import { CredctlError } from '../../domain/errors.js';
import type { Destination } from '../../domain/ports/ports.js';
import type { ScanFinding } from '../../domain/scan/finding.js';
import { positionText } from '../../domain/scan/place.js';
import { change } from '../change.js';
import type { Dependencies } from '../dependencies.js';
import { deactivateLeaked, stillWorks } from '../leak/deactivate-leaked.js';
import { asReason } from '../leak/reason.js';
import { rotate } from '../rotation/rotate.js';

/** How a leaked secret is stopped. */
export const REMEDIES = ['deactivate', 'rotate-now'] as const;
export type Remedy = (typeof REMEDIES)[number];

/** What is to be done about secrets that were found live. */
export interface RevokeInput {
  readonly remedy: Remedy;
  readonly findings: readonly ScanFinding[];
  /** The admin's own reason; the place is added to it. */
  readonly reason: string | null;
  /** Destinations of a credential's new secret, for `rotate-now`. */
  readonly destinationsFor: (credential: Credential) => Promise<readonly Destination[]>;
  /** Called before each; true leaves the rest as it is. */
  readonly isStopped: () => Promise<boolean>;
}

/** What became of a leaked secret. */
export interface Revoked {
  readonly handle: string;
  readonly name: string;
  /** `none` where it had been stopped since it was found; `left` where a signal came first. */
  readonly action: 'deactivated' | 'rotated' | 'token_revoked' | 'none' | 'left';
  /** Why nothing was done; null where nothing failed. */
  readonly fault: CredctlError | null;
}

type Live = ScanFinding & { readonly standing: Extract<ScanFinding['standing'], { readonly state: 'live' }> };

/**
 * Stops what was found live, one after the other, and goes on after a failure. A credential is deactivated or rotated once,
 * whatever of it was found, if that still works; an access token is revoked by itself, since its client need not have
 * leaked. What was done already is not done again, so that a run that was cut off can be repeated.
 */
export async function revokeFound(deps: Dependencies, input: RevokeInput): Promise<readonly Revoked[]> {
  const revoked: Revoked[] = [];
  const done = new Map<string, Revoked>();
  // Where a client's own secret leaked, that is stopped first, and with it all that depends on it.
  for (const found of input.findings.filter(isLive).sort((a, b) => rank(a) - rank(b))) {
    const { credential } = found.standing;
    const isToken = found.secret.kind === 'tok';
    const known = isToken ? undefined : done.get(credential.id);
    const outcome = known ?? (await act(deps, input, found, isToken));
    if (!isToken) done.set(credential.id, outcome);
    revoked.push({ ...outcome, handle: found.secret.handle });
  }
  return revoked;
}

async function act(deps: Dependencies, input: RevokeInput, found: Live, isToken: boolean): Promise<Revoked> {
  const { credential } = found.standing;
  const outcome = { handle: found.secret.handle, name: credential.name, fault: null };
  if (await input.isStopped()) return { ...outcome, action: 'left' };
  const own = { ...deps, author: { ...deps.author, reason: reasonFor(found, input.reason) } };
  try {
    if (isToken) return { ...outcome, action: await revokeToken(own, found) };
    const isDone = await (input.remedy === 'deactivate'
      ? deactivateLeaked(own, credential.id, found.standing.version.id)
      : rotateNow(own, found, input));
    if (!isDone) return { ...outcome, action: 'none' };
    return { ...outcome, action: input.remedy === 'deactivate' ? 'deactivated' : 'rotated' };
  } catch (fault) {
    if (!(fault instanceof CredctlError)) throw fault;
    return { ...outcome, action: 'none', fault };
  }
}

async function rotateNow(deps: Dependencies, { standing }: Live, input: RevokeInput): Promise<boolean> {
  const { rotated } = await rotate(deps, {
    reference: standing.credential.id,
    supersede: { kind: 'revoke' },
    ifOlderThan: null,
    onlyIf: (present, now) => stillWorks(present, standing.version.id, now),
    destinations: await input.destinationsFor(standing.credential),
  });
  return rotated;
}

/** A token leaves nothing in the trail: none of its life does. */
function revokeToken(deps: Dependencies, { secret }: Live): Promise<'token_revoked' | 'none'> {
  return change(deps, async (tx) => {
    if ((await tx.findPresentedToken(secret.id)) === null) return 'none';
    await tx.deleteToken(secret.id);
    return 'token_revoked';
  });
}

/** Such as `leaked in src/a.ts:12:8@1a2b3c4d5e6f and 2 more places`. */
function reasonFor({ places }: ScanFinding, given: string | null): string {
  const [first] = places;
  const more = places.length === 1 ? '' : ` and ${places.length - 1} more`;
  const start = given === null ? '' : `${given}; `;
  const where = first === undefined ? 'somewhere' : positionText(first);
  return asReason(`${start}leaked in ${where}${more}`);
}

function isLive(finding: ScanFinding): finding is Live {
  return finding.standing.state === 'live';
}

function rank({ secret }: ScanFinding): number {
  return secret.kind === 'tok' ? 1 : 0;
}
