import { describe, expect, it } from 'vitest';
import type { Api, Catalog } from '../../../../src/domain/scope/catalog.js';
import { planCatalog, replaceCatalog } from '../../../../src/usecases/catalog.js';
import { editCredential } from '../../../../src/usecases/credential/edit.js';
import { findCredential } from '../../../../src/usecases/credential/find.js';
import { issueCredential } from '../../../../src/usecases/credential/issue.js';
import { verify } from '../../../../src/usecases/credential/verify.js';
import { TestWorld } from '../../../support/dependencies/dependencies.js';
import { ScriptedDestination } from '../../../support/dependencies/destinations.js';
import { type Engine, newStorePlan } from '../../../support/stores/stores.js';
import { failure } from '../../fixtures.js';
import { opened } from '../opened.js';

const { catalog: BEFORE } = newStorePlan();
const [DATA, ...OTHERS] = BEFORE.apis as readonly [Api, ...Api[]];
/** The API `data` is `records` now. */
const AFTER: Catalog = { ...BEFORE, apis: [{ ...DATA, id: 'records', aliases: ['data'] }, ...OTHERS] };

/** `ci-bot`, an API key for data:users and events:messages, in a store whose API data was renamed since. */
async function renamed(engine: Engine) {
  const fresh = await opened(engine);
  const world = new TestWorld(fresh.store);
  const deps = world.process();
  const destination = new ScriptedDestination();
  await issueCredential(deps, {
    name: 'ci-bot',
    type: 'api-key',
    scopes: ['data:users', 'events:messages'],
    owner: null,
    description: null,
    labels: new Map(),
    expiresAt: null,
    rotateEvery: null,
    destinations: [destination],
  });
  const { differences } = await replaceCatalog(deps, AFTER);
  const { store } = fresh;
  const edit = (scopes: NonNullable<Parameters<typeof editCredential>[1]['scopes']>) =>
    editCredential(deps, { reference: 'ci-bot', scopes });
  return {
    fresh,
    deps,
    differences,
    secret: destination.secret,
    edit,
    scopes: async () => (await findCredential(store, 'ci-bot')).scopes,
    stored: async () => (await store.heldScopes()).flatMap((held) => held.scopes),
    look: async (...scopes: readonly string[]) => {
      const secret = { secret: destination.secret, clientId: null, scopes, recordUse: false };
      const verdict = await verify(deps, secret);
      return verdict.valid ? verdict.scopes : verdict.reason;
    },
    /** What `store check` finds wrong. */
    findings: async () =>
      (await store.check(world.clock.now())).filter(({ severity }) => severity === 'error'),
  };
}

export function aliasContract(engine: Engine): void {
  describe('an API that was renamed, with its old id as an alias', () => {
    it('breaks no credential, whose scopes are shown under the new id and stored as they were', async () => {
      const { differences, scopes, stored, findings } = await renamed(engine);
      expect(differences).toEqual(['~ api data -> records', '+ alias data of records']);
      expect(await scopes()).toEqual(['events:messages', 'records:users']);
      expect(await stored()).toEqual(['data:users', 'events:messages']);
      expect(await findings()).toEqual([]);
    });

    it('is asked for under either id', async () => {
      const { look } = await renamed(engine);
      for (const scope of ['data:users', 'records:users']) {
        expect(await look(scope)).toEqual(['events:messages', 'records:users']);
      }
      expect(await look('records:conversations')).toBe('insufficient_scope');
    });

    it('keeps the old text of what goes on to be held, so that the trail tells of no other change', async () => {
      const { edit, stored, scopes, findings, fresh } = await renamed(engine);
      await edit({ add: ['records:interactions'], remove: ['events:messages'] });
      expect(await scopes()).toEqual(['records:interactions', 'records:users']);
      expect(await stored()).toEqual(['data:users', 'records:interactions']);
      const [latest] = (await fresh.store.listAudit({ limit: 1 })).items;
      expect(latest?.event.details['scopes']).toEqual({
        from: ['data:users', 'events:messages'],
        to: ['data:users', 'records:interactions'],
      });
      expect(await findings()).toEqual([]);
    });

    it.each([['records:users'], ['data:users']])(
      'loses %s, which it holds under the alias',
      async (scope) => {
        const { edit, stored, findings, look } = await renamed(engine);
        await edit({ add: [], remove: [scope] });
        expect(await stored()).toEqual(['events:messages']);
        expect(await look('records:users')).toBe('insufficient_scope');
        expect(await findings()).toEqual([]);
      },
    );

    it.each([['records:*'], ['data:*']])('swallows what it holds under the alias, by %s', async (scope) => {
      const { edit, stored, findings } = await renamed(engine);
      await edit({ add: [scope], remove: [] });
      expect(await stored()).toEqual(['events:messages', 'records:*']);
      expect(await findings()).toEqual([]);
    });

    it('is not changed by adding what it holds, and gets the new id by naming all scopes', async () => {
      const { edit, stored, findings } = await renamed(engine);
      expect((await edit({ add: ['records:users'], remove: [] })).changed).toBe(false);
      expect((await edit({ replace: ['data:users', 'events:messages'] })).changed).toBe(true);
      expect(await stored()).toEqual(['events:messages', 'records:users']);
      expect(await findings()).toEqual([]);
    });

    it('keeps its alias for as long as somebody is held under it', async () => {
      const { fresh, deps, edit } = await renamed(engine);
      const without = { ...AFTER, apis: [{ ...DATA, id: 'records' }, ...OTHERS] };
      await expect(planCatalog(fresh.store, without)).rejects.toEqual(
        failure('conflict', /ci-bot \(the alias data of the API records is removed\)$/),
      );
      await edit({ replace: ['records:users'] });
      expect((await replaceCatalog(deps, without)).differences).toEqual(['- alias data of records']);
    });

    it('still shows what was planted under an alias', async () => {
      const { fresh, edit, findings } = await renamed(engine);
      await fresh.tamper(
        `update credential set scopes = '["data:conversations","data:users","events:messages"]' where name = 'ci-bot'`,
      );
      await fresh.tamper(
        `insert into credential_scope (scope, credential_key) select 'data:conversations', key from credential`,
      );
      await edit({ add: [], remove: ['events:messages'] });
      expect((await findings()).map(({ message }) => message)).toEqual([
        expect.stringContaining('data:conversations'),
      ]);
    });
  });
}
