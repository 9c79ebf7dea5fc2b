import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import * as shape from './shapes.js';

describe('a document of an owner, the catalog, the audit trail or the store has exactly the keys of the contract', () => {
  it('owner create, show, edit and list show an owner in the same way', async () => {
    const session = await openSession();
    const created = await session.json(shape.ownerDocument, 'owner', 'create', 'crm', '--kind', 'service');
    expect(created.owner).toMatchObject({ name: 'crm', kind: 'service', status: 'active', credentials: 0 });
    const edited = await session.json(shape.ownerDocument, 'owner', 'edit', 'crm', '--name', 'crm-emea');
    expect(edited.owner).toEqual({ ...created.owner, name: 'crm-emea' });
    await session.issue('ci-bot', '--owner', 'crm-emea');
    const { owner } = await session.json(shape.ownerDocument, 'owner', 'show', 'crm-emea');
    expect(owner).toEqual({ ...edited.owner, credentials: 1 });
    const listed = await session.json(shape.ownersDocument, 'owner', 'list');
    expect(listed.owners).toEqual([owner]);
  });

  it.each(['deactivate', 'activate', 'delete'])('owner %s: a result for each target', async (command) => {
    const session = await openSession();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    const document = await session.json(shape.resultsDocument, 'owner', command, 'crm', '--yes');
    expect(document.results).toMatchObject([{ name: 'crm', ok: true }]);
  });

  it('catalog show: the document that apply takes', async () => {
    const session = await openSession();
    const { catalog } = await session.json(shape.catalogDocument, 'catalog', 'show');
    expect(catalog.apis.map(({ id }) => id)).toEqual(['data', 'events']);
    await session.workspace.write('catalog.json', JSON.stringify(catalog));
    expect(await session.ok('catalog', 'apply', '-f', 'catalog.json', '--dry-run')).toBe('');
  });

  it('audit: events newest first, and the chain is whole', async () => {
    const session = await openSession();
    await session.issue('ci-bot', '--reason', 'ticket 42');
    const { events } = await session.json(shape.auditDocument, 'audit');
    expect(events.map(({ seq, action }) => [seq, action])).toEqual([
      [3, 'credential.deliver'],
      [2, 'credential.create'],
      [1, 'store.init'],
    ]);
    expect(events.map(({ reason }) => reason)).toEqual(['ticket 42', 'ticket 42', 'ticket 42']);
    const listed = await session.json(shape.auditDocument, 'audit', 'list');
    expect(listed.events).toEqual(events);
    const verified = await session.json(shape.auditValidDocument, 'audit', 'verify');
    expect(verified).toEqual({ schema_version: 1, valid: true, events: 3, head: events[0]?.hash });
  });

  it('audit verify: the first event that is not as it was, exit 9', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const elsewhere = 'f'.repeat(64);
    const { exitCode, stdout, stderr } = await session.run([
      'audit',
      'verify',
      '--head',
      elsewhere,
      '--json',
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 9, stderr: '' });
    expect(shape.auditInvalidDocument.parse(JSON.parse(stdout)).first_bad).toBe(4);
  });

  it('audit export: one event a line, the oldest first', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const lines = (await session.ok('audit', 'export')).trimEnd().split('\n');
    const events = lines.map((line) => shape.exportedEvent.parse(JSON.parse(line)));
    expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it('store init, info and set show the store in the same way', async () => {
    const session = await openSession({ config: null });
    const made = await session.json(shape.storeDocument, 'store', 'init', '--prefix', 'acme');
    expect(made.store).toMatchObject({
      engine: 'sqlite',
      location: session.workspace.defaultStore,
      schema: 5,
      prefix: 'acme',
      hash: 'bcrypt',
      bcrypt_cost: 10,
      credentials: 0,
      owners: 0,
    });
    const known = await session.json(shape.storeDocument, 'store', 'info');
    expect(known.store).toEqual({ ...made.store, size_bytes: known.store.size_bytes });
    const set = await session.json(shape.storeDocument, 'store', 'set', '--hash', 'sha256');
    expect(set.store).toMatchObject({ id: made.store.id, hash: 'sha256', bcrypt_cost: null });
  });

  it('store check: what was found, which is nothing in a good store', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const document = await session.json(shape.checkDocument, 'store', 'check');
    expect(document).toEqual({ schema_version: 1, ok: true, findings: [] });
  });
});
