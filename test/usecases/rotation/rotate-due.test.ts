import { describe, expect, it } from 'vitest';
import { setCredentialStatus } from '../../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import {
  dueCredentials,
  type RotatedDue,
  rotateDue,
  stoppedDue,
} from '../../../src/usecases/rotation/rotate-due.js';
import { aNewCredential, failure } from '../../storage/fixtures.js';
import { type DestinationScript, ScriptedDestination } from '../../support/dependencies/destinations.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { replacing } from '../../support/dependencies/replaced-method.js';
import { DAY, openScenario, type Scenario } from '../scenario.js';

const every = (days: number) => ({ text: `${days}d`, ms: days * DAY });

/** Credentials `a` to `d`, due after 1 to 4 days. */
async function four(): Promise<Scenario> {
  const scenario = await openScenario();
  for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
    await scenario.issue({ name, rotateEvery: every(index + 1) });
  }
  return scenario;
}

function due(
  scenario: Scenario,
  within: number,
  scripts: Readonly<Record<string, DestinationScript>> = {},
  told: string[] = [],
): Promise<RotatedDue> {
  return rotateDue(scenario.process(), {
    dueBy: scenario.clock.now() + within,
    supersede: { kind: 'grace', ms: DAY },
    destinationsFor: async ({ name }) => [new ScriptedDestination(scripts[name])],
    isStopped: async () => false,
    onProgress: ({ index, total, name, outcome }) => told.push(`${index}/${total} ${name} ${outcome}`),
  });
}

