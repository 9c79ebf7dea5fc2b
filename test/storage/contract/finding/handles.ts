import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../../src/domain/credential/credential.js';
import type { Store } from '../../../../src/domain/ports/store-port.js';
import { composeSecret } from '../../../../src/domain/secret/secret-format.js';
import { START } from '../../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../../support/stores/stores.js';
import { anEntry, anOwner, newVersionId } from '../../fixtures.js';
import { added, existing, opened } from '../opened.js';

const CLIENT = { type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF' } as const;

/** Deletes a credential as a command does: with its event. */
async function removed(store: Store, { id, name }: Credential, at = START): Promise<void> {
  await store.write(async (tx) => {
    await tx.deleteCredential(id, at);
    const target = { kind: 'credential', id, name } as const;
    await tx.appendAudit(anEntry({ action: 'credential.delete', target }), at);
  });
}

/** Records an edit of something that may be no more than its events. */
async function edited(store: Store, id: string, name: string): Promise<void> {
  const target = { kind: 'credential', id, name } as const;
  await store.write((tx) => tx.appendAudit(anEntry({ target }), START));
}

/** The names of the targets of a listing of events, newest first. */
async function namesAbout(store: Store, target: string): Promise<readonly (string | null)[]> {
  const { items } = await store.listAudit({ target, limit: 50 });
  return items.map(({ event }) => `${event.action.split('.')[1]} ${event.target.name}`);
}

export function handleContract(engine: Engine): void {
  describe('a handle', () => {
    it('finds the credential of its version, however long that has ended', async () => {
      const { store } = await opened(engine);
      const [lapsed, revoked, retired] = [newVersionId(), newVersionId(), newVersionId()];
      const ended = { at: START + 5, as: 'retired' } as const;
      const { id, versions } = await added(store, {}, [
        { id: lapsed, ended: { at: START + 5, as: 'lapsed' } },
        { id: revoked, revokedAt: START + 5 },
        { id: retired, ended },
        ...Array.from({ length: 10 }, () => ({ ended })),
        {},
      ]);
      const loaded = versions.map((version) => version.id);
      expect(loaded).not.toEqual(expect.arrayContaining([lapsed]));
      for (const version of [...loaded, lapsed, revoked, retired]) {
        expect((await store.findCredential(`cctl_key_${version}`))?.id).toBe(id);
      }
    });

    it('of a client secret is of another kind than of an API key', async () => {
      const { store } = await opened(engine);
      const { id, versions } = await added(store, CLIENT);
      const { id: version } = existing(versions[0]);
      expect((await store.findCredential(`cctl_sec_${version}`))?.id).toBe(id);
      expect(await store.findCredential(`cctl_key_${version}`)).toBeNull();
      expect(await store.findCredential(`cctl_tok_${version}`)).toBeNull();
    });

    it('of another prefix, in another case or cut off finds nothing', async () => {
      const { store } = await opened(engine);
      const { versions } = await added(store, {}, [{ id: 'AbCdEfGhIjKl' }]);
      const { id } = existing(versions[0]);
      for (const text of [
        `acme_key_${id}`,
        `CCTL_KEY_${id}`,
        `cctl_key_${id.toLowerCase()}`,
        `cctl_key_${id.slice(0, 11)}`,
        `cctl_key_${id}0`,
        ` cctl_key_${id}`,
        id,
      ]) {
        expect(await store.findCredential(text), text).toBeNull();
      }
    });

    it('that is the name of another credential, given before, is that name', async () => {
      const { store } = await opened(engine);
      const { versions } = await added(store);
      const handle = `cctl_key_${existing(versions[0]).id}`;
      const named = await added(store, { name: handle });
      expect((await store.findCredential(handle))?.id).toBe(named.id);
      expect((await store.listAudit({ target: handle, limit: 5 })).items).toEqual([]);
    });

    it('finds nothing once the credential is deleted', async () => {
      const { store } = await opened(engine);
      const gone = await added(store, { name: 'ci-bot' });
      await removed(store, gone, START + 9);
      const { id } = existing(gone.versions[0]);
      expect(await store.findCredential(`cctl_key_${id}`)).toBeNull();
      expect(await store.findDeleted(id)).toEqual({
        ...{ id: gone.id, name: 'ci-bot', clientId: null },
        deletedAt: START + 9,
      });
    });

    it('finds what was deleted by its id and its client id as well', async () => {
      const { store } = await opened(engine);
      const clientId = `cctl_id_${'a'.repeat(16)}`;
      const gone = await added(store, { name: 'client', type: 'oauth2', clientId });
      await removed(store, gone, START + 9);
      const tombstone = { id: gone.id, name: 'client', clientId, deletedAt: START + 9 };
      expect(await store.findDeletedById(gone.id.toUpperCase())).toEqual(tombstone);
      expect(await store.findDeletedById(clientId)).toEqual(tombstone);
      for (const other of ['client', `${gone.id.slice(0, -4)}0000`, `cctl_id_${'b'.repeat(16)}`]) {
        expect(await store.findDeletedById(other), other).toBeNull();
      }
    });

    it('is no secret: a whole one is not even looked up', async () => {
      const { store } = await opened(engine);
      const { id } = existing((await added(store)).versions[0]);
      const secret = composeSecret('cctl', 'key', id, 'x'.repeat(43));
      await added(store, { name: secret });
      expect(await store.findCredential(secret)).toBeNull();
    });

    it('that is searched for finds its credential, beside those with that text', async () => {
      const { store } = await opened(engine);
      const { name, versions } = await added(store, { name: 'ci-bot', description: 'nightly' });
      const handle = `cctl_key_${existing(versions[0]).id}`;
      await added(store, { name: 'noted', description: `replaces ${handle} of last year` });
      await added(store, { name: 'other', status: 'inactive' });
      const found = async (search: string, more = {}) => {
        const query = { now: START, sort: 'name', limit: 10, search, ...more } as const;
        return (await store.listCredentials(query)).items.map((credential) => credential.name);
      };
      expect(await found(handle)).toEqual([name, 'noted']);
      expect((await found(handle, { sort: 'expires' })).toSorted()).toEqual([name, 'noted']);
      expect(await found(handle, { status: 'inactive' })).toEqual([]);
      expect(await found(handle.slice(0, -1))).toEqual(['noted']);
      expect(await found(handle.replace('cctl', 'acme'))).toEqual([]);
    });
  });

  describe('the events about what was deleted', () => {
    it('are found by its handle, its id, its client id and its last name, with its earlier names', async () => {
      const { store } = await opened(engine);
      const gone = await added(store, { name: 'ci-bot', ...CLIENT }, [{ revokedAt: START }, {}]);
      await edited(store, gone.id, 'first-name');
      await removed(store, gone);
      await edited(store, 'somebody', 'else');
      const handles = gone.versions.map(({ id }) => `cctl_sec_${id}`);
      for (const target of [gone.id, gone.id.toUpperCase(), 'CI-bot', CLIENT.clientId, ...handles]) {
        expect(await namesAbout(store, target), target).toEqual(['delete ci-bot', 'edit first-name']);
      }
      expect(await namesAbout(store, 'first-name')).toEqual(['edit first-name']);
      for (const stranger of [`cctl_key_${gone.versions[0]?.id}`, 'cctl_id_0000000000000000']) {
        expect(await namesAbout(store, stranger), stranger).toEqual([]);
      }
    });

    it('are those of all that had the name last, where several had', async () => {
      const { store } = await opened(engine);
      for (const earlier of ['one', 'two']) {
        const gone = await added(store, { name: 'ci-bot' });
        await edited(store, gone.id, earlier);
        await removed(store, gone);
      }
      expect(await namesAbout(store, 'ci-bot')).toEqual([
        ...['delete ci-bot', 'edit two'],
        ...['delete ci-bot', 'edit one'],
      ]);
    });

    it('are not found by a name that something has now', async () => {
      const { store } = await opened(engine);
      await removed(store, await added(store, { name: 'ci-bot' }));
      const present = await added(store, { name: 'ci-bot' });
      await edited(store, present.id, 'ci-bot');
      expect(await namesAbout(store, 'ci-bot')).toEqual(['edit ci-bot']);
    });

    it('are found of an owner by its id and its last name', async () => {
      const { store } = await opened(engine);
      const owner = anOwner({ name: 'crm' });
      const target = { kind: 'owner', id: owner.id, name: 'crm' } as const;
      await store.write(async (tx) => {
        await tx.insertOwner(owner);
        await tx.appendAudit(anEntry({ action: 'owner.edit', target: { ...target, name: 'old' } }), START);
        await tx.deleteOwner(owner.id, START);
        await tx.appendAudit(anEntry({ action: 'owner.delete', target }), START);
      });
      for (const by of ['CRM', owner.id]) {
        expect(await namesAbout(store, by), by).toEqual(['delete crm', 'edit old']);
      }
    });

    it('come a page at a time, each once', async () => {
      const { store } = await opened(engine);
      const gone = await added(store, { name: 'ci-bot' });
      for (const name of ['ci-bot', 'old', 'ci-bot', 'old', 'ci-bot']) await edited(store, gone.id, name);
      await removed(store, gone);
      const seen: number[] = [];
      for (let before = Number.MAX_SAFE_INTEGER; ; ) {
        const page = await store.listAudit({ target: 'ci-bot', limit: 2, before });
        seen.push(...page.items.map(({ event }) => event.seq));
        if (page.nextCursor === null) break;
        before = Number(page.nextCursor);
      }
      expect(seen).toEqual([7, 6, 5, 4, 3, 2]);
      const { items } = await store.listAudit({ target: 'ci-bot', action: 'credential.delete', limit: 9 });
      expect(items.map(({ event }) => event.seq)).toEqual([7]);
    });
  });
}
