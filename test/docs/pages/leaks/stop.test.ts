import { describe, expect, it } from 'vitest';
import { exampleOf, fencesOf } from '../../../support/build/page.js';
import { openSession } from '../../../support/program/run.js';
import { exitCodes, PAGE, repository, settings } from './repository.js';

/** Without the question that a terminal gets. */
const answered = (text: string): string => text.replaceAll(/--revoke [\w-]+/g, '$& --yes');

describe('the commands that stop', () => {
  it.each([0, 1])('do so, once: line %d', async (line) => {
    const session = await openSession();
    await repository(session, await session.issue('web-shop'));
    await session.sh('mkdir secrets');
    const stop = answered(exampleOf(PAGE, 'stop.sh')).split('\n').slice(1);
    const [command = '', ...then] = [stop[line], ...stop.slice(2)];
    expect((await session.sh(command)).exitCode).toBe(10);
    expect((await session.sh(command)).exitCode).toBe(0);
    expect(await exitCodes(session, then.join('\n'))).toEqual([0, 0]);
    const { events } = JSON.parse(await session.ok('audit', '--json', '--target', 'web-shop'));
    expect(events[1].reason).toMatch(/^leaked in settings\.yaml:2:6@[0-9a-f]{12}$/);
    if (line === 1) {
      expect((await session.sh('credctl verify < secrets/web-shop')).exitCode).toBe(0);
    }
  });

  it('are those of the README as well', async () => {
    const session = await openSession();
    await repository(session, await session.issue('web-shop'));
    const text = fencesOf('README.md').find(({ title }) => title.startsWith('credctl scan '))?.text ?? '';
    expect(await exitCodes(session, answered(text))).toEqual([10, 10]);
    expect(await exitCodes(session, answered(text))).toEqual([0, 0]);
  });
});

it('the hook stops a commit with a secret, and can be skipped once', async () => {
  const session = await openSession();
  const secret = await session.issue('web-shop');
  const git = await repository(session, null);
  expect(await exitCodes(session, exampleOf(PAGE, 'hook.sh'))).toEqual([0]);
  await session.workspace.write('settings.yaml', settings(secret));
  await expect(git('commit', '-q', '-a', '-m', 'a key')).rejects.toThrow('unchecked: ');
  await git('commit', '-q', '-a', '-m', 'a key', '--no-verify');
  expect((await session.run(['scan', '--history'])).exitCode).toBe(10);
});
