import { expect } from 'vitest';
import { credctl, documentOf } from '../program/real-program.js';
import type { Workplace } from '../program/workplace.js';
import { faultsIn, onlySecretIn, type Probe, verdictOn } from '../stores/store-probe.js';
import { faultNumber } from './fault-numbers.js';

/** The credential that all workers edit at the same time. */
export const SHARED = 'shared';

const ROUNDS = faultNumber(4);

/** What each worker gives: twelve commands a round, and two looks in the end. */
export const COMMANDS = 12 * ROUNDS + 2;

/** What a worker has done by its end. */
export interface Worked {
  readonly commands: number;
  /** The credentials that it left, by name, with their current secret. */
  readonly kept: ReadonlyMap<string, string>;
  /** The labels that it put on the shared credential. */
  readonly labels: readonly string[];
  /** How many events of each action it must have left in the audit trail. */
  readonly events: Readonly<Record<string, number>>;
}

/** A list as `list --json` prints it. */
interface Listing {
  readonly credentials: readonly { readonly name: string }[];
}

/**
 * Gives its commands one after the other and checks what each of them answers: only this worker touches its own
 * credentials, so that every answer is certain.
 */
export async function work(place: Workplace, worker: number): Promise<Worked> {
  const kept = new Map<string, string>();
  const labels: string[] = [];
  let commands = 0;
  const run = async (exitCode: number, argv: readonly string[], input?: string): Promise<string> => {
    commands += 1;
    const ended = await credctl(place, argv, input === undefined ? {} : { input });
    expect(ended, `${argv.join(' ')}: ${ended.stderr}`).toMatchObject({ exitCode });
    expect(ended.stderr).not.toMatch(/busy|locked/i);
    return ended.stdout;
  };

  for (let round = 0; round < ROUNDS; round += 1) {
    const name = `worker-${worker}/round-${round}`;
    const create = ['create', name, '--type', 'api-key', '--scope', 'data:conversations'];
    const first = onlySecretIn(await run(0, create));
    const listed = documentOf<Listing>({ stdout: await run(0, ['list', '--search', name, '--json']) });
    expect(listed.credentials.map((credential) => credential.name)).toEqual([name]);
    expect(await run(0, ['show', name, '--json'])).toContain('"status":"active"');
    await run(0, ['edit', name, '--description', `by worker ${worker}`]);
    await run(0, ['verify'], first);
    const second = onlySecretIn(await run(0, ['rotate', name, '--now']));
    await run(0, ['verify'], second);
    expect(await run(4, ['verify'], first)).toContain('version_retired');
    const label = `worker-${worker}-${round}`;
    await run(0, ['edit', SHARED, '--label', `${label}=done`]);
    labels.push(label);
    await run(0, ['deactivate', name]);
    expect(await run(4, ['verify'], second)).toContain('not valid: inactive');
    if (round % 2 === 0) {
      await run(0, ['activate', name]);
      kept.set(name, second);
    } else {
      await run(0, ['delete', name, '--yes']);
    }
  }
  await run(0, ['audit', 'verify']);
  await run(0, ['store', 'check']);
  return { commands, kept, labels, events: EVENTS };
}

const EVENTS = Object.fromEntries(
  Object.entries({
    'credential.create': ROUNDS,
    'credential.deliver': ROUNDS,
    'credential.rotate': ROUNDS,
    'credential.rotate.deliver': ROUNDS,
    'credential.edit': 2 * ROUNDS,
    'credential.deactivate': ROUNDS,
    'credential.activate': Math.ceil(ROUNDS / 2),
    'credential.delete': Math.floor(ROUNDS / 2),
  }).filter(([, count]) => count > 0),
);

/** The store is sound, and everything that the workers did is in it, beside the credentials that were there before. */
export async function expectNothingLost(
  probe: Probe,
  worked: readonly Worked[],
  others: readonly string[],
): Promise<void> {
  expect(await faultsIn(probe)).toEqual([]);
  const shared = await probe.store.findCredential(SHARED);
  expect([...(shared?.labels.keys() ?? [])].sort()).toEqual(worked.flatMap(({ labels }) => labels).sort());
  const kept = worked.flatMap((one) => [...one.kept]);
  const { items } = await probe.store.listCredentials({ now: Date.now(), sort: 'name', limit: 1_000 });
  const names = [...kept.map(([name]) => name), SHARED, ...others];
  expect(items.map(({ name }) => name).sort()).toEqual(names.sort());
  for (const [, secret] of kept) expect(await verdictOn(probe, secret)).toBe('valid');
}
