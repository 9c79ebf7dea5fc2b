import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { faultNumber } from '../../support/faults/fault-numbers.js';
import { mustSucceed, type Settled, settle } from '../../support/faults/interrupted-delivery.js';
import {
  contained,
  containedCredctl,
  hasNamespaces,
  killedOnce,
  renamed,
} from '../../support/faults/namespaces.js';
import { credctl, documentOf, PROGRAM, runIn } from '../../support/program/real-program.js';
import { until } from '../../support/program/until.js';
import { waitingCommand } from '../../support/program/waiting-command.js';
import { MEMORY, makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { faultsIn, onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';
import { statesOf } from '../../support/stores/untouched.js';

const ROUNDS = faultNumber(60, 15);
const NAME = 'resident-key';
const CREDCTL = [process.execPath, PROGRAM];

/** Puts the secret in place and notes when it begins and ends, so that two at once show. */
const PUT = `echo "begin $CREDCTL_VERSION" >> out/log; cat > out/new; sleep 0.1
mv out/new out/target; echo "end $CREDCTL_VERSION" >> out/log`;

let settled: Settled;

beforeAll(async () => {
  settled = await settle(MEMORY);
});

afterAll(() => settled.place.remove());

function aPlace(): Workplace {
  const place = settled.place.copy();
  onTestFinished(() => place.remove());
  return place;
}

/** Deliveries, each with its end right after its beginning. */
function deliveriesIn(place: Workplace): readonly string[] {
  const lines = readFileSync(place.output('log'), 'utf8').trimEnd().split('\n');
  const begun = lines.filter((_, index) => index % 2 === 0);
  expect(lines).toEqual(begun.flatMap((line) => [line, line.replace('begin', 'end')]));
  return begun;
}

async function expectInPlace(place: Workplace): Promise<void> {
  await probing(place, async (probe) => {
    expect(await verdictOn(probe, onlySecretIn(readFileSync(place.output('target'), 'utf8')))).toBe('valid');
  });
  expect((await statesOf(place, NAME))?.[0]).toBe('current');
}

describe.runIf(hasNamespaces())('two containers with one host name', () => {
  it('deliver one at a time: what one has in hand is a conflict for the other and for the host', async () => {
    const place = aPlace();
    const waiting = waitingCommand(place);
    const first = containedCredctl(place, ['rotate', NAME, '--now', '--', ...waiting.command]);
    await until(() => waiting.hasStarted());
    const others = ['rotate', NAME, '--now', '--force', '--output', place.output('other')];
    for (const run of [containedCredctl, credctl]) {
      for (const argv of [others, ['rotate', NAME, '--abort', '--force'], ['rotate', NAME, '--resume']]) {
        const refused = await run(place, argv);
        expect([refused.exitCode, refused.stderr]).toEqual([
          5,
          expect.stringMatching(/until .*--take-over/s),
        ]);
      }
    }
    waiting.release(0);
    expect(await first).toMatchObject({ exitCode: 0 });
    await probing(place, async (probe) => expect(await verdictOn(probe, waiting.received)).toBe('valid'));
  });

  it(`that rotate at about the same time, ${ROUNDS} times, leave the newest secret in place`, async () => {
    await concurrently(
      times(ROUNDS),
      async (round) => {
        const place = aPlace();
        const argv = ['rotate', NAME, '--now', '--', 'sh', '-c', PUT];
        const ended = await Promise.all(
          [0, round * 20].map(async (delay) => {
            await pause(delay);
            return containedCredctl(place, argv);
          }),
        );
        const codes = ended.map(({ exitCode }) => exitCode);
        expect(codes).toContain(0);
        expect([0, 5]).toEqual(expect.arrayContaining(codes));
        expect(deliveriesIn(place)).toHaveLength(codes.filter((code) => code === 0).length);
        await expectInPlace(place);
      },
      2,
    );
  });

  it(`that rotate what is due at the same time, ${ROUNDS} times, rotate it once`, async () => {
    await concurrently(
      times(ROUNDS),
      async () => {
        const place = aPlace();
        mustSucceed(await credctl(place, ['edit', NAME, '--rotate-every', '30d']));
        const database = new Database(place.store);
        database.prepare('update credential set rotation_due_at = 1 where name = ?').run(NAME);
        database.close();
        const argv = ['rotate', '--due', '--json', '--', 'sh', '-c', PUT];
        const ended = await Promise.all(times(2).map(() => containedCredctl(place, argv)));
        expect(ended.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
        const rotated = ended.flatMap((end) => documentOf<{ rotated: readonly string[] }>(end).rotated);
        expect(rotated).toEqual([NAME]);
        expect(deliveriesIn(place)).toHaveLength(1);
        await expectInPlace(place);
      },
      2,
    );
  });

  it(`whose first commands make one store, ${ROUNDS} times, both succeed`, async () => {
    await concurrently(
      times(ROUNDS),
      async (round) => {
        const place = makeWorkplace(MEMORY);
        onTestFinished(() => place.remove());
        const directory = join(place.env['XDG_CONFIG_HOME'] ?? '', 'credctl');
        mkdirSync(directory);
        writeFileSync(join(directory, 'config.toml'), 'hash = "sha256"\n');
        const create = (name: string) => [
          ...['create', name, '--type', 'api-key', '--scope', 'data:users', '--output', place.output(name)],
        ];
        const ended = await Promise.all(
          ['a', 'b'].map(async (name, index) => {
            await pause(index * round * 3);
            return containedCredctl(place, create(name));
          }),
        );
        for (const { exitCode, stderr } of ended) expect(exitCode, stderr).toBe(0);
        expect([readdirSync(place.outputs), readdirSync(place.storeDirectory)]).toEqual([
          ['a', 'b'],
          ['credctl.db'],
        ]);
        await probing(place, async (probe) => expect(await faultsIn(probe)).toEqual([]));
      },
      2,
    );
  });
});

describe.runIf(hasNamespaces())('a pod that was killed', () => {
  const kill = async (place: Workplace, argv: readonly string[]): Promise<void> => {
    const waiting = waitingCommand(place);
    const command = [...CREDCTL, ...argv, '--timeout', '1h', '--', ...waiting.command];
    await killedOnce(place, contained(command, 'pod-1'), () => until(() => waiting.hasStarted()));
  };
  const onHost = (place: Workplace, argv: readonly string[]) =>
    runIn(place, renamed([...CREDCTL, ...argv], 'pod-2'));

  it.each([
    ['--now', ['current', 'revoked', 'revoked']],
    ['--abort', ['revoked', 'current']],
    ['--resume', ['retiring', 'current'].toReversed()],
  ] as const)(
    'leaves a rotation that %s --take-over ends at once, and nothing else does',
    async (step, states) => {
      const place = aPlace();
      await kill(place, ['rotate', NAME]);
      const refused = await onHost(place, ['rotate', NAME, step]);
      expect(refused.exitCode).toBe(5);
      expect(refused.stderr).toMatch(
        /process 1 on pod-1, which this machine cannot see; at the latest until \d{4}-/,
      );
      mustSucceed(await onHost(place, ['rotate', NAME, step, '--take-over']));
      expect(await statesOf(place, NAME)).toEqual(states);
    },
  );

  it('leaves a create whose name --abort --take-over frees', async () => {
    const place = aPlace();
    const create = ['create', 'newcomer', '--type', 'api-key', '--scope', 'data:users'];
    await kill(place, create);
    const refused = await onHost(place, create);
    expect([refused.exitCode, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/until .*credctl rotate newcomer --abort --take-over/s),
    ]);
    mustSucceed(await onHost(place, ['rotate', 'newcomer', '--abort', '--take-over']));
    mustSucceed(await onHost(place, create));
  });
});

describe.runIf(hasNamespaces())('a host that gets another name while a delivery goes on', () => {
  it('still sees the process, which nothing takes over; once it is killed, the next rotation goes ahead', async () => {
    const place = aPlace();
    const waiting = waitingCommand(place);
    const argv = ['rotate', NAME, '--', ...waiting.command];
    await killedOnce(place, [...CREDCTL, ...argv], async () => {
      await until(() => waiting.hasStarted());
      const meddle = renamed([...CREDCTL, 'rotate', NAME, '--abort', '--take-over'], 'renamed');
      const refused = await runIn(place, meddle);
      expect([refused.exitCode, refused.stderr]).toEqual([5, expect.stringMatching(/credctl deactivate/)]);
    });
    mustSucceed(await runIn(place, renamed([...CREDCTL, 'rotate', NAME], 'renamed')));
  });
});
