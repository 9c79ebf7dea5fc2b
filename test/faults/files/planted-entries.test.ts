import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustSucceed } from '../../support/faults/interrupted-delivery.js';
import { withoutNotes } from '../../support/faults/notes.js';
import {
  credctlAs,
  makeVictims,
  PLANTED,
  plant,
  sharedDirectory,
  THIRD,
  USER,
  type Victims,
} from '../../support/faults/planted.js';
import { givenTo, MEMORY, makeWorkplace, type Workplace } from '../../support/program/workplace.js';
import { ENDED, FOREIGN, leftoverName } from '../../support/stores/leftover-names.js';

const K = ['--type', 'api-key', '--scope', 'data:users'];

/** Names that a sweep for a file looks for, of processes that are gone or cannot be told to live. */
function sweptNames(file: string): readonly string[] {
  const kinds = ['tmp', 'new', 'draft'] as const;
  return [ENDED, FOREIGN].flatMap((mark) => kinds.map((kind) => leftoverName(file, mark, kind)));
}

/** Those of versions before, which hold the process id alone. */
function earlierNames(file: string): readonly string[] {
  const id = '4194305-0123456789ab';
  return [`.${file}.credctl-${id}.tmp`, `.${file}.${id}.new`, `.${file}.${id}.draft`];
}

/** The ways in which a command writes to a directory of others, with the file that each makes there. */
const WRITERS: Readonly<Record<string, { readonly file: string; argv(path: string): readonly string[] }>> = {
  'create --output': { file: 'k', argv: (path) => ['create', 'new', ...K, '--output', path] },
  'rotate --output --force': {
    file: 'old',
    argv: (path) => ['rotate', 'a', '--now', '--output', path, '--force'],
  },
  'store backup': { file: 'b.db', argv: (path) => ['store', 'backup', path] },
  'store backup --force': { file: 'old.db', argv: (path) => ['store', 'backup', path, '--force'] },
  'store copy': { file: 'c.db', argv: (path) => ['store', 'copy', '--to', path] },
  'store init': { file: 's.db', argv: (path) => ['store', 'init', '--hash', 'sha256', '--store', path] },
  'store restore': {
    file: 'old.db',
    argv: (path) => ['store', 'restore', `${path}.backup`, '--force', '--yes', '--store', path],
  },
};

interface Scene {
  readonly place: Workplace;
  readonly shared: string;
  readonly victims: Victims;
}

/** A store of the user, and in a directory for everybody what is to be replaced there. */
async function setScene(uid: number): Promise<Workplace> {
  const place = makeWorkplace(MEMORY);
  chmodSync(place.root, 0o711);
  const shared = sharedDirectory(join(place.root, 'shared'));
  givenTo(uid, place);
  const old = join(shared, 'old.db');
  for (const argv of [
    ['store', 'init', '--hash', 'sha256'],
    ['create', 'a', ...K, '--output', join(shared, 'old')],
    ['store', 'backup', old],
    ['store', 'backup', `${old}.backup`],
  ]) {
    mustSucceed(await credctlAs(uid, place, argv));
  }
  return place;
}

/** A copy in which everything has the owner that it has in the original, and what is not to be harmed. */
function copyOf(scene: Workplace): Scene {
  const place = scene.copy();
  execFileSync('cp', ['-a', '--attributes-only', `${scene.root}/.`, place.root]);
  return { place, shared: join(place.root, 'shared'), victims: makeVictims(place.root, THIRD) };
}

describe.runIf(process.geteuid?.() === 0)(
  'what another user has planted in a directory for everybody',
  () => {
    describe.each([
      ['root', 0],
      ['a user', USER],
    ])('%s', (_who, uid) => {
      let scene: Workplace;

      beforeAll(async () => {
        scene = await setScene(uid);
      });

      afterAll(() => scene.remove());

      it.each(PLANTED)('is not followed, not removed and in nobody’s way: a %s', async (kind) => {
        const { place, shared, victims } = copyOf(scene);
        try {
          const before = victims.state();
          const names = Object.values(WRITERS).flatMap(({ file }) => [
            ...sweptNames(file),
            ...earlierNames(file),
          ]);
          for (const name of new Set(names)) plant(kind, join(shared, name), victims);
          const planted = entries(shared);
          for (const [writer, { file, argv }] of Object.entries(WRITERS)) {
            const ended = await credctlAs(uid, place, argv(join(shared, file)));
            expect([writer, ended.exitCode, ended.stderr]).toEqual([writer, 0, expect.anything()]);
            expect(lstatSync(join(shared, file))).toMatchObject({ uid, nlink: 1 });
          }
          expect(entries(shared)).toEqual(expect.arrayContaining([...planted]));
          expect(victims.state()).toEqual(before);
        } finally {
          place.remove();
        }
      });

      it.each(PLANTED)('keeps a command from a name, and harms nothing: a %s', async (kind) => {
        const { place, shared, victims } = copyOf(scene);
        try {
          const before = victims.state();
          for (const name of ['k', 'b.db', 'c.db', 's.db', '.d.db.copy'])
            plant(kind, join(shared, name), victims);
          const planted = entries(shared);
          const refused = [
            WRITERS['create --output']?.argv(join(shared, 'k')),
            ['rotate', 'a', '--now', '--output', join(shared, 'k')],
            ...['b.db', 'c.db'].map((file) => ['store', 'backup', join(shared, file)]),
            ...['c.db', 'd.db'].map((file) => ['store', 'copy', '--to', join(shared, file)]),
            WRITERS['store init']?.argv(join(shared, 's.db')),
          ];
          for (const argv of refused) {
            const { exitCode, stderr } = await credctlAs(uid, place, argv ?? []);
            expect([argv, exitCode]).toEqual([argv, expect.toBeOneOf([4, 5, 6, 8])]);
            expect(withoutNotes(stderr)).toMatch(/^credctl: [^\n]+\nhint: [^\n]+\n$/);
          }
          expect(entries(shared)).toEqual(expect.arrayContaining([...planted]));
          expect(victims.state()).toEqual(before);
        } finally {
          place.remove();
        }
      });
    });
  },
);

/** The entries of others in a directory, with all that could have been done to them. */
function entries(directory: string): readonly unknown[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('.'))
    .map((name) => {
      const { uid, mode, ino } = lstatSync(join(directory, name));
      return { name, uid, mode, ino };
    });
}
