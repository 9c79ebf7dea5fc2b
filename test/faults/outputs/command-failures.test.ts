import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  mustSucceed,
  OPERATIONS,
  type Operation,
  type Settled,
  settle,
} from '../../support/faults/interrupted-delivery.js';
import {
  credctl,
  credctlRedirected,
  type Ended,
  PROGRAM,
  runIn,
} from '../../support/program/real-program.js';
import { stateOf } from '../../support/program/running-program.js';
import { MEMORY, type Workplace } from '../../support/program/workplace.js';
import {
  AFTER_LAPSE,
  faultsIn,
  onlySecretIn,
  probing,
  secretsIn,
  verdictOn,
} from '../../support/stores/store-probe.js';
import { expectUntouched, statesOf } from '../../support/stores/untouched.js';

/** A command that does not take the secret over. */
interface FailingCommand {
  readonly name: string;
  readonly command: readonly string[];
  readonly flags?: readonly string[];
  /** Part of what is said of it. */
  readonly said: string;
}

const shell = (script: string): readonly string[] => ['sh', '-c', script];

/** Lets a command start credctl. */
const SELF = { NODE: process.execPath, PROGRAM };

const SOON = ['--timeout', '1s'];

/** Runs until it is asked to end, and then ends with a status. */
const SAYING = (status: number): string => `trap 'exit ${status}' TERM; while :; do sleep 0.1; done`;

const FAILING: readonly FailingCommand[] = [
  { name: 'that is missing', command: ['./missing'], said: 'was not found' },
  { name: 'that is nowhere in the path', command: ['nothing-of-that-name'], said: 'was not found' },
  { name: 'without a name', command: [''], said: 'was not found' },
  { name: 'that is not executable', command: ['./out/text'], said: 'is not executable' },
  { name: 'that is a directory', command: ['./out'], said: 'is not executable' },
  { name: 'without its interpreter', command: ['./out/script'], said: 'ended with exit status 127' },
  { name: 'that ignores its input and fails', command: ['false'], said: 'ended with exit status 1' },
  { name: 'that takes the secret and fails', command: shell('cat > out/got; exit 3'), said: 'exit status 3' },
  {
    name: 'that closes its input and fails',
    command: shell('exec <&-; sleep 0.1; exit 4'),
    said: 'status 4',
  },
  {
    name: 'that fills its output and fails',
    command: shell('head -c 9000000 /dev/zero; exit 5'),
    said: 'status 5',
  },
  {
    name: 'that fills its error output and fails',
    command: shell('head -c 9000000 /dev/zero >&2; exit 5'),
    said: 'status 5',
  },
  { name: 'that a signal ends', command: shell('cat > /dev/null; kill -9 $$'), said: 'ended by SIGKILL' },
  { name: 'that ends itself', command: shell('kill -TERM $$'), said: 'was ended by SIGTERM' },
  { name: 'that crashes', command: shell('ulimit -c 0; kill -SEGV $$'), said: 'was ended by SIGSEGV' },
  {
    name: 'that rotates the same credential itself',
    command: shell('exec "$NODE" "$PROGRAM" rotate "$CREDCTL_NAME" > out/inner'),
    said: 'exit status 5',
  },
];

/** A command beyond its timeout: the outcome of the delivery is unknown. */
const SLOW: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['that runs for ever', ['sleep', '600']],
  ['that runs for ever and cannot be asked to end', shell("trap '' TERM INT HUP; while :; do sleep 1; done")],
  ['that stops itself', shell('kill -STOP $$')],
  ['that stops its group', shell('kill -STOP 0')],
  ['that takes the secret, and says no when its time is up', shell(`cat > out/got; ${SAYING(3)}`)],
];

let settled: Settled;
let place: Workplace;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

beforeEach(() => {
  place = settled.place.copy();
  writeFileSync(place.output('text'), 'exit 0\n');
  writeFileSync(place.output('script'), '#!/no/such/interpreter\n');
  chmodSync(place.output('script'), 0o700);
  return () => place.remove();
});

