import { describe, expect, it } from 'vitest';
import type { Api, Catalog } from '../../src/domain/scope/catalog.js';
import { planCatalog, replaceCatalog } from '../../src/usecases/catalog.js';
import { setCredentialStatus } from '../../src/usecases/credential/activation.js';
import { failure } from '../storage/fixtures.js';
import { openScenario, type Scenario } from './scenario.js';

const permissions = (...ids: readonly string[]) => ids.map((id) => ({ id, title: id, description: null }));

const DATA: Api = {
  id: 'data',
  title: 'Data',
  types: ['oauth2', 'api-key'],
  resource: 'none',
  accessTokenTtl: 60,
  permissions: permissions('read', 'write'),
};
const PROFILE: Api = { ...DATA, id: 'profile', title: 'Profile', resource: 'workspace' };
const CATALOG: Catalog = {
  name: 'test',
  apis: [DATA, PROFILE],
  resources: [
    {
      id: 'acme',
      accounts: [
        { id: 'us', workspaces: ['ios', 'web'] },
        { id: 'eu', workspaces: [] },
      ],
    },
  ],
};

/** `ci-bot` reads data with an API key; `crm` holds a scope on a workspace. */
async function twoCredentials(): Promise<Scenario> {
  const scenario = await openScenario({ catalog: CATALOG });
  await scenario.issue({ scopes: ['data:read'] });
  await scenario.issue({ name: 'crm', type: 'oauth2', scopes: ['profile:read@workspace/ios'] });
  return scenario;
}

const replace = (scenario: Scenario, next: Catalog) => replaceCatalog(scenario.process(), next);

