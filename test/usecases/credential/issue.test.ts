import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/domain/scope/catalog.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { isClientIdShape, parseSecret } from '../../../src/domain/secret/secret-format.js';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { createOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { failure } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { DAY, type IssueChange, openScenario } from '../scenario.js';

describe('creating a credential', () => {
  it('stores what was asked for', async () => {
    const scenario = await openScenario({ prefix: 'acme' });
    await createOwner(scenario.process(), { name: 'ci', kind: 'service' });
    const secret = await scenario.issue({
      name: 'Team/Bot',
      type: 'oauth2',
      scopes: ['events:messages', 'data:users', 'data:*'],
      owner: 'CI',
      description: 'nightly',
      labels: new Map([['env', 'prod']]),
      expiresAt: START + 90 * DAY,
      rotateEvery: { text: '30d', ms: 30 * DAY },
    });
    const parsed = parseSecret(secret);
    expect(parsed).toMatchObject({ prefix: 'acme', kind: 'sec' });
    const credential = await scenario.show('team/bot');
    expect(credential).toMatchObject({
      name: 'Team/Bot',
      type: 'oauth2',
      status: 'active',
      scopes: ['data:*', 'events:messages'],
      owner: { name: 'ci', kind: 'service', status: 'active' },
      description: 'nightly',
      labels: new Map([['env', 'prod']]),
      createdAt: START,
      createdBy: 'tester@here',
      updatedAt: START,
      revision: 1,
      expiresAt: START + 90 * DAY,
      rotateEvery: { text: '30d', ms: 30 * DAY },
      rotationDueAt: START + 30 * DAY,
      lastUsedAt: null,
    });
    expect(isClientIdShape(credential.clientId ?? '')).toBe(true);
    expect(credential.clientId).toMatch(/^acme_id_/);
    expect(credential.versions).toMatchObject([
      { id: parsed?.id, number: 1, deliveredAt: START, lapsesAt: null },
    ]);
    expect(credential.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
  });

  it('gives an API key no client id', async () => {
    const scenario = await openScenario();
    expect(parseSecret(await scenario.issue())?.kind).toBe('key');
    expect((await scenario.show()).clientId).toBeNull();
  });

  it('draws ids, client ids and secrets that are all different', async () => {
    const scenario = await openScenario();
    const drawn = new Set<string>();
    for (let index = 0; index < 20; index += 1) {
      const secret = await scenario.issue({ name: `bot-${index}`, type: 'oauth2' });
      const parsed = parseSecret(secret);
      const { id, clientId } = await scenario.show(`bot-${index}`);
      for (const text of [id, clientId, parsed?.id, parsed?.secret]) drawn.add(text ?? '');
    }
    expect(drawn.size).toBe(80);
  });

  it.each<readonly [string, IssueChange, unknown]>([
    ['no scope', { scopes: [] }, failure('usage', /no scope/)],
    ['an unknown API', { scopes: ['dta:users'] }, failure('usage', /unknown API/, /did you mean data/)],
    ['an unknown permission', { scopes: ['data:usrs'] }, failure('usage', /no permission/, /data:users/)],
    ['an owner that does not exist', { owner: 'nobody' }, failure('not_found', /no owner/)],
    ['a name that is taken', { name: 'TAKEN' }, failure('conflict', /taken/, /rotate taken/)],
  ])('refuses %s before anything is drawn or written', async (_what, change, refusal) => {
    const scenario = await openScenario();
    await scenario.issue({ name: 'taken' });
    const before = await scenario.events();
    const { fault, destination } = await scenario.tryIssue(change);
    expect(fault).toEqual(refusal);
    expect(destination.moments).toEqual([]);
    expect(scenario.hasher.policies).toHaveLength(1);
    expect(await scenario.events()).toEqual(before);
  });

  it('refuses a name that somebody else took while this one was being prepared', async () => {
    const scenario = await openScenario();
    const theirs: string[] = [];
    const race = async () => theirs.push(await scenario.issue());
    const { fault, secret } = await scenario.tryIssue({ to: { meanwhile: { preflight: race } } });
    expect([fault, secret]).toEqual([failure('conflict', /taken/), '']);
    expect(await scenario.accepts(theirs[0] ?? '')).toBe(true);
  });

  it('takes a thousand scopes, and no more: each request is answered from all of them', async () => {
    const workspaces = Array.from({ length: 1_001 }, (_, n) => `w${n}`);
    const catalog: Catalog = {
      name: 'many',
      apis: [
        {
          id: 'data',
          title: 'Data',
          types: ['api-key'],
          resource: 'workspace',
          accessTokenTtl: 60,
          permissions: [{ id: 'read', title: 'Read', description: null }],
        },
      ],
      resources: [{ id: 'acme', accounts: [{ id: 'us', workspaces }] }],
    };
    const scenario = await openScenario({ catalog });
    const scopes = workspaces.map((id) => `data:read@workspace/${id}`);
    await expect(scenario.issue({ scopes })).rejects.toEqual(failure('usage', /1001 scopes are too many/));
    await scenario.issue({ scopes: scopes.slice(1) });
    const deps = scenario.process();
    const edit = { reference: 'ci-bot', scopes: { add: scopes.slice(0, 1), remove: [] } };
    await expect(editCredential(deps, edit)).rejects.toEqual(failure('usage', /1001 scopes are too many/));
  });

  it('says which resource it selected', async () => {
    const catalog = PRESETS.get('mparticle');
    const scenario = await openScenario(catalog === undefined ? {} : { catalog });
    const { result } = await scenario.tryIssue({ type: 'oauth2', scopes: ['platform:user'] });
    expect(result?.credential.scopes).toEqual(['platform:user@account/example-account']);
    expect(result?.notes).toEqual([expect.stringContaining('account/example-account')]);
    const { fault } = await scenario.tryIssue({ type: 'oauth2', scopes: ['profile:read'], name: 'other' });
    expect(fault).toEqual(failure('usage', /needs a workspace/, /workspace\/development/));
  });

  it('gives a hint when the owner is a person, or is switched off', async () => {
    const scenario = await openScenario();
    await createOwner(scenario.process(), { name: 'alice', kind: 'user' });
    await createOwner(scenario.process(), { name: 'ci', kind: 'service' });
    await setOwnerStatus(scenario.process(), 'ci', 'inactive');
    const notes = async (name: string, owner: string) =>
      (await scenario.tryIssue({ name, owner })).result?.notes;
    expect(await notes('a', 'alice')).toEqual([expect.stringContaining('service account')]);
    expect(await notes('b', 'ci')).toEqual([expect.stringContaining('inactive')]);
  });

  it('is refused when the store was made anew meanwhile, for the secret would have another prefix', async () => {
    const scenario = await openScenario();
    const remake = () => scenario.files.tamper("update store set prefix = 'acme'");
    const { fault } = await scenario.tryIssue({
      by: { observe: (step) => void (step === 'hashed' && remake()) },
    });
    expect(fault).toEqual(failure('conflict', /was replaced/));
    expect(await scenario.exists()).toBe(false);
  });
});
