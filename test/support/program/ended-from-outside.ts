import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { versionState } from '../../../src/domain/credential/version.js';
import { parseSecret } from '../../../src/domain/secret/secret-format.js';
import { commandOf, type DeliveryPlan, RESIDENTS, type Settled } from '../faults/interrupted-delivery.js';
import { AFTER_LAPSE, faultsIn, type Probe, probing, secretsIn, verdictOn } from '../stores/store-probe.js';
import type { Ended } from './real-program.js';
import { startedIn } from './started.js';
import type { Workplace } from './workplace.js';

/** What commands do that are ended while they put a secret in place, in two steps. */
const COMMANDS = {
  finishes: "trap '' TERM; : > $T.begun; cat > $T.new; sleep $PACE; mv $T.new $T",
  ignores: "trap '' TERM; : > $T.begun; cat > $T.new; sleep $PACE; mv $T.new $T; sleep 600",
  dies: ': > $T.begun; cat > $T.new; sleep $PACE; mv $T.new $T; sleep 0.2',
} as const;
export type Conduct = keyof typeof COMMANDS;
export const CONDUCTS: readonly Conduct[] = ['finishes', 'dies', 'ignores'];

/** What ends a delivery. */
export type Ender = 'SIGTERM' | 'SIGINT' | 'SIGHUP' | 'time-out';
export const ENDERS: readonly Ender[] = ['SIGTERM', 'SIGINT', 'SIGHUP', 'time-out'];

/** A delivery that is ended from outside. */
export interface EndedDelivery {
  readonly argv: readonly string[];
  /** The credentials that it is about, and the secret that each has so far. */
  readonly targets: readonly { readonly name: string; readonly earlier: string | null }[];
  /** What stands where the secret of a credential is to go; `stdout` is all that was printed. */
  readonly held: (name: string, stdout: string) => string;
  /** Whether the command has begun; null where there is none to wait for. */
  readonly hasBegun: (() => boolean) | null;
}

/** How a delivery left a credential. */
export type Outcome = 'untouched' | 'in doubt' | 'complete';

/** A delivery to a command of some conduct, `pace` seconds before it puts the secret in place. */
export function toCommand(
  operation: 'create' | 'rotate' | 'due',
  conduct: Conduct,
  { place, settled, pace, timeout }: Staged & { readonly pace: number; readonly timeout: string | null },
): EndedDelivery {
  const script = `umask 077; PACE=${pace.toFixed(3)} T="out/$CREDCTL_NAME"; ${COMMANDS[conduct]}`;
  const flags = timeout === null ? [] : ['--timeout', timeout];
  const issue = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:conversations'];
  const what = {
    create: issue,
    rotate: ['rotate', RESIDENTS['api-key'], '--now'],
    due: ['rotate', '--due', '--within', '2d', '--grace', '1h'],
  };
  const names = {
    create: ['newcomer'],
    rotate: [RESIDENTS['api-key']],
    due: [RESIDENTS.oauth2, RESIDENTS['api-key']],
  };
  const targets = names[operation].map((name) => ({ name, earlier: earlierOf(settled, name) }));
  for (const { name, earlier } of targets) {
    if (earlier !== null) writeFileSync(place.output(name), earlier, { mode: 0o600 });
  }
  return {
    argv: [...what[operation], ...flags, '--', 'sh', '-c', script],
    targets,
    held: (name) => textOf(place.output(name)),
    hasBegun: () => names[operation].some((name) => existsSync(place.output(`${name}.begun`))),
  };
}

/** A delivery to another place than a command. */
export function toPlace(plan: DeliveryPlan, { place, settled }: Staged): EndedDelivery {
  const name = plan.operation === 'create' ? 'newcomer' : RESIDENTS[plan.type];
  plan.destination.prepare(place, settled.secrets[plan.type]);
  return {
    argv: commandOf(plan, place),
    targets: [{ name, earlier: earlierOf(settled, name) }],
    held: (_, stdout) => plan.destination.arrived(place, stdout),
    hasBegun: null,
  };
}

interface Staged {
  readonly place: Workplace;
  readonly settled: Settled;
}

function earlierOf({ secrets }: Settled, name: string): string | null {
  if (name === RESIDENTS['api-key']) return secrets['api-key'];
  return name === RESIDENTS.oauth2 ? secrets.oauth2 : null;
}

/** Runs a delivery, sends it signals, and checks what it left. */
export async function endFromOutside(
  { place, settled }: Staged,
  delivery: EndedDelivery,
  signals: readonly { readonly signal: NodeJS.Signals; readonly afterMs: number }[],
  waitsForCommand: boolean,
): Promise<{ readonly ended: Ended; readonly outcomes: readonly Outcome[] }> {
  const { child, ended } = startedIn(place, delivery.argv);
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null;
  while (waitsForCommand && delivery.hasBegun?.() === false && !isOver()) await pause(5);
  for (const { signal, afterMs } of signals) {
    await pause(afterMs);
    child.kill(signal);
  }
  const end = await ended;
  const outcomes = await probing(place, async (probe) => {
    const found: Outcome[] = [];
    probe.setClock(AFTER_LAPSE);
    for (const target of delivery.targets) {
      const outcome = await outcomeFor(probe, target, delivery.held(target.name, end.stdout));
      found.push(outcome);
    }
    for (const secret of Object.values(settled.secrets)) {
      if (delivery.targets.every(({ earlier }) => earlier !== secret)) {
        expect(await verdictOn(probe, secret)).toBe('valid');
      }
    }
    expect(await faultsIn(probe)).toEqual([]);
    return found;
  });
  return { ended: end, outcomes };
}

/**
 * What became of a credential, after checking that no client is locked out, that nothing is live which was not handed
 * over, and that what is in doubt is pending.
 */
async function outcomeFor(
  probe: Probe,
  { name, earlier }: EndedDelivery['targets'][number],
  held: string,
): Promise<Outcome> {
  const credential = await probe.store.findCredential(name);
  const states = (credential?.versions ?? []).map((version) => versionState(version, probe.clock.now()));
  const [newest] = credential?.versions ?? [];
  const secrets = secretsIn(held);
  for (const secret of secrets)
    expect(await verdictOn(probe, secret), 'what is in place works').toBe('valid');
  const isInPlace = secrets.some((secret) => parseSecret(secret)?.id === newest?.id);
  const isNew = credential !== null && credential.versions.length === (earlier === null ? 1 : 2);
  if (isNew && states[0] === 'current') {
    expect(isInPlace, 'what is complete is in place').toBe(true);
    return 'complete';
  }
  if (earlier !== null)
    expect(await verdictOn(probe, earlier), 'the older one goes on working').toBe('valid');
  if (isNew && states[0] === 'pending') {
    expect(states).toEqual(earlier === null ? ['pending'] : ['pending', 'current']);
    return 'in doubt';
  }
  expect(states).toEqual(
    {
      0: [],
      1: ['current'],
      2: ['revoked', 'current'],
    }[states.length],
  );
  return 'untouched';
}

function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}
