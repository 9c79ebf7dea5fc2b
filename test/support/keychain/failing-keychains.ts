import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultNumber } from '../faults/fault-numbers.js';
import { credctl, type Ended, PROGRAM, type RunOptions, runIn } from '../program/real-program.js';
import type { Workplace } from '../program/workplace.js';
import { openKeychain } from './fake-keychains.js';
import type { Misbehaviour } from './misbehaviour.js';
import type { FakeSecretService } from './secret-service.js';

/** A keychain that cannot take a secret, or does not keep it. */
export interface FailingKeychain {
  readonly name: string;
  /** How often it is tried. */
  readonly times: number;
  /** How many tries are under way at a time: more where they wait for something. */
  readonly concurrency: number;
  /** Whether it fails only when there is a secret already. */
  readonly failsLate: boolean;
  /** Whether what it saved may stay there, dead: it does not answer any more, or not in time on a busy machine. */
  readonly mayLeave: boolean;
  /** Whether the time is up before it fails. */
  readonly hangs: boolean;
  /** Prepares a workplace; answers with the keychain, if there is one at all. */
  readonly prepare: (place: Workplace) => FakeSecretService | null;
  readonly run: (place: Workplace, argv: readonly string[], options?: RunOptions) => Promise<Ended>;
}

/** Where there is no keychain at all: in each of three ways, a hundred times together. */
const OFTEN = faultNumber(34);
/** The others differ in what a keychain answers, not in what we do about it. */
const SOMETIMES = faultNumber(20);
/** Each of them takes as long as is waited for it. */
const SELDOM = faultNumber(10);

/** Says how long a keychain may take. */
export function limitKeychain(place: Workplace, timeout: string): void {
  const directory = join(place.root, 'config', 'credctl');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'config.toml'), `keychain_timeout = "${timeout}"\n`);
}

function misbehaving(
  name: string,
  misbehaviour: Misbehaviour,
  when: FakeSecretService['when'] = 'always',
): FailingKeychain {
  const hangs = misbehaviour.startsWith('hangs') || misbehaviour === 'prompts forever';
  return {
    name,
    times: hangs ? SELDOM : misbehaviour === 'absent' ? OFTEN : SOMETIMES,
    concurrency: hangs ? 10 : 4,
    failsLate: when === 'delivery',
    mayLeave: hangs || misbehaviour === 'drops the connection',
    hangs,
    prepare(place) {
      limitKeychain(place, hangs ? '2s' : '90s');
      const keychain = openKeychain(place);
      keychain.misbehaviour = misbehaviour;
      keychain.when = when;
      return keychain;
    },
    run: credctl,
  };
}

const MISSING = {
  times: OFTEN,
  concurrency: 4,
  failsLate: false,
  mayLeave: false,
  hangs: false,
  prepare: () => null,
};

/** Every way in which a keychain fails. */
export const FAILING_KEYCHAINS: readonly FailingKeychain[] = [
  { ...MISSING, name: 'a bus that nobody listens at', run: credctl },
  {
    ...MISSING,
    name: 'no bus at all',
    run: (place, argv) =>
      runIn(place, ['env', '-u', 'DBUS_SESSION_BUS_ADDRESS', process.execPath, PROGRAM, ...argv]),
  },
  misbehaving('a bus without a keychain', 'absent'),
  misbehaving('a keychain that is locked', 'locked'),
  misbehaving('one that denies writing', 'denies writing'),
  misbehaving('one that denies writing the secret', 'denies writing', 'delivery'),
  misbehaving('one that denies reading', 'denies reading'),
  misbehaving('one that denies reading the secret', 'denies reading', 'delivery'),
  misbehaving('one that loses what was written', 'loses what was written'),
  misbehaving('one that loses the secret', 'loses what was written', 'delivery'),
  misbehaving('one that returns something else', 'returns something else'),
  misbehaving('one that returns another secret', 'returns something else', 'delivery'),
  misbehaving('one that goes away', 'drops the connection'),
  misbehaving('one that goes away with the secret', 'drops the connection', 'delivery'),
  misbehaving('one that hangs when it is connected to', 'hangs at connecting'),
  misbehaving('one that hangs when it is opened', 'hangs at opening'),
  misbehaving('one that asks for its password for ever', 'prompts forever'),
  misbehaving('one that hangs at writing', 'hangs at writing'),
  misbehaving('one that hangs at writing the secret', 'hangs at writing', 'delivery'),
  misbehaving('one that hangs at reading back', 'hangs at reading'),
  misbehaving('one that hangs at reading back the secret', 'hangs at reading', 'delivery'),
];
