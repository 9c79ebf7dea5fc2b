import type { Credential } from '../../../src/domain/credential/credential.js';
import type { Verdict } from '../../../src/domain/credential/verdict.js';
import type { Finding } from '../../../src/domain/ports/store-port.js';
import { parseSecret } from '../../../src/domain/secret/secret-format.js';
import { openStoreAt } from '../../../src/storage/open.js';
import { secretHasher } from '../../../src/system/hashing/hasher.js';
import { systemProcesses } from '../../../src/system/processes.js';
import { systemRandom } from '../../../src/system/random.js';
import { verify } from '../../../src/usecases/credential/verify.js';
import type { Dependencies } from '../../../src/usecases/dependencies.js';
import type { Workplace } from '../program/workplace.js';

/** A little more than the time after which an undelivered version lapses, in milliseconds. */
export const AFTER_LAPSE = 10 * 60_000 + 1_000;

/** What a probe works with: the real parts, and a clock that can be set. */
export interface Probe extends Dependencies {
  /** Sets the clock `offset` milliseconds ahead of the machine's. */
  readonly setClock: (offset: number) => void;
}

/** Opens the store of a workplace the way the program does, without starting a process. */
export async function probing<T>(
  place: Pick<Workplace, 'store'>,
  work: (probe: Probe) => Promise<T>,
): Promise<T> {
  let ahead = 0;
  const clock = { now: () => Date.now() + ahead };
  const store = await openStoreAt(
    place.store,
    { clock, random: systemRandom },
    {
      whenMissing: 'refuse',
      newStore: () => Promise.reject(new Error('a probe makes no store')),
      onCreated: () => {},
    },
  );
  try {
    return await work({
      setClock(offset) {
        ahead = offset;
      },
      store,
      clock,
      random: systemRandom,
      hasher: secretHasher,
      processes: systemProcesses(),
      author: { actor: 'probe@test', reason: null },
    });
  } finally {
    await store.close();
  }
}

/** Presents a secret. That is a use, and a write, so it also stamps what time has ended. */
export async function present(deps: Dependencies, secret: string): Promise<Verdict> {
  return verify(deps, { secret, clientId: null, scopes: [], recordUse: true });
}

/** `valid`, or why the secret is refused. */
export async function verdictOn(deps: Dependencies, secret: string): Promise<string> {
  const verdict = await present(deps, secret);
  return verdict.valid ? 'valid' : verdict.reason;
}

/** What `store check` finds wrong, the audit trail included; nothing in a store that is in order. */
export async function faultsIn({ store, clock }: Dependencies): Promise<readonly Finding[]> {
  return (await store.check(clock.now())).filter(({ severity }) => severity === 'error');
}

/** The credential of that name, or null. */
export async function credentialOf(deps: Dependencies, name: string): Promise<Credential | null> {
  return deps.store.findCredential(name);
}

/** Every complete secret in a text, whatever the format around it. */
export function secretsIn(text: string): readonly string[] {
  const found = text.match(
    /(?<![0-9A-Za-z_])[a-z][a-z0-9]{1,11}_(?:key|sec)_[0-9A-Za-z]{61}(?![0-9A-Za-z])/g,
  );
  return [...new Set(found ?? [])].filter((secret) => parseSecret(secret) !== null);
}

/** The one secret in a text. */
export function onlySecretIn(text: string): string {
  const [secret, ...others] = secretsIn(text);
  if (secret === undefined || others.length > 0) throw new Error('expected exactly one secret');
  return secret;
}

/** The 43 random characters of a secret, which must be found nowhere else. */
export function secretPart(secret: string): string {
  const parsed = parseSecret(secret);
  if (parsed === null) throw new Error('not a complete secret');
  return parsed.secret;
}
