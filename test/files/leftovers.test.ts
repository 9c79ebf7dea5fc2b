import { spawnSync } from 'node:child_process';
import { chownSync, linkSync, mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  isDeadMark,
  leftoversIn,
  processMark,
  sweepLeftovers,
  type TemporaryKind,
  temporaryPath,
} from '../../src/files/leftovers.js';
import { ENDED, FOREIGN, leftoverName, OWN, REUSED } from '../support/stores/leftover-names.js';
import { temporaryDirectory } from '../support/stores/stores.js';

const KINDS: readonly TemporaryKind[] = ['tmp', 'new', 'draft'];
const TWO_HOURS = 7_200;

/** A directory of the test's own. */
function place() {
  const directory = temporaryDirectory();
  onTestFinished(() => directory.dispose());
  const at = (name: string) => join(directory.path, name);
  return {
    target: at('s.db'),
    at,
    names: () => readdirSync(directory.path).sort(),
    /** What a killed process leaves: a file, or a directory with a database in it. */
    leave(name: string): string {
      if (!name.endsWith('.draft')) writeFileSync(at(name), 'half');
      else {
        mkdirSync(at(name));
        for (const file of ['draft.db', 'draft.db-wal']) writeFileSync(join(at(name), file), 'half');
      }
      return name;
    },
    age(name: string): void {
      const then = Date.now() / 1_000 - TWO_HOURS;
      utimesSync(at(name), then, then);
    },
  };
}

describe.each(KINDS)('a temporary name (%s)', (kind) => {
  it('is found again while its process lives, and never taken for a left-over', () => {
    const { target, leave, names } = place();
    const name = leave(basename(temporaryPath(target, kind)));
    sweepLeftovers(target, KINDS);
    expect(names()).toEqual([name]);
  });

  it('fits beside a file whose own name is as long as names can be, and is swept', () => {
    const { at, leave, names } = place();
    for (const long of ['n'.repeat(255), 'ü'.repeat(127)]) {
      const name = basename(temporaryPath(at(long), kind)).replace(OWN, ENDED);
      leave(name);
      sweepLeftovers(at(long), [kind]);
      expect(names()).toEqual([]);
    }
  });
});

describe.each(KINDS)('a left-over (%s)', (kind) => {
  it('goes at once where its process has ended, also where this one has its id now', () => {
    const { target, leave, names } = place();
    for (const mark of [ENDED, REUSED]) leave(leftoverName('s.db', mark, kind));
    sweepLeftovers(target, [kind]);
    expect(names()).toEqual([]);
  });

  it('of another PID namespace or machine goes once it is an hour old', () => {
    const { target, leave, names, age } = place();
    const name = leave(leftoverName('s.db', FOREIGN, kind));
    sweepLeftovers(target, [kind]);
    expect(names()).toEqual([name]);
    age(name);
    if (kind === 'draft') {
      sweepLeftovers(target, [kind]);
      expect(names(), 'its database is still being written').toEqual([name]);
      age(`${name}/draft.db`);
      age(`${name}/draft.db-wal`);
    }
    sweepLeftovers(target, [kind]);
    expect(names()).toEqual([]);
  });

  it('of another kind is left to those who make that kind', () => {
    const { target, leave, names } = place();
    const name = leave(leftoverName('s.db', ENDED, kind));
    sweepLeftovers(
      target,
      KINDS.filter((other) => other !== kind),
    );
    expect(names()).toEqual([name]);
  });

  it('is told apart from one that is being written, for whoever only looks', () => {
    const { target, at, leave } = place();
    leave(leftoverName('s.db', OWN, kind));
    const dead = leave(leftoverName('s.db', ENDED, kind));
    const unknown = leave(leftoverName('s.db', FOREIGN, kind));
    const found = leftoversIn(at('.')).map(({ path, isDead }) => [basename(path), isDead]);
    expect(Object.fromEntries(found)).toEqual({ [dead]: true, [unknown]: false });
    expect(leftoversIn(`${target}/nowhere`)).toEqual([]);
  });

  it('of an earlier version goes where its process id is not in use, or once it is an hour old', () => {
    const { target, leave, names, age } = place();
    const earlier = (pid: number) => `.s.db.${kind === 'tmp' ? 'credctl-' : ''}${pid}-0123456789ab.${kind}`;
    leave(earlier(spawnSync('true').pid));
    const living = leave(earlier(1));
    sweepLeftovers(target, [kind]);
    expect(names()).toEqual([living]);
    age(living);
    if (kind === 'draft') for (const file of ['draft.db', 'draft.db-wal']) age(`${living}/${file}`);
    sweepLeftovers(target, [kind]);
    expect(names()).toEqual([]);
  });
});

