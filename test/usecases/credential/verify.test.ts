import { describe, expect, it } from 'vitest';
import { composeSecret, parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { verify } from '../../../src/usecases/credential/verify.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { failure } from '../../storage/fixtures.js';
import { CheapHasher } from '../../support/dependencies/cheap-hasher.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { openScenario, REVOKE, type Scenario } from '../scenario.js';

/** The same version with another secret, well-formed. */
function withWrongSecret(secret: string): string {
  const parsed = parseSecret(secret);
  if (parsed === null) throw new TypeError('not a secret');
  return composeSecret(parsed.prefix, parsed.kind, parsed.id, 'A'.repeat(43));
}

/** A secret of a version that does not exist. */
const UNKNOWN = composeSecret('cctl', 'key', 'nobodynobody', 'A'.repeat(43));

const present = (scenario: Scenario, secret: string, clientId: string | null) =>
  verify(scenario.process(), { secret, clientId, scopes: [], recordUse: false });

describe('a secret that is good', () => {
  it('is valid, with the credential and the version', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    expect(await scenario.use(secret, ['data:users'])).toEqual({
      valid: true,
      credential: expect.objectContaining({ name: 'ci-bot' }),
      version: expect.objectContaining({ number: 1 }),
      scopes: ['data:users'],
    });
  });

  it('counts as used, for the version and for the credential', async () => {
    const scenario = await openScenario();
    const old = await scenario.issue();
    const secret = await scenario.rotate();
    await scenario.use(old);
    const later = scenario.clock.advance('1m');
    await scenario.use(secret);
    const latest = scenario.clock.advance('1m');
    await scenario.use(secret);
    const { lastUsedAt, versions } = await scenario.show();
    expect(lastUsedAt).toBe(latest);
    expect(versions.map((version) => [version.firstUsedAt, version.lastUsedAt])).toEqual([
      [later, latest],
      [START, START],
    ]);
  });

  it('is not audited', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const before = await scenario.events();
    await scenario.use(secret);
    expect(await scenario.events()).toEqual(before);
  });

  it('may be presented with its client id', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ type: 'oauth2' });
    const { clientId } = await scenario.show();
    expect(await present(scenario, secret, clientId)).toMatchObject({ valid: true });
  });

  it('covers what its scopes cover, and nothing else', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ scopes: ['data:*'] });
    expect(await scenario.use(secret, ['data:users', 'data:conversations'])).toMatchObject({ valid: true });
    expect(await scenario.use(secret, ['data:users', 'events:messages'])).toEqual({
      valid: false,
      reason: 'insufficient_scope',
    });
  });
});

