import { describe, expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { verify } from '../../../src/usecases/credential/verify.js';
import { abortRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { failure } from '../../storage/fixtures.js';
import { replacing } from '../../support/dependencies/replaced-method.js';
import { openScenario } from '../scenario.js';

describe('a secret that an admin looks at', () => {
  it('counts as seen and not as used, and nothing is audited', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const events = await scenario.events();
    const seenAt = scenario.clock.advance('1m');
    expect(await scenario.look(secret)).toMatchObject({ valid: true });
    scenario.clock.advance('1m');
    await scenario.look(secret);
    const { lastUsedAt, versions } = await scenario.show();
    expect(lastUsedAt).toBeNull();
    expect(versions).toMatchObject([{ firstUsedAt: null, lastUsedAt: null, receivedAt: seenAt }]);
    expect(await scenario.events()).toEqual(events);
  });

  it('is proven to be received by a look: it does not lapse, and holds its name', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' } });
    expect(await scenario.look(secret)).toMatchObject({ valid: true });
    scenario.clock.advance('1d');
    expect(await scenario.accepts(secret)).toBe(true);
    expect((await scenario.tryIssue()).fault).toEqual(failure('conflict', /is taken/));
  });

  it('is taken back with its credential all the same: a look is no use of it', async () => {
    const scenario = await openScenario();
    const { secret } = await scenario.tryIssue({ by: { diesAt: 'delivered' }, to: { replaces: true } });
    await scenario.look(secret);
    await abortRotation(scenario.process(), { reference: 'ci-bot', force: false });
    expect(await scenario.exists()).toBe(false);
  });

  it.each(['findPresentedVersion', 'write'] as const)(
    'is of a deleted credential where that is deleted just before %s',
    async (method) => {
      const scenario = await openScenario();
      const secret = await scenario.issue();
      const store = replacing(scenario.store, method, async (...call) => {
        if (await scenario.exists()) await deleteCredential(scenario.process(), 'ci-bot');
        return Reflect.apply(scenario.store[method], scenario.store, call);
      });
      const input = { secret, clientId: null, scopes: [], recordUse: false };
      expect(await verify({ ...scenario.process(), store }, input)).toEqual({
        valid: false,
        reason: 'deleted',
        credential: expect.objectContaining({ name: 'ci-bot' }),
      });
    },
  );

  it('is answered where the look cannot be noted', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    for (const code of ['denied', 'store_unavailable'] as const) {
      const store = replacing(scenario.store, 'write', () =>
        Promise.reject(new CredctlError(code, 'the store is read-only')),
      );
      const input = { secret, clientId: null, scopes: [], recordUse: false };
      expect(await verify({ ...scenario.process(), store }, input)).toMatchObject({ valid: true });
      await expect(verify({ ...scenario.process(), store }, { ...input, recordUse: true })).rejects.toEqual(
        failure(code),
      );
    }
  });
});