describe('what is no left-over of ours', () => {
  it.each([
    '.s.db',
    's.db.credctl-new',
    '.s.db.123-0123456789ab.tmp',
    leftoverName('other.db', ENDED, 'new'),
    leftoverName('other.db', ENDED, 'draft'),
    leftoverName('s.db', ENDED, 'tmp', '-wal'),
    leftoverName('s.db', ENDED, 'draft', '.old'),
    leftoverName('s.db', ENDED, 'new').slice(1),
  ])('stays: %s', (name) => {
    const { target, leave, names } = place();
    leave(name);
    sweepLeftovers(target, KINDS);
    expect(names()).toEqual([name]);
  });

  it('stays: a link, a directory in the place of a file, a file in the place of a directory', () => {
    const { target, at, names } = place();
    writeFileSync(at('victim'), 'mine');
    const [file, made, draft] = KINDS.map((kind) => leftoverName('s.db', ENDED, kind));
    symlinkSync(at('victim'), at(file ?? ''));
    mkdirSync(at(made ?? ''));
    writeFileSync(at(draft ?? ''), 'mine');
    const before = names();
    sweepLeftovers(target, KINDS);
    expect(names()).toEqual(before);
  });

  it.runIf(process.geteuid?.() === 0)('stays: what belongs to another user', () => {
    const { target, at, leave, names } = place();
    const name = leave(leftoverName('s.db', ENDED, 'tmp'));
    chownSync(at(name), 65_534, 65_534);
    sweepLeftovers(target, KINDS);
    expect(names()).toEqual([name]);
  });

  it.runIf(process.geteuid?.() === 0)(
    'goes: an output that was given to the owner of its directory already, just before it took its name',
    () => {
      const { target, at, leave, names } = place();
      leave(leftoverName('s.db', ENDED, 'tmp'));
      const [name = ''] = names();
      for (const path of [dirname(at(name)), at(name)]) chownSync(path, 65_534, 65_534);
      sweepLeftovers(target, KINDS);
      expect(names()).toEqual([]);
    },
  );

  it('stays: what somebody has put into a draft', () => {
    const { target, at, leave, names } = place();
    const name = leave(leftoverName('s.db', ENDED, 'draft'));
    mkdirSync(join(at(name), 'deep'));
    writeFileSync(join(at(name), 'deep', 'mine'), 'mine');
    sweepLeftovers(target, KINDS);
    expect([names(), readdirSync(at(name))]).toEqual([[name], ['deep']]);
  });
});

describe('the second name of a store that was made', () => {
  it('goes at once, whoever made it', () => {
    const { target, at, names } = place();
    writeFileSync(target, 'whole');
    linkSync(target, at(leftoverName('s.db', FOREIGN, 'new')));
    sweepLeftovers(target, ['new']);
    expect(names()).toEqual(['s.db']);
  });
});

describe('the mark of a process', () => {
  it('is dead only where that process has certainly ended', () => {
    expect([processMark(), OWN, FOREIGN, '', 'x', '0123456789-0-1'].filter(isDeadMark)).toEqual([]);
    expect([ENDED, REUSED].filter(isDeadMark)).toEqual([ENDED, REUSED]);
  });
});
