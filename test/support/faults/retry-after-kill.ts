import { lstatSync, readdirSync } from 'node:fs';
import { expect } from 'vitest';
import { credctl, type Ended } from '../program/real-program.js';
import { faultsIn, probing, secretsIn, verdictOn } from '../stores/store-probe.js';
import type { Phase, Remains } from './aftermath.js';
import { commandOf, type DeliveryPlan } from './interrupted-delivery.js';

/**
 * Gives the command that was killed once more, to the real program: it goes ahead, onto the same place. Where the
 * killed run had completed a `create`, it is a conflict; where it had completed a rotation, there is another one.
 */
export async function checkRetry(remains: Remains): Promise<void> {
  const { plan, place, phase, settled } = remains;
  const command = commandOf(plan, place);
  if (phase !== 'after B') {
    return checkRetried(remains, Object.values(settled.secrets), await credctl(place, command));
  }
  if (plan.operation === 'create') {
    const again = await credctl(place, command);
    expect(again, 'what was completed is a conflict').toMatchObject({ exitCode: 5, stdout: '' });
    return;
  }
  const now = await credctl(place, withFlags(command, ['--now', ...force(command)]));
  const others = Object.entries(settled.secrets).filter(([type]) => type !== plan.type);
  return checkRetried(
    remains,
    others.map(([, secret]) => secret),
    now,
  );
}

/** What stands after `--` belongs to the command that takes the secret. */
function withFlags(command: readonly string[], flags: readonly string[]): readonly string[] {
  const end = command.includes('--') ? command.indexOf('--') : command.length;
  return [...command.slice(0, end), ...flags, ...command.slice(end)];
}

function force(command: readonly string[]): readonly string[] {
  return command.includes('--output') && !command.includes('--force') ? ['--force'] : [];
}

async function checkRetried(
  { plan, place, received, phase }: Remains,
  stillGood: readonly string[],
  ended: Ended,
): Promise<void> {
  expect(ended.exitCode, ended.stderr).toBe(0);
  const [secret = '', ...others] = secretsIn(plan.destination.arrived(place, ended.stdout));
  expect(others).toEqual([]);
  expect(secret).not.toBe(received);
  await probing(place, async (deps) => {
    for (const good of [secret, ...stillGood]) expect(await verdictOn(deps, good)).toBe('valid');
    if (received !== null) expect(await verdictOn(deps, received)).toBe(fateOfReceived(plan, phase));
    expect(await faultsIn(deps)).toEqual([]);
  });
  expect(readdirSync(place.outputs), 'nothing is left beside the output').toEqual(plan.destination.files);
  for (const file of plan.destination.files) {
    expect(lstatSync(place.output(file)).mode & 0o7777).toBe(0o600);
  }
}

/** A create that is done again takes the name over; a rotation gives the version before it the grace. */
function fateOfReceived({ operation, destination }: DeliveryPlan, phase: Phase): string {
  if (phase === 'after B') return 'version_retired';
  if (operation === 'rotate') return 'valid';
  return destination.lapses ? 'deleted' : 'version_retired';
}
