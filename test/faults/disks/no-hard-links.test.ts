import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { callLog, NO_LINKS, traced } from '../../support/faults/faulty-calls.js';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { credctl, type Ended } from '../../support/program/real-program.js';
import { makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { faultsIn, onlySecretIn, probing, verdictOn } from '../../support/stores/store-probe.js';

async function inPlace(work: (place: Workplace) => Promise<void>): Promise<void> {
  const place = makeWorkplace();
  try {
    await work(place);
  } finally {
    place.remove();
  }
}

function create(place: Workplace, name: string): Promise<Ended> {
  const argv = ['create', name, '--type', 'api-key', '--scope', 'data:conversations'];
  return traced(place, argv, NO_LINKS, { log: '/dev/null' });
}

describe('where files cannot be linked', () => {
  it('the first command makes the store all the same', () =>
    inPlace(async (place) => {
      const { stdout } = await create(place, 'first');
      await probing(place, async (probe) => {
        expect(await verdictOn(probe, onlySecretIn(stdout))).toBe('valid');
        expect(await faultsIn(probe)).toEqual([]);
      });
      expect(readdirSync(place.storeDirectory)).toEqual(['credctl.db']);
    }));

  it('several first commands at once lose nothing that one of them has handed over', () =>
    inPlace(async (place) => {
      const ended = await concurrently(times(4), (n) => create(place, `bot-${n}`));
      const succeeded = ended.filter(({ exitCode }) => exitCode === 0);
      expect(succeeded.length).toBeGreaterThan(0);
      await probing(place, async (probe) => {
        for (const { stdout } of succeeded)
          expect(await verdictOn(probe, onlySecretIn(stdout))).toBe('valid');
      });
    }));

  it('a file that has the name already is not touched', () =>
    inPlace(async (place) => {
      mkdirSync(place.storeDirectory, { mode: 0o700 });
      writeFileSync(join(place.storeDirectory, 'credctl.db'), '', { mode: 0o600 });
      expect(await create(place, 'first')).toMatchObject({ exitCode: 8, stdout: '' });
      expect(readdirSync(place.storeDirectory)).toEqual(['credctl.db']);
    }));

  it.each([
    ['where there is none', (place: Workplace) => rmSync(place.store)],
    ['over a damaged one', damage],
  ])('a store that is restored %s does not replace one that is made meanwhile', (what, spoil) =>
    inPlace(async (place) => {
      mustSucceed(await credctl(place, ['create', 'first', '--type', 'api-key', '--scope', 'data:users']));
      const backup = join(place.root, 'b.db');
      mustSucceed(await credctl(place, ['store', 'backup', backup]));
      spoil(place);
      const ended = await heldAtLinks(place, ['store', 'restore', backup, '--force', '--yes'], () => {
        if (!existsSync(place.store)) copyFileSync(backup, place.store);
      });
      expect(ended, ended.stderr).toMatchObject({ exitCode: 5 });
      expect(ended.stderr).toContain('has just created a store');
      expect(readFileSync(place.store).equals(readFileSync(backup))).toBe(true);
      const names = readdirSync(place.storeDirectory).map((name) => name.replace(/\d{8}T\w+$/, 'TIME'));
      expect(names).toEqual([
        'credctl.db',
        ...(what === 'over a damaged one' ? ['credctl.db.replaced-TIME'] : []),
      ]);
    }),
  );
});

function damage({ store }: Workplace): void {
  const database = new Database(store);
  database.exec("update audit_event set actor = 'mallory' where seq = 1");
  database.close();
}

/** Lets a process go on that was stopped, unless it has ended. */
function resume(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'ESRCH') throw fault;
  }
}

/** Runs credctl, which stops at every call that would give a file a second name until `meanwhile` has been done. */
async function heldAtLinks(place: Workplace, argv: readonly string[], meanwhile: () => void): Promise<Ended> {
  const flags = NO_LINKS.map((flag) => (flag.startsWith('inject=') ? `${flag}:signal=SIGSTOP` : flag));
  let isOver = false;
  const running = traced(place, argv, flags).finally(() => {
    isOver = true;
  });
  for (let held = 0; !isOver; await setTimeout(10)) {
    const log = existsSync(callLog(place)) ? readFileSync(callLog(place), 'utf8') : '';
    const stops = [...log.matchAll(/^(\d+) +--- stopped by SIGSTOP ---$/gm)];
    for (const [, pid] of stops.slice(held)) {
      meanwhile();
      resume(Number(pid));
    }
    held = stops.length;
  }
  return running;
}
