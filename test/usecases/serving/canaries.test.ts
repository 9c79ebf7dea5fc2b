import { describe, expect, it, vi } from 'vitest';
import { parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { unusedCredentials } from '../../../src/usecases/credential/unused.js';
import { listLeaks } from '../../../src/usecases/leak/list-leaks.js';
import type { CanaryPresented } from '../../../src/usecases/serving/canary-watch.js';
import { forged, unknownSecret } from '../../support/servers/clients.js';
import { type Serving, serve } from '../../support/servers/serving.js';
import { openScenario, type Scenario } from '../scenario.js';

async function withCanary(change: Parameters<Scenario['issue']>[0] = {}) {
  const scenario = await openScenario();
  const secret = await scenario.issue({ canary: true, scopes: [], ...change });
  const told: CanaryPresented[] = [];
  const serving = serve(scenario, { onCanary: (presented) => told.push(presented) });
  return { scenario, secret, serving, told };
}

const leaksIn = async ({ store, clock }: Scenario) =>
  (await listLeaks(store, { withClosed: true, limit: 9 }, clock.now())).items;

/** What is read and compared for one answer. */
async function costOf({ hasher }: Scenario, serving: Serving, secret: string): Promise<readonly number[]> {
  const reads = (['findComparable', 'findPresentedVersion', 'findToken', 'metadata'] as const).map((method) =>
    vi.spyOn(serving.store, method),
  );
  const before = [hasher.compared, hasher.comparedWithNothing];
  expect(await serving.outcome(secret, { address: '192.0.2.99' })).not.toBe('accepted');
  const counts = reads.map((spy) => spy.mock.calls.length);
  for (const spy of reads) spy.mockRestore();
  return [
    ...counts,
    hasher.compared + hasher.comparedWithNothing - before.reduce((sum, count) => sum + count, 0),
  ];
}

describe('a canary', () => {
  it.each(['api-key', 'oauth2'] as const)(
    'of type %s is refused as unknown, whatever it is presented with',
    async (type) => {
      const { scenario, secret, serving } = await withCanary({ type });
      const { clientId } = await scenario.show();
      const own = clientId === null ? {} : { clientId };
      for (const how of [own, {}, { clientId: 'cctl_id_0123456789ABCDEF' }, { kinds: [] }]) {
        expect(await serving.outcome(secret, how)).toBe('unknown');
        await serving.verifier.canaries.flush();
      }
      expect(await leaksIn(scenario)).toHaveLength(1);
      await expect(serving.token(secret)).rejects.toThrow('refused: unknown');
    },
  );

  it('costs as many reads and comparisons as a wrong secret and as an unknown one', async () => {
    const { scenario, secret, serving } = await withCanary();
    const costs = [
      await costOf(scenario, serving, forged(secret)),
      await costOf(scenario, serving, secret),
      await costOf(scenario, serving, secret),
      await costOf(scenario, serving, unknownSecret('key')),
    ];
    expect(costs[0]?.at(-1)).toBe(1);
    expect(new Set(costs.map((cost) => cost.join(' '))).size, JSON.stringify(costs)).toBe(1);
  });

  it('is throttled as a wrong secret is', async () => {
    const { secret, serving } = await withCanary();
    const wrong = forged(secret);
    const outcomes = async (text: string, address: string) => {
      const seen: string[] = [];
      for (let n = 0; n < 12; n += 1) seen.push(await serving.outcome(text, { address }));
      return seen.map((outcome) => (outcome === 'throttled' ? outcome : 'refused'));
    };
    expect(await outcomes(secret, '192.0.2.1')).toEqual(await outcomes(wrong, '192.0.2.2'));
  });

  it('is recorded as a leak with address and time, and told of', async () => {
    const { scenario, secret, serving, told } = await withCanary({ name: 'bait' });
    const first = scenario.clock.now();
    await serving.outcome(secret, { address: '192.0.2.7' });
    await serving.outcome(secret, { address: '192.0.2.7' });
    await serving.outcome(forged(secret), { address: '192.0.2.7' });
    await serving.verifier.canaries.flush();
    const handle = parseSecret(secret)?.handle;
    expect(told).toEqual([{ handle, credential: 'bait', address: '192.0.2.7', at: first, times: 2 }]);
    const later = scenario.clock.advance(60_000);
    await serving.outcome(secret, { address: '' });
    await serving.verifier.canaries.flush();
    expect(told).toHaveLength(2);
    expect(await leaksIn(scenario)).toEqual([
      expect.objectContaining({
        isLive: false,
        credential: expect.objectContaining({ name: 'bait', status: 'canary' }),
        lastUsedAt: null,
        leak: expect.objectContaining({
          handle,
          source: 'canary',
          places: [
            `192.0.2.7 at ${new Date(first).toISOString()}`,
            `an unknown address at ${new Date(later).toISOString()}`,
          ],
          firstFoundAt: first,
          lastFoundAt: later,
        }),
      }),
    ]);
  });

  it('gives no alarm once it is deactivated, and does again once it is activated', async () => {
    const { scenario, secret, serving, told } = await withCanary();
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    expect(await serving.outcome(secret)).toBe('unknown');
    await serving.verifier.canaries.flush();
    expect([told, await leaksIn(scenario)]).toEqual([[], []]);
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    await serving.outcome(secret);
    await serving.verifier.canaries.flush();
    expect(told).toHaveLength(1);
  });

  it('gives alarm by a secret that was replaced, too', async () => {
    const { scenario, secret, serving } = await withCanary();
    await scenario.rotate();
    await serving.outcome(secret);
    await serving.verifier.canaries.flush();
    expect(await leaksIn(scenario)).toEqual([expect.objectContaining({ state: 'retiring', isLive: false })]);
  });

  it('is told of at once while the store cannot be written, and recorded once it can', async () => {
    const { scenario, secret, serving, told } = await withCanary();
    await scenario.files.tamper(
      "create trigger full before insert on leak begin select raise(abort, 'full'); end",
    );
    await serving.outcome(secret);
    await expect(serving.verifier.canaries.flush()).rejects.toThrow();
    await serving.outcome(secret);
    await expect(serving.verifier.canaries.flush()).rejects.toThrow();
    expect(told.map(({ credential }) => credential)).toEqual([null, null]);
    await scenario.files.tamper('drop trigger full');
    await serving.verifier.canaries.flush();
    expect(await leaksIn(scenario)).toHaveLength(1);
    expect(told).toHaveLength(2);
  });

  it('is looked at without a leak, and recorded where a script verifies for a caller', async () => {
    const { scenario, secret } = await withCanary();
    expect(await scenario.look(secret)).toEqual({ valid: false, reason: 'canary' });
    expect(await leaksIn(scenario)).toEqual([]);
    expect(await scenario.use(secret)).toEqual({ valid: false, reason: 'canary' });
    expect((await leaksIn(scenario)).map(({ leak }) => leak.source)).toEqual(['canary']);
    expect((await scenario.show()).lastUsedAt).toBeNull();
  });

  it.each([
    [0, true, 'is no, but yes'],
    [1, false, 'is yes, but no'],
  ])('is one by the audit trail, whatever the store was made to say: %i', async (tampered, canary, said) => {
    const scenario = await openScenario();
    await scenario.issue({ canary });
    expect(await scenario.store.check(scenario.clock.now())).toEqual([]);
    await scenario.files.tamper(`update credential set canary = ${tampered}`);
    expect(await scenario.store.check(scenario.clock.now())).toEqual([
      expect.objectContaining({
        check: 'trail',
        severity: 'error',
        message: `the mark as a canary of ci-bot ${said} according to the audit trail`,
      }),
    ]);
  });

  it('is left alone where what was long unused is cut off', async () => {
    const { scenario } = await withCanary({ name: 'bait' });
    await scenario.issue({ name: 'unused' });
    const now = scenario.clock.advance(100 * 86_400_000);
    const unusedFor = { text: '90d', ms: 90 * 86_400_000 };
    for (const cut of ['deactivate', 'delete'] as const) {
      const names: string[] = [];
      for await (const page of unusedCredentials(scenario.store, { cut, unusedFor, now })) {
        names.push(...page.map(({ name }) => name));
      }
      expect(names).toEqual(['unused']);
    }
  });
});