describe('rotate --due', () => {
  it('rotates what is due by then, by name, and nothing else', async () => {
    const scenario = await four();
    scenario.clock.advance('2d');
    expect(await due(scenario, 0)).toEqual({ rotated: ['a', 'b'], failed: [], skipped: [] });
    expect(await scenario.states('a')).toEqual(['retiring', 'current']);
    expect(await scenario.states('c')).toEqual(['current']);
    expect(await due(scenario, 0)).toEqual({ rotated: [], failed: [], skipped: [] });
  });

  it('looks ahead', async () => {
    const scenario = await four();
    const names = (credentials: readonly { name: string }[]) => credentials.map(({ name }) => name);
    expect(names(await dueCredentials(scenario.store, START + 3 * DAY, START))).toEqual(['a', 'b', 'c']);
    expect(names(await dueCredentials(scenario.store, START + DAY - 1, START))).toEqual([]);
    expect((await due(scenario, 3 * DAY)).rotated).toEqual(['a', 'b', 'c']);
  });

  it('leaves out what is inactive, expired or without a policy', async () => {
    const scenario = await four();
    await scenario.issue({ name: 'e', rotateEvery: every(1), expiresAt: START + DAY });
    await scenario.issue({ name: 'f' });
    await setCredentialStatus(scenario.process(), 'a', 'inactive');
    scenario.clock.advance('30d');
    expect((await due(scenario, 0)).rotated).toEqual(['b', 'c', 'd']);
  });

  it('leaves out what an inactive owner stops, and tells what is left out for being stopped', async () => {
    const scenario = await four();
    await createOwner(scenario.process(), { name: 'crm', kind: 'service' });
    await scenario.issue({ name: 'e', rotateEvery: every(1), owner: 'crm' });
    await scenario.issue({ name: 'f', rotateEvery: every(60), owner: 'crm' });
    await setOwnerStatus(scenario.process(), 'crm', 'inactive');
    await setCredentialStatus(scenario.process(), 'd', 'inactive');
    scenario.clock.advance('30d');
    const now = scenario.clock.now();
    expect((await stoppedDue(scenario.store, now, now)).map(({ name }) => name)).toEqual(['d', 'e']);
    expect(await due(scenario, 0)).toEqual({ rotated: ['a', 'b', 'c'], failed: [], skipped: [] });
  });

  it('skips what its owner stopped meanwhile', async () => {
    const scenario = await four();
    await createOwner(scenario.process(), { name: 'crm', kind: 'service' });
    await editCredential(scenario.process(), { reference: 'b', owner: 'crm' });
    scenario.clock.advance('2d');
    const meddle = () => setOwnerStatus(scenario.process(), 'crm', 'inactive');
    expect(await due(scenario, 0, { a: { meanwhile: { deliver: meddle } } })).toEqual({
      rotated: ['a'],
      failed: [],
      skipped: [{ name: 'b', reason: 'not_due', fault: null }],
    });
  });

  it('goes on after a failure, and ends with a summary', async () => {
    const scenario = await four();
    scenario.clock.advance('30d');
    const told: string[] = [];
    const result = await due(scenario, 0, { b: { failsAt: 'deliver' }, c: { failsAt: 'preflight' } }, told);
    expect(result).toEqual({
      rotated: ['a', 'd'],
      failed: [
        { name: 'b', fault: failure('undelivered') },
        { name: 'c', fault: failure('undelivered') },
      ],
      skipped: [],
    });
    expect(told).toEqual([
      '1/4 a begun',
      '1/4 a rotated',
      '2/4 b begun',
      '2/4 b failed',
      '3/4 c begun',
      '3/4 c failed',
      '4/4 d begun',
      '4/4 d rotated',
    ]);
  });

  it('goes on after a failure that nobody foresaw', async () => {
    const scenario = await four();
    scenario.clock.advance('30d');
    const result = await due(scenario, 0, { b: { failsAt: 'preflight', fault: 'foreign' } });
    expect(result.rotated).toEqual(['a', 'c', 'd']);
    expect(result.failed.map(({ name }) => name)).toEqual(['b']);
  });

  it('skips what is in conflict', async () => {
    const scenario = await four();
    for (let n = 0; n < 4; n += 1) {
      await scenario.rotate({ reference: 'b', supersede: { kind: 'grace', ms: 60 * DAY } });
    }
    scenario.clock.advance('30d');
    expect(await due(scenario, 0)).toEqual({
      rotated: ['a', 'c', 'd'],
      failed: [],
      skipped: [{ name: 'b', reason: 'conflict', fault: failure('conflict') }],
    });
  });

  it('skips what somebody else rotated, deleted or switched off meanwhile', async () => {
    const scenario = await four();
    scenario.clock.advance('30d');
    const meddle = async () => {
      await scenario.rotate({ reference: 'b' });
      await deleteCredential(scenario.process(), 'c');
      await setCredentialStatus(scenario.process(), 'd', 'inactive');
    };
    const result = await due(scenario, 0, { a: { meanwhile: { deliver: meddle } } });
    expect(result.rotated).toEqual(['a']);
    expect(result.failed).toEqual([]);
    expect(result.skipped.map(({ name }) => name)).toEqual(['b', 'c', 'd']);
    expect(await scenario.states('d')).toEqual(['current']);
  });

  it('works through more credentials than fit on a page', async () => {
    const scenario = await openScenario();
    await scenario.store.write(async (tx) => {
      for (let index = 0; index < 210; index += 1) {
        await tx.insertCredential(aNewCredential({ rotateEvery: every(1), rotationDueAt: START + DAY }));
      }
    });
    expect(await dueCredentials(scenario.store, START + DAY, START)).toHaveLength(210);
  });
});

describe('what is due and changes while it is listed', () => {
  it('is listed once, also where it is renamed between two pages', async () => {
    const scenario = await four();
    const [one] = await dueCredentials(scenario.store, START + 9 * DAY, scenario.clock.now());
    const pages = ['more', null];
    const store = replacing(scenario.store, 'listCredentials', async () => ({
      items: [one],
      nextCursor: pages.shift() ?? null,
    }));
    expect(await dueCredentials(store, START + 9 * DAY, scenario.clock.now())).toEqual([one]);
    expect(pages).toEqual([]);
  });

  it('is stopped for one reason, also where it is activated between the listings of each', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'crm', kind: 'service' });
    await scenario.issue({ name: 'a', owner: 'crm', rotateEvery: every(1) });
    await setOwnerStatus(scenario.process(), 'crm', 'inactive');
    await setCredentialStatus(scenario.process(), 'a', 'inactive');
    const store = replacing(scenario.store, 'listCredentials', async (...call) => {
      const page = await Reflect.apply(scenario.store.listCredentials, scenario.store, call);
      await setCredentialStatus(scenario.process(), 'a', 'active');
      return page;
    });
    const stopped = await stoppedDue(store, START + 9 * DAY, scenario.clock.now());
    expect(stopped.map(({ name }) => name)).toEqual(['a']);
  });
});
