import { describe, expect, it } from 'vitest';
import { verdictOn } from '../../support/dependencies/presented.js';
import { concurrently, times } from '../../support/faults/concurrently.js';
import { readDocument } from '../../support/program/run.js';
import { dueDocument, namesUpTo, openNight, statesOf } from './night.js';

const NAMES = namesUpTo(20);
const RUNS = 5;

/** Every run holds its first credential until all of them hold one, so that they are at work at the same time. */
const WAIT = `touch "run.$(ps -o ppid= -p $PPID | tr -d ' ')"
while set -- run.* && [ $# -lt ${RUNS} ]; do sleep 0.05; done`;

describe.each([
  ['with a grace', ['--grace', '24h'], 'retiring', 'valid'],
  ['without a grace', ['--grace', '0'], 'retired', 'version_retired'],
  ['further ahead than the policy', ['--grace', '0', '--within', '60d'], 'retired', 'version_retired'],
])('several runs at once %s', (_, flags, earlier, verdict) => {
  it('rotate each credential once between them, and lock nobody out', async () => {
    const { session, before } = await openNight(NAMES);
    const runs = await concurrently(
      times(RUNS),
      () =>
        session.run([
          ...['rotate', '--due', '--json', ...flags, '--', 'sh', '-c'],
          `${WAIT}; cat > "out/$CREDCTL_NAME.$CREDCTL_VERSION"; echo "$CREDCTL_NAME" >> log`,
        ]),
      RUNS,
    );
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual(runs.map(() => [0, '']));
    const documents = runs.map(({ stdout }) => readDocument(dueDocument, stdout));
    expect(documents.flatMap(({ rotated }) => rotated).toSorted()).toEqual(NAMES);
    expect(documents.flatMap(({ failed }) => failed)).toEqual([]);
    const log = (await session.workspace.read('log')).trimEnd().split('\n');
    expect(log.toSorted(), 'each command ran once').toEqual(NAMES);
    for (const name of NAMES) {
      expect(await statesOf(session, name)).toEqual([earlier, 'current']);
      expect(await verdictOn(session, await session.workspace.read(`out/${name}.2`))).toBe('valid');
      expect(await verdictOn(session, before.get(name) ?? '')).toBe(verdict);
    }
    expect((await session.run(['store', 'check'])).exitCode).toBe(0);
  });

  it('write each file once into the same directory', async () => {
    const { session } = await openNight(NAMES);
    const runs = await concurrently(
      times(RUNS),
      () =>
        session.run(['rotate', '--due', '--json', ...flags, '--output-dir', 'out', '--', 'sh', '-c', WAIT]),
      RUNS,
    );
    const documents = runs.map(({ stdout }) => readDocument(dueDocument, stdout));
    expect(documents.flatMap(({ rotated }) => rotated).toSorted()).toEqual(NAMES);
    expect(documents.flatMap(({ failed }) => failed)).toEqual([]);
    const listed = await session.sh('ls -A out');
    expect(listed.stdout.trimEnd().split('\n')).toEqual(NAMES);
    for (const name of NAMES) {
      expect(await verdictOn(session, await session.workspace.read(`out/${name}`))).toBe('valid');
      expect(await statesOf(session, name)).toEqual([earlier, 'current']);
    }
  });
});

describe('one that is changed between the look and its turn', () => {
  it('is left alone: deactivated, deleted, rotated by hand, without a policy', async () => {
    const { session, before } = await openNight(['a', 'b', 'c', 'd', 'e']);
    await session.workspace.write(
      'first.sh',
      `#!/bin/sh
      [ "$CREDCTL_NAME" = a ] || exit 0
      credctl deactivate b -q
      credctl delete c --yes -q
      credctl rotate d --grace 0 -q > by-hand
      credctl edit e --no-rotation -q
      `,
    );
    const { exitCode, stdout } = await session.run([
      ...['rotate', '--due', '--grace', '0', '--json', '--', 'sh', 'first.sh'],
    ]);
    expect(exitCode).toBe(0);
    expect(readDocument(dueDocument, stdout)).toEqual({
      schema_version: 1,
      rotated: ['a'],
      failed: [],
      skipped: [
        { name: 'b', reason: 'not_due' },
        { name: 'c', reason: 'not_found' },
        { name: 'd', reason: 'not_due' },
        { name: 'e', reason: 'not_due' },
      ],
    });
    expect(await verdictOn(session, await session.workspace.read('by-hand'))).toBe('valid');
    expect(await verdictOn(session, before.get('e') ?? '')).toBe('valid');
  });
});
