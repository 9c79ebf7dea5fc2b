import { describe, expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import type { Place } from '../../../src/domain/scan/place.js';
import { composeSecret, parseSecret } from '../../../src/domain/secret/secret-format.js';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { identify } from '../../../src/usecases/scan/identify.js';
import { type Remedy, revokeFound } from '../../../src/usecases/scan/revoke.js';
import { Killed } from '../../support/dependencies/dependencies.js';
import { ScriptedDestination } from '../../support/dependencies/destinations.js';
import { issueToken } from '../issued-token.js';
import { openScenario, type Scenario } from '../scenario.js';

const PLACE: Place = {
  path: 'src/a.ts',
  line: 12,
  column: 8,
  encoding: 'text',
  commit: '1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
  atHead: true,
};

interface Plan {
  readonly remedy?: Remedy;
  readonly by?: ReturnType<Scenario['process']>;
  readonly to?: ScriptedDestination;
  readonly reason?: string;
  readonly isStopped?: () => Promise<boolean>;
}

/** Finds the secrets as a scan does, and deals with them. */
async function found(scenario: Scenario, secrets: readonly string[]) {
  return Promise.all(
    secrets.map(async (text) => {
      const secret = parseSecret(text);
      if (secret === null) throw new TypeError('no secret');
      return { secret, places: [PLACE], standing: await identify(scenario.process(), secret) };
    }),
  );
}

function revoke(scenario: Scenario, findings: Awaited<ReturnType<typeof found>>, plan: Plan = {}) {
  const {
    remedy = 'deactivate',
    by = scenario.process(),
    to = new ScriptedDestination(),
    reason = null,
  } = plan;
  const isStopped = plan.isStopped ?? (async () => false);
  return revokeFound(by, { remedy, findings, reason, destinationsFor: async () => [to], isStopped });
}

describe('stopping what was found', () => {
  it('deactivates the credential once, with the place as the reason', async () => {
    const scenario = await openScenario();
    const first = await scenario.issue();
    const second = await scenario.rotate();
    const outcome = await revoke(scenario, await found(scenario, [first, second]));
    expect(outcome.map(({ action }) => action)).toEqual(['deactivated', 'deactivated']);
    const [last] = (await scenario.events()).toReversed();
    expect(last).toMatchObject({
      action: 'credential.deactivate',
      reason: 'leaked in src/a.ts:12:8@1a2b3c4d5e6f',
    });
    expect((await scenario.actions()).filter((action) => action === 'credential.deactivate')).toHaveLength(1);
    expect(await scenario.accepts(second)).toBe(false);
  });

  it('rotates, and revokes every older secret once the new one is delivered', async () => {
    const scenario = await openScenario();
    const first = await scenario.issue();
    const second = await scenario.rotate();
    const to = new ScriptedDestination();
    const [outcome] = await revoke(scenario, await found(scenario, [first]), {
      remedy: 'rotate-now',
      to,
      reason: 'mail',
    });
    expect(outcome).toMatchObject({ action: 'rotated', fault: null });
    expect([await scenario.accepts(first), await scenario.accepts(second)]).toEqual([false, false]);
    expect(await scenario.accepts(to.secret)).toBe(true);
    expect((await scenario.events()).at(-1)).toMatchObject({
      reason: 'mail; leaked in src/a.ts:12:8@1a2b3c4d5e6f',
    });
  });

  it('never acts on a forgery, nor on what is dead or foreign', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue();
    const forged = composeSecret('cctl', 'key', parseSecret(secret)?.id ?? '', 'f'.repeat(43));
    const foreign = composeSecret('cctl', 'key', '0'.repeat(12), 'f'.repeat(43));
    const before = await scenario.events();
    for (const remedy of ['deactivate', 'rotate-now'] as const) {
      expect(await revoke(scenario, await found(scenario, [forged, foreign]), { remedy })).toEqual([]);
    }
    expect(await scenario.events()).toEqual(before);
    expect(await scenario.accepts(secret)).toBe(true);
  });

  it('revokes an access token by itself, its client only where that leaked as well', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ type: 'oauth2' });
    const [one, two] = [
      await issueToken(scenario, ['data:users']),
      await issueToken(scenario, ['data:users']),
    ];
    expect(await revoke(scenario, await found(scenario, [one]))).toMatchObject([{ action: 'token_revoked' }]);
    expect(await scenario.use(one)).toMatchObject({ valid: false, reason: 'unknown' });
    expect((await scenario.use(two)).valid).toBe(true);
    expect(await scenario.accepts(secret)).toBe(true);
    const both = await revoke(scenario, await found(scenario, [two, secret]));
    expect(both.map(({ action }) => action)).toEqual(['deactivated', 'token_revoked']);
    expect(await scenario.accepts(secret)).toBe(false);
  });

  it('leaves what was stopped since it was found', async () => {
    const scenario = await openScenario();
    const findings = await found(scenario, [await scenario.issue()]);
    await setCredentialStatus(scenario.process(), 'ci-bot', 'inactive');
    await setCredentialStatus(scenario.process(), 'ci-bot', 'active');
    const rotated = await scenario.rotate({ supersede: { kind: 'revoke' } });
    const before = await scenario.events();
    for (const remedy of ['deactivate', 'rotate-now'] as const) {
      expect(await revoke(scenario, findings, { remedy })).toMatchObject([{ action: 'none', fault: null }]);
    }
    expect(await scenario.events()).toEqual(before);
    expect(await scenario.accepts(rotated)).toBe(true);
  });

  it('goes on after a failure, by which the old secret still works', async () => {
    const scenario = await openScenario();
    const secrets = [await scenario.issue({ name: 'one' }), await scenario.issue({ name: 'two' })];
    const findings = await found(scenario, secrets);
    const to = new ScriptedDestination({ failsAt: 'deliver' });
    const outcome = await revoke(scenario, findings, { remedy: 'rotate-now', to });
    expect(outcome).toMatchObject([
      { name: 'one', fault: expect.any(CredctlError) },
      { name: 'two', fault: expect.any(CredctlError) },
    ]);
    expect(await Promise.all(secrets.map((secret) => scenario.accepts(secret)))).toEqual([true, true]);
  });

  it('leaves the rest where a signal comes, and a later run completes it', async () => {
    const scenario = await openScenario();
    const secrets = [await scenario.issue({ name: 'one' }), await scenario.issue({ name: 'two' })];
    const answers = [false, true];
    const isStopped = async () => answers.shift() ?? true;
    expect(await revoke(scenario, await found(scenario, secrets), { isStopped })).toMatchObject([
      { name: 'one', action: 'deactivated' },
      { name: 'two', action: 'left' },
    ]);
    expect(await revoke(scenario, await found(scenario, secrets))).toMatchObject([
      { name: 'two', action: 'deactivated' },
    ]);
  });

  it.each(['inserted', 'committed', 'delivered', 'confirmed'] as const)(
    'is completed by another run where it was killed once %s',
    async (diesAt) => {
      const scenario = await openScenario();
      const secret = await scenario.issue();
      const to = new ScriptedDestination();
      const by = scenario.process({ diesAt });
      const first = revoke(scenario, await found(scenario, [secret]), { remedy: 'rotate-now', to, by });
      await expect(first).rejects.toBeInstanceOf(Killed);
      await revoke(scenario, await found(scenario, [secret]), { remedy: 'rotate-now', to });
      expect(await scenario.accepts(secret)).toBe(false);
      expect(await scenario.accepts(to.secret)).toBe(true);
    },
  );
});
