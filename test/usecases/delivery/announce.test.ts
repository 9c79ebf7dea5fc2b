import { describe, expect, it } from 'vitest';
import type { Announce, Destination } from '../../../src/domain/ports/ports.js';
import { resumeRotation } from '../../../src/usecases/rotation/end-rotation.js';
import { openScenario, type Scenario } from '../scenario.js';

const KEYCHAIN = { kind: 'keychain', replaces: true } as const;
const FILE = { kind: 'file', replaces: false } as const;

/** Standard output with a hook that runs between the write and the confirmation. */
function screen(act: (announce: Announce) => Promise<unknown>): Destination {
  return {
    kind: 'stdout',
    replaces: false,
    preflight: async () => {},
    deliver: async (_, announce) => void (await act(announce)),
    undo: async () => {},
  };
}

async function newest(scenario: Scenario) {
  const [version] = (await scenario.show()).versions;
  if (version === undefined) throw new Error('there is no version');
  return version;
}

describe('a place that a secret is sent to while it is handed over', () => {
  it('is on record before anything happens there, and stays so', async () => {
    const scenario = await openScenario();
    const seen: unknown[] = [];
    const act = async (announce: Announce) => {
      for (const place of [KEYCHAIN, FILE, KEYCHAIN]) {
        await announce(place);
        seen.push((await newest(scenario)).destinations);
      }
    };
    await scenario.issue({ also: [screen(act)] });
    expect(seen).toEqual([
      ['stdout', 'keychain'],
      ['stdout', 'keychain', 'file'],
      ['stdout', 'keychain', 'file'],
    ]);
    expect((await newest(scenario)).destinations).toEqual(['stdout', 'keychain', 'file']);
    expect((await newest(scenario)).deliveredAt).not.toBeNull();
  });

  it('keeps the version from stopping by itself, if somebody can find the secret there', async () => {
    const scenario = await openScenario();
    const lapses: boolean[] = [];
    const act = async (announce: Announce) => {
      lapses.push((await newest(scenario)).lapsesAt !== null);
      await announce(FILE);
      lapses.push((await newest(scenario)).lapsesAt !== null);
      await announce(KEYCHAIN);
      lapses.push((await newest(scenario)).lapsesAt !== null);
    };
    await scenario.issue({ also: [screen(act)] });
    expect(lapses).toEqual([true, true, false]);
  });

  it('is taken off the record where nothing came of it', async () => {
    const scenario = await openScenario();
    const seen: unknown[] = [];
    const act = async (announce: Announce) => {
      const before = await newest(scenario);
      const withdraw = await announce(KEYCHAIN);
      await withdraw();
      seen.push(before, await newest(scenario));
    };
    await scenario.issue({ also: [screen(act)] });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ destinations: ['stdout'], lapsesAt: expect.any(Number) });
  });

  it('stays on record where another command has confirmed the delivery before it is taken off', async () => {
    const scenario = await openScenario();
    const seen: unknown[] = [];
    const act = async (announce: Announce) => {
      const withdraw = await announce(KEYCHAIN);
      const elsewhere = scenario.process({ host: 'there' });
      await resumeRotation(elsewhere, { reference: 'ci-bot', takeOver: true });
      const confirmed = await newest(scenario);
      await withdraw();
      seen.push(confirmed, await newest(scenario));
    };
    await scenario.issue({ also: [screen(act)] });
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[1]).toMatchObject({ deliveredAt: scenario.clock.now(), lapsesAt: null });
  });

  it('is refused when the credential has been deleted meanwhile', async () => {
    const scenario = await openScenario();
    const faults: unknown[] = [];
    const act = async (announce: Announce) => {
      const { id } = await scenario.show();
      await scenario.files.store.write((tx) => tx.deleteCredential(id, scenario.clock.now()));
      await announce(KEYCHAIN).catch((fault: unknown) => faults.push(fault));
    };
    const { fault } = await scenario.tryIssue({ also: [screen(act)] });
    expect(faults).toMatchObject([
      { code: 'undelivered', message: expect.stringContaining('another command') },
    ]);
    expect(fault).toMatchObject({ code: 'partial' });
  });
});