afterAll(() => settled.place.remove());

function argv(
  operation: Operation,
  command: readonly string[],
  flags: readonly string[] = [],
): readonly string[] {
  const issue = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:conversations'];
  return [...(operation === 'create' ? issue : ['rotate', 'resident-key']), ...flags, '--', ...command];
}

/** One line that says what is wrong and one with a hint end what stands on standard error. */
function explanation({ stderr }: Ended): string {
  const [, message] = /(?:^|[\n\0])credctl: ([^\n]+)\nhint: [^\n]+\n$/.exec(stderr) ?? [];
  return message ?? stderr.slice(-200);
}

const TARGETS = { create: 'newcomer', rotate: 'resident-key' } as const;

/** Both secrets work, the older one without an end. */
async function expectPending(operation: Operation): Promise<void> {
  const states = await statesOf(place, TARGETS[operation]);
  expect(states).toEqual(operation === 'create' ? ['pending'] : ['pending', 'current']);
  await probing(place, async (probe) => {
    for (const ahead of [0, AFTER_LAPSE]) {
      probe.setClock(ahead);
      for (const secret of Object.values(settled.secrets))
        expect(await verdictOn(probe, secret)).toBe('valid');
    }
    expect(await faultsIn(probe)).toEqual([]);
  });
}

describe.each(OPERATIONS)('%s to a command', (operation) => {
  it.each(FAILING)('$name is exit 6, and leaves nothing', async ({ command, flags, said }) => {
    const ended = await credctl(place, argv(operation, command, flags), { env: SELF });
    expect([ended.exitCode, ended.stdout], ended.stderr.slice(-300)).toEqual([6, '']);
    expect(explanation(ended)).toContain(said);
    await expectUntouched(place, settled);
    if (!existsSync(place.output('got'))) return;
    const got = readFileSync(place.output('got'), 'utf8');
    await probing(place, async (probe) =>
      expect(await verdictOn(probe, onlySecretIn(got))).toMatch(/^(deleted|version_retired)$/),
    );
  });

  it.each([
    ['ignores its input', shell('exit 0')],
    ['closes its input at once', shell('exec <&-; exit 0')],
    ['fills its output', shell('head -c 9000000 /dev/zero; cat > /dev/null')],
    ['fills its error output', shell('head -c 9000000 /dev/zero >&2; cat > /dev/null')],
    ['looks at its credential', shell('"$NODE" "$PROGRAM" show "$CREDCTL_NAME"')],
    ['verifies the secret', shell('"$NODE" "$PROGRAM" verify -q')],
    [
      'creates another credential',
      shell('"$NODE" "$PROGRAM" create inner --scope data:users -q > out/inner'),
    ],
  ])('that %s is done when it ends with 0', async (_, command) => {
    const { exitCode, stdout, stderr } = await credctl(place, argv(operation, command), { env: SELF });
    expect([exitCode, stdout], stderr.slice(-300)).toEqual([0, '']);
    const states = await statesOf(place, operation === 'create' ? 'newcomer' : 'resident-key');
    expect(states).toEqual(operation === 'create' ? ['current'] : ['current', 'retiring']);
  });

  it.each([0, 1])('that leaves a child with its streams is over when it ends with %i', async (status) => {
    const script = `sleep 600 & echo $! > out/child; exit ${status}`;
    const ended = await credctlRedirected(place, argv(operation, shell(script)), '2> out/err');
    process.kill(Number(readFileSync(place.output('child'), 'utf8')), 'SIGKILL');
    expect(ended.exitCode).toBe(status === 0 ? 0 : 6);
    if (status !== 0) await expectUntouched(place, settled);
  });

  it.each(SLOW)('%s is exit 7, stays pending, and names the ways out', async (_, command) => {
    const ended = await credctl(place, argv(operation, command, SOON), { env: SELF });
    expect([ended.exitCode, ended.stdout], ended.stderr.slice(-300)).toEqual([7, '']);
    expect(explanation(ended)).toMatch(/^the command "[a-z]+" took longer than 1 s and was ended$/);
    expect(ended.stderr).toContain(
      `'credctl rotate ${TARGETS[operation]} --resume' confirms it; if not, '--abort'`,
    );
    await expectPending(operation);
    if (existsSync(place.output('got'))) {
      const got = onlySecretIn(readFileSync(place.output('got'), 'utf8'));
      await probing(place, async (probe) => expect(await verdictOn(probe, got)).toBe('valid'));
    }
  });

  it('that says yes although its time is up has taken the secret over', async () => {
    const flags = operation === 'create' ? SOON : [...SOON, '--now'];
    const command = shell(`cat > out/got; ${SAYING(0)}`);
    const ended = await credctl(place, argv(operation, command, flags));
    expect([ended.exitCode, ended.stdout], ended.stderr).toEqual([0, '']);
    const states = await statesOf(place, TARGETS[operation]);
    expect(states).toEqual(operation === 'create' ? ['current'] : ['current', 'revoked']);
    const got = onlySecretIn(readFileSync(place.output('got'), 'utf8'));
    await probing(place, async (probe) => expect(await verdictOn(probe, got)).toBe('valid'));
  });

  it('through a /bin/sh without a printf of its own is exit 6, and does not blame the command', async () => {
    const through = 'mount --bind "$0" "$(readlink -f /bin/sh)" && exec "$@"';
    const [program = ''] = ['/bin/mksh', '/usr/bin/mksh'].filter(existsSync);
    const unshare = ['unshare', ...(process.geteuid?.() === 0 ? [] : ['--map-root-user']), '--mount'];
    const ended = await runIn(place, [
      ...[...unshare, 'sh', '-c', through, program, process.execPath, PROGRAM],
      ...argv(operation, ['cat']),
    ]);
    expect([ended.exitCode, ended.stdout], ended.stderr).toEqual([6, '']);
    expect(explanation(ended)).toBe('/bin/sh has no built-in printf to pass the secret to the command');
    expect(ended.stderr).toContain('use dash, bash or busybox as /bin/sh, or use --output');
    await expectUntouched(place, settled);
  });

  it('that takes too long ends with all its children', async () => {
    const script = 'sleep 600 & echo $! > out/child; (sleep 600 & echo $! > out/grandchild; wait) & wait';
    expect((await credctl(place, argv(operation, shell(script), SOON))).exitCode).toBe(7);
    for (const name of ['child', 'grandchild']) {
      const pid = Number(readFileSync(place.output(name), 'utf8'));
      while (stateOf(pid) !== null && stateOf(pid) !== 'Z') await pause(20);
    }
    await expectPending(operation);
  });

  it('that takes too long may still tidy up', async () => {
    const script = "trap 'sleep 0.5; echo tidy > out/tidy; exit 1' TERM; while :; do sleep 0.1; done";
    expect((await credctl(place, argv(operation, shell(script), SOON))).exitCode).toBe(7);
    expect(readFileSync(place.output('tidy'), 'utf8')).toBe('tidy\n');
  });

  it('that deletes its own credential is told: delivered, but dead', async () => {
    const script = shell('cat > out/got; "$NODE" "$PROGRAM" delete "$CREDCTL_NAME" --yes');
    const ended = await credctl(place, argv(operation, script), { env: SELF });
    expect(ended.exitCode, ended.stderr).toBe(7);
    expect(explanation(ended)).toContain('another command has revoked it');
    await probing(place, async (probe) => {
      expect(await verdictOn(probe, onlySecretIn(readFileSync(place.output('got'), 'utf8')))).toBe('deleted');
    });
  });

  it('with time enough: more than a timer can count', async () => {
    mustSucceed(
      await credctl(place, argv(operation, shell('sleep 0.2; cat > out/got'), ['--timeout', '36500d'])),
    );
    expect(secretsIn(readFileSync(place.output('got'), 'utf8'))).toHaveLength(1);
  });
});
