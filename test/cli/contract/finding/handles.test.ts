import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, sessionIn } from '../../../support/program/run.js';
import { createWorkspace, type Workspace } from '../../../support/program/workspace.js';
import { auditDocument, credentialDocument, listDocument } from '../output/shapes.js';

let workspace: Workspace;
let session: Session;

beforeAll(async () => {
  workspace = await createWorkspace();
  session = sessionIn(workspace);
});
afterAll(() => workspace.remove());

/** The handle in a bare secret. */
function handleIn(secret: string): string {
  return secret.slice(0, 'cctl_key_0123456789AB'.length);
}

async function issued(name: string, ...flags: readonly string[]): Promise<string> {
  return handleIn(await session.issue(name, ...flags));
}

describe('a handle is taken where a name is', () => {
  it('by every command on credentials, of versions that have ended as well', async () => {
    const first = await issued('by-handle');
    await session.ok('rotate', first, '--grace', '0', '-q');
    const { credential } = await session.json(credentialDocument, 'show', first);
    expect(credential.versions.map(({ version, state }) => [version, state])).toEqual([
      [2, 'current'],
      [1, 'retired'],
    ]);
    await session.ok('edit', first, '--description', 'found');
    await session.ok('deactivate', first);
    await session.ok('activate', first);
    expect((await session.json(credentialDocument, 'show', 'by-handle')).credential).toMatchObject({
      description: 'found',
      status: 'active',
    });
    await session.ok('rotate', first, '--grace', '1h', '-q');
    await session.ok('rotate', first, '--finish', '--force');
    expect((await session.run(['delete', first, first, '--yes'])).stderr).toMatch(/^deleted by-handle$/m);
    expect((await session.run(['show', 'by-handle'])).exitCode).toBe(3);
  });

  it('by searches and by the audit trail', async () => {
    const handle = await issued('searched');
    const { credentials } = await session.json(listDocument, 'list', '--search', handle);
    expect(credentials.map(({ name }) => name)).toEqual(['searched']);
    const { events } = await session.json(auditDocument, 'audit', '--target', handle);
    expect(events.map(({ target }) => target.name)).toEqual(['searched', 'searched']);
  });

  it('not of another prefix', async () => {
    const handle = await issued('prefixed');
    const { message } = await session.refused(3, ['show', handle.replace('cctl', 'acme')]);
    expect(message).toMatch(/^no credential "acme_key_/);
  });

  it('once the credential is deleted, it says whose it was, and where to look further', async () => {
    const handle = await issued('gone');
    await session.ok('delete', 'gone', '--yes');
    for (const args of [['show'], ['edit', '--description', 'x'], ['rotate', '-q'], ['delete', '--yes']]) {
      const [command = '', ...flags] = args;
      const { message, hint } = await session.refused(3, [command, handle, ...flags]);
      expect(message).toMatch(
        new RegExp(`^no credential "${handle}": it belonged to gone, which was deleted \\d{4}-.*Z$`),
      );
      expect(hint).toContain(`'credctl audit --target ${handle}'`);
    }
    const { events } = await session.json(auditDocument, 'audit', '--target', handle);
    expect(events.map(({ action }) => action)).toEqual([
      'credential.delete',
      'credential.deliver',
      'credential.create',
    ]);
  });

  it('and so it does by the id and the client id', async () => {
    await session.ok('create', 'gone-too', '--type', 'oauth2', '--scope', 'data:users', '-q');
    const { credential } = await session.json(credentialDocument, 'show', 'gone-too');
    await session.ok('delete', 'gone-too', '--yes');
    for (const reference of [credential.id, credential.client_id ?? '']) {
      const { message, hint } = await session.refused(3, ['show', reference]);
      expect(message).toContain(
        `no credential "${reference}": it belonged to gone-too, which was deleted 20`,
      );
      expect(hint).toContain(`'credctl audit --target ${reference}'`);
    }
  });

  it('and may be no new name', async () => {
    const handle = await issued('named');
    for (const args of [
      ['create', handle, '--scope', 'data:users'],
      ['edit', 'named', '--name', handle.toUpperCase()],
      ['owner', 'create', handle, '--kind', 'service'],
    ]) {
      expect((await session.refused(2, args)).message).toMatch(/name has the shape of a handle$/);
    }
  });
});

describe('what was deleted is found in the audit trail', () => {
  it('by its last name, its id and its client id', async () => {
    await session.ok('create', 'earlier', '--scope', 'data:users', '-q');
    const { credential } = await session.json(credentialDocument, 'edit', 'earlier', '--name', 'later');
    await session.ok('delete', 'later', '--yes');
    for (const target of ['LATER', credential.id, credential.client_id ?? '']) {
      const { events } = await session.json(auditDocument, 'audit', '--target', target);
      expect(events.map(({ action }) => action.split('.')[1])).toEqual([
        'delete',
        'edit',
        'deliver',
        'create',
      ]);
    }
  });

  it('of an owner, too', async () => {
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.ok('owner', 'edit', 'crm', '--name', 'crm-2');
    await session.ok('owner', 'delete', 'crm-2', '--yes');
    const { events } = await session.json(auditDocument, 'audit', '--target', 'crm-2');
    expect(events.map(({ action }) => action)).toEqual(['owner.delete', 'owner.edit', 'owner.create']);
  });
});

describe('verify', () => {
  it('says of a client secret of a deleted credential whose it was and since when', async () => {
    const secret = await session.ok('create', 'client', '--scope', 'data:users', '-q');
    const { credential } = await session.json(credentialDocument, 'show', 'client');
    await session.ok('delete', 'client', '--yes');
    const { exitCode, stdout } = await session.run(['verify', '--json'], { stdin: secret });
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toEqual({
      ...{ schema_version: 1, valid: false, reason: 'deleted' },
      credential: {
        ...{ id: credential.id, name: 'client' },
        deleted_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    });
  });
});