describe('a secret is refused for the first reason that applies', () => {
  it.each([
    '',
    'hello',
    'cctl_key_',
    `${UNKNOWN}x`,
    UNKNOWN.slice(0, -1),
    ` ${UNKNOWN}`,
    UNKNOWN.toLowerCase(),
  ])('malformed: %j', async (secret) => {
    const scenario = await openScenario();
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'malformed' });
    expect(scenario.hasher.compared + scenario.hasher.comparedWithNothing).toBe(0);
  });

  it('malformed: without touching the store', async () => {
    const scenario = await openScenario();
    const mistyped = (await scenario.issue()).replace(/.$/, (last) => (last === 'x' ? 'y' : 'x'));
    await scenario.store.close();
    expect(await scenario.use(mistyped)).toEqual({ valid: false, reason: 'malformed' });
  });

  it('unknown: an id, a prefix or a kind that there is not', async () => {
    const scenario = await openScenario();
    const { prefix, id, secret } = parseSecret(await scenario.issue()) ?? { prefix: '', id: '', secret: '' };
    for (const unknown of [
      UNKNOWN,
      composeSecret('acme', 'key', id, secret),
      composeSecret(prefix, 'sec', id, secret),
      composeSecret(prefix, 'tok', id, secret),
    ]) {
      expect(await scenario.use(unknown), unknown).toEqual({ valid: false, reason: 'unknown' });
    }
  });

  it('unknown: the client id of another one, before its wrong secret', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ type: 'oauth2' });
    await scenario.issue({ name: 'other', type: 'oauth2' });
    const key = await scenario.issue({ name: 'key' });
    const { clientId } = await scenario.show('other');
    for (const each of [secret, withWrongSecret(secret), key]) {
      expect(await present(scenario, each, clientId)).toEqual({ valid: false, reason: 'unknown' });
    }
  });

  it('costs one comparison whether the id is unknown or the secret is wrong', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ type: 'oauth2' });
    const costs = async (attempt: Promise<unknown>) => {
      const { compared, comparedWithNothing } = scenario.hasher;
      await attempt;
      return [scenario.hasher.compared - compared, scenario.hasher.comparedWithNothing - comparedWithNothing];
    };
    expect(await costs(scenario.use(UNKNOWN))).toEqual([0, 1]);
    const foreign = composeSecret('acme', 'key', 'nobodynobody', 'A'.repeat(43));
    expect(await costs(scenario.use(foreign))).toEqual([0, 1]);
    expect(await costs(scenario.use(withWrongSecret(secret)))).toEqual([1, 0]);
    expect(await costs(present(scenario, secret, 'cctl_id_0123456789ABCDEF'))).toEqual([1, 0]);
    expect(await costs(scenario.use(secret))).toEqual([1, 0]);
  });

  it('in this order: wrong secret, retired, inactive, owner inactive, expired, scope', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'ci', kind: 'service' });
    const secret = await scenario.issue({ owner: 'ci', expiresAt: START + 1 });
    const current = await scenario.rotate({ supersede: REVOKE });
    scenario.clock.advance(1);
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    await setOwnerStatus(scenario.process(), 'ci', 'inactive');
    const reasonOf = async (presented: string) => {
      const verdict = await scenario.use(presented, ['events:messages']);
      return verdict.valid ? 'valid' : verdict.reason;
    };
    expect(await reasonOf(withWrongSecret(secret))).toBe('wrong_secret');
    expect(await reasonOf(secret)).toBe('version_retired');
    expect(await reasonOf(current)).toBe('inactive');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    expect(await reasonOf(current)).toBe('owner_inactive');
    await setOwnerStatus(scenario.process(), 'ci', 'active');
    expect(await reasonOf(current)).toBe('expired');
    await editCredential(scenario.process(), { reference: 'ci-bot', expiresAt: null });
    expect(await reasonOf(current)).toBe('insufficient_scope');
    await editCredential(scenario.process(), { reference: 'ci-bot', scopes: { replace: ['events:*'] } });
    expect(await reasonOf(current)).toBe('valid');
  });

  it('and a refusal is no use', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    await scenario.use(secret, ['events:messages']);
    await scenario.use(withWrongSecret(secret));
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    await scenario.use(secret);
    expect(await scenario.show()).toMatchObject({ lastUsedAt: null, versions: [{ firstUsedAt: null }] });
  });
});

describe('what changes while a secret is being compared', () => {
  /** Presents the secret, and makes a change between the comparison and the answer. */
  const useDuring = async (scenario: Scenario, secret: string, change: () => Promise<unknown>) => {
    const hasher = new (class extends CheapHasher {
      override async matches(presented: string, stored: string): Promise<boolean> {
        const isRight = await super.matches(presented, stored);
        await change();
        return isRight;
      }
    })();
    return verify(
      { ...scenario.process(), hasher },
      { secret, clientId: null, scopes: ['data:users'], recordUse: true },
    );
  };

  it.each<readonly [string, string, (scenario: Scenario) => Promise<unknown>]>([
    [
      'a deactivation',
      'inactive',
      (scenario) => setCredentialStatus(scenario.process(), 'ci-bot', 'inactive'),
    ],
    ['a rotation for a leak', 'version_retired', (scenario) => scenario.rotate({ supersede: REVOKE })],
    [
      'a scope taken away',
      'insufficient_scope',
      (scenario) =>
        editCredential(scenario.process(), { reference: 'ci-bot', scopes: { replace: ['events:*'] } }),
    ],
  ])('counts at once: %s', async (_what, reason, change) => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    expect(await useDuring(scenario, secret, () => change(scenario))).toEqual({ valid: false, reason });
    expect((await scenario.show()).lastUsedAt).toBeNull();
  });
});

describe('a required scope', () => {
  it.each(['dta:users', 'data:usrs', 'nonsense'])(
    'that the catalog does not know is a usage error: %s',
    async (scope) => {
      const scenario = await openScenario();
      const secret = await scenario.issue();
      await expect(scenario.use(secret, [scope])).rejects.toEqual(failure('usage'));
    },
  );

  it('of credctl itself is always there', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ scopes: ['credctl:introspect'] });
    expect(await scenario.use(secret, ['credctl:introspect'])).toMatchObject({ valid: true });
  });
});
