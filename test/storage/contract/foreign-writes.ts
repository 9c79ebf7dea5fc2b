import { describe, expect, it } from 'vitest';
import { START } from '../../support/dependencies/fixed-clock.js';
import type { Engine } from '../../support/stores/stores.js';
import { newVersionId } from '../fixtures.js';
import { issued } from './issued.js';
import { added, existing, opened } from './opened.js';

const CLIENT = { type: 'oauth2', clientId: 'cctl_id_0123456789ABCDEF', scopes: ['data:users'] } as const;

/** What no server of this program writes, and what becomes of it. */
export function foreignWritesContract(engine: Engine): void {
  describe('tokens that no server has issued', () => {
    const tokenOf = async (type: 'api-key' | 'oauth2', times: { issuedAt: number; expiresAt: number }) => {
      const fresh = await opened(engine);
      const { id, versions } = await issued(fresh.store, type === 'oauth2' ? CLIENT : { name: 'bot' });
      await fresh.store.write((tx) =>
        tx.insertToken({
          id: newVersionId(),
          credentialId: id,
          versionId: existing(versions[0]).id,
          digest: 'd'.repeat(64),
          scopes: ['data:users'],
          ...times,
        }),
      );
      return fresh;
    };

    it('are found by a check where they are of an API key', async () => {
      const fresh = await tokenOf('api-key', { issuedAt: START, expiresAt: START + 1_000 });
      expect(await fresh.store.check(START)).toMatchObject([
        {
          check: 'tokens',
          severity: 'error',
          message: expect.stringContaining('bot has access tokens, but is an API key'),
        },
      ]);
    });

    it('are found where they would live longer than the catalog says, unless that was changed since', async () => {
      const later = START + 86_400_000;
      const fresh = await tokenOf('oauth2', { issuedAt: later, expiresAt: later + 3_600_000 });
      expect(await fresh.store.check(later)).toEqual([]);
      await fresh.tamper('update access_token set expires_at = expires_at + 1');
      expect(await fresh.store.check(later)).toMatchObject([{ check: 'tokens', severity: 'error' }]);
      await fresh.tamper('update access_token set issued_at = 0, expires_at = 4102444800000');
      // No catalog can ever have allowed that.
      expect(await fresh.store.check(later)).toMatchObject([{ check: 'tokens', severity: 'error' }]);
      await fresh.tamper('update access_token set issued_at = ?, expires_at = ?', later, later + 3_600_001);
      await fresh.tamper('update catalog set updated_at = ?', later);
      expect(await fresh.store.check(later)).toMatchObject([{ check: 'tokens', severity: 'note' }]);
    });
  });

  describe('a time of use that no date can be', () => {
    it.each([-1, 8_640_000_000_000_001, 9_007_199_254_740_993n])(
      'is refused, or shows as none and is replaced by the next use: %s',
      async (time) => {
        const fresh = await opened(engine);
        const { id, versions } = await added(fresh.store);
        const version = existing(versions[0]).id;
        await fresh.store.write((tx) => tx.recordUse(version, START, '192.0.2.7'));
        const spoil = fresh.tamper(`update last_use set first_used_at = ${time}, last_used_at = ${time}`);
        if (engine.name === 'postgres') {
          await expect(spoil).rejects.toThrow('last_use_times');
          return;
        }
        await spoil;
        const found = existing(await fresh.store.findCredential(id));
        expect([found.lastUsedAt, found.versions[0]?.firstUsedAt, found.versions[0]?.lastUsedAt]).toEqual([
          null,
          null,
          null,
        ]);
        const listed = await fresh.store.listCredentials({ now: START, sort: 'last-used', limit: 5 });
        expect(listed.items.map((item) => item.id)).toEqual([id]);
        await fresh.store.write(async (tx) => {
          await tx.updateCredential(id, { status: 'inactive' });
          await tx.recordUse(version, START + 1, null);
        });
        expect(await fresh.store.findCredential(id)).toMatchObject({
          lastUsedAt: START + 1,
          versions: [{ firstUsedAt: START + 1, lastUsedAt: START + 1 }],
        });
        await fresh.store.write((tx) => tx.deleteCredential(id, START));
      },
    );
  });
}
