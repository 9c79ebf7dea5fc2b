import { describe, expect, it } from 'vitest';
import { concurrently, times } from '../../support/concurrently.js';
import { readDocument } from '../../support/run.js';
import { dueDocument, numbered, openNight, statesOf, verdictOn } from './night.js';
import '../../support/patience.js';

const NAMES = numbered(20);

describe.each([
  ['with a grace', '24h', 'retiring', 'valid'],
  ['without a grace', '0', 'retired', 'version_retired'],
])('several runs at once %s', (_, grace, earlier, verdict) => {
  it('rotate each credential once between them, and lock nobody out', async () => {
    const { session, before } = await openNight(NAMES);
    const runs = await concurrently(
      times(5),
      () =>
        session.run([
          ...['rotate', '--due', '--json', '--grace', grace, '--', 'sh', '-c'],
          'cat > "out/$CREDCTL_NAME.$CREDCTL_VERSION"; echo "$CREDCTL_NAME" >> log',
        ]),
      5,
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
      times(5),
      () => session.run(['rotate', '--due', '--json', '--grace', grace, '--output-dir', 'out']),
      5,
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
