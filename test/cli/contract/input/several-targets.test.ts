import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import { listDocument, ownersDocument, resultsDocument } from '../output/shapes.js';

describe('of several targets', () => {
  it.each(['activate', 'deactivate', 'delete'])('%s does what it can and tells of each', async (command) => {
    const session = await openSession();
    await session.issue('a');
    await session.issue('b');
    const { exitCode, stdout, stderr } = await session.run([command, 'a', 'nobody', 'b', '--yes', '--json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 7, stderr: '' });
    const { results } = resultsDocument.parse(JSON.parse(stdout));
    expect(results).toMatchObject([
      { name: 'a', ok: true },
      { name: 'nobody', ok: false, error: { code: 'not_found', message: expect.stringContaining('nobody') } },
      { name: 'b', ok: true },
    ]);
  });

  it('without --json, each outcome is a line on stderr', async () => {
    const session = await openSession();
    await session.issue('a');
    const { exitCode, stdout, stderr } = await session.run(['deactivate', 'a', 'nobody']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
    expect(stderr).toMatch(/^deactivated a$/m);
    expect(stderr).toMatch(/^credctl: no credential "nobody"$/m);
  });

  it("all done is exit 0, and all failed is an error of the first one's kind", async () => {
    const session = await openSession();
    await session.issue('a');
    await session.issue('b');
    await session.ok('deactivate', 'a', 'b');
    const { stdout, message } = await session.refused(3, ['deactivate', 'nobody', 'somebody']);
    expect(stdout).toBe('');
    expect(message).toMatch(/nobody.*somebody/);
    const { credentials } = await session.json(listDocument, 'list', '--status', 'inactive');
    expect(credentials.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each(['activate', 'deactivate', 'delete'])(
    '%s: one that is named in several ways counts once',
    async (command) => {
      const session = await openSession();
      await session.issue('a');
      const { credentials } = await session.json(listDocument, 'list');
      const { results } = await session.json(
        resultsDocument,
        command,
        ...['a', 'a', 'A', String(credentials[0]?.id)],
        '--yes',
      );
      expect(results).toMatchObject([{ name: 'a', ok: true }]);
    },
  );

  it.each(['activate', 'deactivate', 'delete'])('owner %s: the same', async (command) => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const { results } = await session.json(resultsDocument, 'owner', command, 'crm', 'CRM', '--yes');
    expect(results).toMatchObject([{ name: 'crm', ok: true }]);
  });

  it('a single one that fails is the error of the command itself', async () => {
    const session = await openSession();
    for (const command of ['activate', 'deactivate', 'delete']) {
      const { stdout } = await session.refused(3, [command, 'nobody', '--yes']);
      expect(stdout).toBe('');
    }
  });

  it('owners are treated alike', async () => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const { exitCode, stdout } = await session.run(['owner', 'deactivate', 'crm', 'nobody', '--json']);
    expect(exitCode).toBe(7);
    const { results } = resultsDocument.parse(JSON.parse(stdout));
    expect(results.map(({ name, ok }) => [name, ok])).toEqual([
      ['crm', true],
      ['nobody', false],
    ]);
    const { owners } = await session.json(ownersDocument, 'owner', 'list');
    expect(owners).toMatchObject([{ name: 'crm', status: 'inactive' }]);
  });

  it('no target at all is exit 2', async () => {
    const session = await openSession();
    for (const command of [['activate'], ['deactivate'], ['delete', '--yes'], ['owner', 'delete', '--yes']]) {
      await session.refused(2, command);
    }
  });
});
