import { readFileSync, writeFileSync } from 'node:fs';
import { limitKeychain } from '../keychain/failing-keychains.js';
import { keychainOf, openKeychain } from '../keychain/fake-keychains.js';
import { credctl, type Ended } from '../program/real-program.js';
import { makeWorkplace, type Workplace } from '../program/workplace.js';
import { onlySecretIn } from '../stores/store-probe.js';

export const OPERATIONS = ['create', 'rotate'] as const;
export type Operation = (typeof OPERATIONS)[number];

/** A place where a secret is handed over, as the tests of interruptions see it. */
export interface InterruptibleDestination {
  readonly name: string;
  /** Whether an undelivered version stops by itself: no earlier secret can have been lost here. */
  readonly lapses: boolean;
  /** Puts there what stood there before; `earlier` is the secret that is being rotated away. */
  readonly prepare: (place: Workplace, earlier: string) => void;
  readonly flags: (place: Workplace) => readonly string[];
  /** Everything that has arrived. */
  readonly arrived: (place: Workplace, stdout: string) => string;
  /** The outputs that exist after a delivery went well. */
  readonly files: readonly string[];
}

const FILE = 'secret.txt';

/** Every destination that there is; later ones join here. */
export const DESTINATIONS: readonly InterruptibleDestination[] = [
  {
    name: 'standard output',
    lapses: true,
    prepare: () => {},
    flags: () => [],
    arrived: (_, stdout) => stdout,
    files: [],
  },
  {
    name: 'a new file',
    lapses: true,
    prepare: () => {},
    flags: (place) => ['--output', place.output(FILE)],
    arrived: (place) => textOf(place),
    files: [FILE],
  },
  {
    name: 'a replaced file',
    lapses: false,
    prepare: (place, earlier) => writeFileSync(place.output(FILE), `${earlier}\n`, { mode: 0o600 }),
    flags: (place) => ['--output', place.output(FILE), '--force'],
    arrived: (place) => textOf(place),
    files: [FILE],
  },
  {
    name: 'the keychain',
    lapses: false,
    prepare(place) {
      limitKeychain(place, '90s');
      openKeychain(place);
    },
    flags: () => ['--keychain', '--no-print'],
    arrived: (place) =>
      keychainOf(place)
        .entries.map(({ secret }) => secret)
        .join('\n'),
    files: [],
  },
  {
    name: 'a command',
    lapses: false,
    prepare: (place, earlier) => writeFileSync(place.output(FILE), `${earlier}\n`, { mode: 0o600 }),
    flags: (place) => ['--', 'sh', '-c', 'umask 077; cat > "$1"', 'sh', place.output(FILE)],
    arrived: (place) => textOf(place),
    files: [FILE],
  },
];

function textOf(place: Workplace): string {
  try {
    return readFileSync(place.output(FILE), 'utf8');
  } catch {
    return '';
  }
}

/** A `create` or a `rotate` to some destination. */
export interface DeliveryPlan {
  readonly operation: Operation;
  readonly destination: InterruptibleDestination;
  readonly type: 'api-key' | 'oauth2';
  readonly format: string;
}

const FORMATS = ['text', 'json', 'env', 'dotenv', 'k8s-secret', 'docker-secret'];

/** The n-th of many plans: types and formats take turns. */
export function planOf(operation: Operation, destination: InterruptibleDestination, n: number): DeliveryPlan {
  const format = FORMATS[n % FORMATS.length] ?? 'text';
  return { operation, destination, type: n % 2 === 0 ? 'api-key' : 'oauth2', format };
}

/** The name of the credential that a plan is about. */
export function targetOf({ operation, type }: DeliveryPlan): string {
  return operation === 'create' ? 'newcomer' : RESIDENTS[type];
}

/** The command line of a plan, without the program. */
export function commandOf(plan: DeliveryPlan, place: Workplace): readonly string[] {
  const { operation, destination, type, format } = plan;
  const issue = operation === 'create' ? ['--type', type, '--scope', 'data:conversations'] : [];
  return [operation, targetOf(plan), ...issue, '--format', format, ...destination.flags(place)];
}

/** A store with two credentials in use, to be copied for each run. */
export interface Settled {
  readonly place: Workplace;
  readonly secrets: { readonly 'api-key': string; readonly oauth2: string };
}

/** The credentials of a settled store, by their types. */
export const RESIDENTS = { 'api-key': 'resident-key', oauth2: 'resident-client' } as const;

/** Makes a settled store; hashing is not the point. */
export async function settle(parent?: string): Promise<Settled> {
  const place = makeWorkplace(parent);
  mustSucceed(await credctl(place, ['store', 'init', '--hash', 'sha256']));
  const issue = async (type: 'api-key' | 'oauth2'): Promise<string> => {
    const scope = ['--scope', 'data:conversations'];
    const ended = mustSucceed(await credctl(place, ['create', RESIDENTS[type], '--type', type, ...scope]));
    return onlySecretIn(ended.stdout);
  };
  return { place, secrets: { 'api-key': await issue('api-key'), oauth2: await issue('oauth2') } };
}

/** Preparations that fail would make every later check meaningless. */
export function mustSucceed(ended: Ended): Ended {
  if (ended.exitCode === 0) return ended;
  throw new Error(`a preparation ended with ${ended.exitCode ?? ended.signal}: ${ended.stderr}`);
}