describe('a new catalog', () => {
  it('replaces the old one, and says what differs', async () => {
    const scenario = await twoCredentials();
    const next = { ...CATALOG, apis: [{ ...DATA, accessTokenTtl: 90 }, PROFILE, { ...DATA, id: 'events' }] };
    const plan = await replace(scenario, next);
    expect(plan.differences).toEqual(['+ api events', '~ data access_token_ttl 60 -> 90']);
    expect(await scenario.store.catalog()).toEqual(next);
    expect((await scenario.events()).at(-1)).toMatchObject({
      action: 'catalog.replace',
      target: { kind: 'catalog', id: null, name: 'test' },
      details: { differences: plan.differences },
    });
  });

  it('is refused where its differences are no longer those that were shown', async () => {
    const scenario = await twoCredentials();
    const next = { ...CATALOG, apis: [DATA, PROFILE, { ...DATA, id: 'events' }] };
    const shown = await planCatalog(scenario.store, next);
    await replace(scenario, { ...CATALOG, apis: [DATA, PROFILE, { ...DATA, id: 'files' }] });
    const late = replaceCatalog(scenario.process(), next, shown);
    await expect(late).rejects.toEqual(failure('conflict', /another command has changed the catalog/));
    expect((await scenario.store.catalog()).apis.map(({ id }) => id)).toContain('files');
    await replace(scenario, next);
    expect(await replaceCatalog(scenario.process(), next, shown)).toEqual({ differences: [] });
  });

  it('that is the same changes nothing', async () => {
    const scenario = await twoCredentials();
    const before = [await scenario.events(), await scenario.generation()];
    expect(await replace(scenario, structuredClone(CATALOG))).toEqual({ differences: [] });
    expect([await scenario.events(), await scenario.generation()]).toEqual(before);
  });

  it('is only planned when nobody asks for more', async () => {
    const scenario = await twoCredentials();
    const next = { ...CATALOG, name: 'next' };
    expect((await planCatalog(scenario.store, next)).differences).toEqual(['~ name "test" -> "next"']);
    expect(await scenario.store.catalog()).toEqual(CATALOG);
  });

  it.each<readonly [string, Catalog, RegExp]>([
    ['removes an API that is held', { ...CATALOG, apis: [PROFILE] }, /ci-bot \(the API data is removed\)/],
    [
      're-levels an API that is held',
      { ...CATALOG, apis: [DATA, { ...PROFILE, resource: 'account' }] },
      /crm \(.*level.*workspace to account/,
    ],
    [
      'removes a permission that is held',
      { ...CATALOG, apis: [{ ...DATA, permissions: permissions('write') }, PROFILE] },
      /ci-bot \(the permission data:read is removed\)/,
    ],
    [
      'removes a resource that is held',
      { ...CATALOG, resources: [{ id: 'acme', accounts: [{ id: 'us', workspaces: ['web'] }] }] },
      /crm \(workspace\/ios is removed\)/,
    ],
    [
      'moves a resource that is held',
      {
        ...CATALOG,
        resources: [
          {
            id: 'acme',
            accounts: [
              { id: 'us', workspaces: ['web'] },
              { id: 'eu', workspaces: ['ios'] },
            ],
          },
        ],
      },
      /crm \(workspace\/ios moves/,
    ],
    [
      'narrows the types of an API that is held',
      { ...CATALOG, apis: [{ ...DATA, types: ['oauth2'] }, PROFILE] },
      /ci-bot \(the API data no longer allows api-key\)/,
    ],
  ])('is a conflict when it %s, and names the credential', async (_what, next, named) => {
    const scenario = await twoCredentials();
    const before = await scenario.events();
    await expect(replace(scenario, next)).rejects.toEqual(failure('conflict', named));
    expect(await scenario.store.catalog()).toEqual(CATALOG);
    expect(await scenario.events()).toEqual(before);
  });

  it.each<readonly [string, Catalog]>([
    [
      'a permission that nobody holds',
      { ...CATALOG, apis: [{ ...DATA, permissions: permissions('read') }, PROFILE] },
    ],
    [
      'a resource that nobody holds',
      { ...CATALOG, resources: [{ id: 'acme', accounts: [{ id: 'us', workspaces: ['ios'] }] }] },
    ],
    ['a type that nobody has', { ...CATALOG, apis: [DATA, { ...PROFILE, types: ['oauth2'] }] }],
  ])('may take away %s', async (_what, next) => {
    const scenario = await twoCredentials();
    await replace(scenario, next);
    expect(await scenario.store.catalog()).toEqual(next);
  });

  it('may not take away what an inactive credential, or one on its way, holds', async () => {
    const scenario = await openScenario({ catalog: CATALOG });
    await scenario.issue({ name: 'off', scopes: ['data:*'] });
    await setCredentialStatus(scenario.process(), 'off', 'inactive');
    await scenario.tryIssue({ name: 'way', scopes: ['data:read'], by: { diesAt: 'committed' } });
    await expect(replace(scenario, { ...CATALOG, apis: [PROFILE] })).rejects.toEqual(
      failure('conflict', /off \(.*way \(/),
    );
  });

  it('names ten credentials, and how many more there are', async () => {
    const scenario = await openScenario({ catalog: CATALOG });
    for (let index = 10; index < 22; index += 1) {
      await scenario.issue({ name: `bot-${index}`, scopes: ['data:read'] });
    }
    await expect(replace(scenario, { ...CATALOG, apis: [PROFILE] })).rejects.toEqual(
      failure('conflict', /bot-10 .*bot-19 .*, and 2 more$/),
    );
  });

  it('that contradicts itself is refused before anything else', async () => {
    const scenario = await twoCredentials();
    const twice = { ...CATALOG, apis: [DATA, DATA] };
    await expect(replace(scenario, twice)).rejects.toEqual(failure('usage', /apis\[1\]/));
    await expect(planCatalog(scenario.store, twice)).rejects.toEqual(failure('usage'));
  });

  it('is what the next requirement is checked against', async () => {
    const scenario = await twoCredentials();
    const secret = await scenario.rotate();
    await expect(scenario.use(secret, ['events:read'])).rejects.toEqual(failure('usage'));
    await replace(scenario, { ...CATALOG, apis: [DATA, PROFILE, { ...DATA, id: 'events' }] });
    expect(await scenario.use(secret, ['events:read'])).toEqual({
      valid: false,
      reason: 'insufficient_scope',
    });
  });
});
