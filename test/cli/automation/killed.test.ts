import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import type { Session } from '../../support/program/run.js';
import { makeOverdue } from '../../support/stores/overdue.js';
import { dueIn, namesUpTo, openNight, statesOf } from './night.js';

const NAMES = namesUpTo(5);

/** Ends credctl with SIGKILL at the third one: the command's parent is the shell that makes its pipe. */
const KILLS = `#!/bin/sh
WHEN
[ "$CREDCTL_NAME" != a03 ] || [ -e killed ] || { touch killed; kill -9 "$(ps -o ppid= -p $PPID | tr -d ' ')"; }
LATER
`;

async function runKilled(session: Session, when: 'before' | 'after', ...flags: readonly string[]) {
  const save = 'cat > "out/$CREDCTL_NAME.command"';
  const script = KILLS.replace('WHEN', when === 'after' ? save : '').replace(
    'LATER',
    when === 'before' ? save : '',
  );
  await session.workspace.write('kills.sh', script);
  return session.run(['rotate', '--due', '--json', ...flags, '--', 'sh', 'kills.sh']);
}

/** The next run mends it; everything that was received still works, and what everybody holds works as well. */
async function expectMended(
  session: Session,
  before: ReadonlyMap<string, string>,
  ...flags: readonly string[]
) {
  for (const name of NAMES) expect(await verdictOn(session, before.get(name) ?? '')).toBe('valid');
  const mended = await session.run(['rotate', '--due', '--json', ...flags, '--', 'sh', 'kills.sh']);
  expect(mended).toMatchObject({ exitCode: 0, stderr: '' });
  expect(dueIn(mended.stdout)).toMatchObject({ rotated: ['a03', 'a04', 'a05'], failed: [], skipped: [] });
  for (const name of NAMES) {
    expect(await verdictOn(session, await session.workspace.read(`out/${name}.command`))).toBe('valid');
    expect(await verdictOn(session, before.get(name) ?? ''), 'the grace').toBe('valid');
    expect((await statesOf(session, name)).at(-1)).toBe('current');
  }
  expect((await session.run(['store', 'check'])).exitCode).toBe(0);
  expect(await session.ok('rotate', '--due', '--dry-run', '-q')).toBe('');
}

describe('kill -9 in the middle', () => {
  it.each(['before', 'after'] as const)('of a command, %s it took the secret over', async (when) => {
    const { session, before } = await openNight(NAMES);
    expect((await runKilled(session, when)).exitCode).toBe(137);
    expect(await statesOf(session, 'a03')).toEqual(['current', 'pending']);
    if (when === 'after')
      expect(await verdictOn(session, await session.workspace.read('out/a03.command'))).toBe('valid');
    await expectMended(session, before);
  });

  it.each([
    ['of a new file', false],
    ['of a replaced file', true],
  ])('%s: what stands there works, and is replaced', async (_, isThere) => {
    const { session, before } = await openNight(NAMES);
    if (isThere)
      for (const [name, secret] of before) await session.workspace.write(`out/${name}`, `${secret}\n`);
    // What replaces a file has its mode.
    if (isThere) await session.sh('chmod 600 out/*');
    expect((await runKilled(session, 'after', '--output-dir', 'out')).exitCode).toBe(137);
    const file = session.workspace.path('out/a03');
    expect(await verdictOn(session, readFileSync(file, 'utf8'))).toBe('valid');
    await expectMended(session, before, '--output-dir', 'out');
    for (const name of NAMES) {
      const path = session.workspace.path(`out/${name}`);
      expect(statSync(path).mode & 0o7777).toBe(0o600);
      expect(await verdictOn(session, readFileSync(path, 'utf8'))).toBe('valid');
    }
    const left = readdirSync(session.workspace.path('out'));
    expect(left.toSorted()).toEqual(NAMES.flatMap((name) => [name, `${name}.command`]));
  });

  it('night after night, at random moments, ends with everything rotated and everybody let in', async () => {
    const { session, before } = await openNight(NAMES);
    const outcomes: number[] = [];
    /** What everybody has that looks into a file whenever its secret may be another one. */
    const held = new Map(before);
    for (let night = 0; night < 12; night += 1) {
      makeOverdue(session.workspace.defaultStore);
      const { stdout } = await session.sh(
        `credctl rotate --due --grace 0 -q --output-dir out & pid=$!
         sleep 0.${String(5 + night * 2).padStart(2, '0')}; kill -9 $pid 2> /dev/null; wait $pid; echo $?`,
      );
      outcomes.push(Number(stdout));
      for (const name of NAMES) {
        const written = await session.workspace.read(`out/${name}`).catch(() => '');
        // A file that is new may have been made and not filled yet; one that was filled once is never empty again.
        if (written === '') expect(held.get(name), `${name} in night ${night}`).toBe(before.get(name));
        else held.set(name, written);
        expect(await verdictOn(session, held.get(name) ?? ''), `${name} in night ${night}`).toBe('valid');
      }
    }
    expect(outcomes.every((outcome) => [0, 137].includes(outcome))).toBe(true);
    makeOverdue(session.workspace.defaultStore);
    const last = await session.run(['rotate', '--due', '--grace', '0', '--json', '--output-dir', 'out']);
    expect(dueIn(last.stdout)).toMatchObject({ rotated: NAMES, failed: [], skipped: [] });
    expect(readdirSync(session.workspace.path('out')).toSorted()).toEqual(NAMES);
    expect((await session.run(['store', 'check'])).exitCode).toBe(0);
  });
});
