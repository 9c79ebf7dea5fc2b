import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { type EditInput, editCredential } from '../../../src/usecases/credential/edit.js';
import { createOwner } from '../../../src/usecases/owner.js';
import { failure } from '../../storage/fixtures.js';
import { START } from '../../support/dependencies/fixed-clock.js';
import { DAY, openScenario, type Scenario } from '../scenario.js';

type Change = Omit<EditInput, 'reference'>;

const edit = (scenario: Scenario, change: Change) =>
  editCredential(scenario.process(), { reference: 'ci-bot', ...change });

/** A credential with something in every field. */
async function furnished(): Promise<Scenario> {
  const scenario = await openScenario();
  for (const name of ['ci', 'crm']) await createOwner(scenario.process(), { name, kind: 'service' });
  await scenario.issue({
    scopes: ['data:users', 'events:messages'],
    owner: 'ci',
    description: 'old',
    labels: new Map([
      ['env', 'prod'],
      ['team', 'a'],
    ]),
    expiresAt: START + 90 * DAY,
    rotateEvery: { text: '30d', ms: 30 * DAY },
  });
  scenario.clock.advance('1h');
  return scenario;
}

describe('an edit', () => {
  it.each<readonly [string, Change, object]>([
    ['the name', { name: 'New/Name' }, { name: 'New/Name' }],
    ['the name, in its case alone', { name: 'CI-Bot' }, { name: 'CI-Bot' }],
    ['all scopes', { scopes: { replace: ['data:*'] } }, { scopes: ['data:*'] }],
    [
      'one scope more',
      { scopes: { add: ['data:conversations'], remove: [] } },
      { scopes: ['data:conversations', 'data:users', 'events:messages'] },
    ],
    ['one scope less', { scopes: { add: [], remove: ['data:users'] } }, { scopes: ['events:messages'] }],
    [
      'one scope for another',
      { scopes: { add: ['data:conversations'], remove: ['data:users'] } },
      { scopes: ['data:conversations', 'events:messages'] },
    ],
    [
      'scopes by one that swallows them',
      { scopes: { add: ['data:*'], remove: [] } },
      { scopes: ['data:*', 'events:messages'] },
    ],
    ['the owner', { owner: 'CRM' }, { owner: expect.objectContaining({ name: 'crm' }) }],
    ['the owner to nobody', { owner: null }, { owner: null }],
    ['the description', { description: 'new' }, { description: 'new' }],
    ['the description to none', { description: null }, { description: null }],
    [
      'labels',
      { labels: { set: new Map([['env', 'dev']]), remove: ['team'] } },
      { labels: new Map([['env', 'dev']]) },
    ],
    ['the expiry', { expiresAt: START + DAY }, { expiresAt: START + DAY }],
    ['the expiry to none', { expiresAt: null }, { expiresAt: null }],
    [
      'the policy, and with it when it is due',
      { rotateEvery: { text: '1w', ms: 7 * DAY } },
      { rotateEvery: { text: '1w', ms: 7 * DAY }, rotationDueAt: START + 7 * DAY },
    ],
    ['the policy to none', { rotateEvery: null }, { rotateEvery: null, rotationDueAt: null }],
  ])('changes %s, and nothing else but time and revision', async (_what, change, expected) => {
    const scenario = await furnished();
    const before = await scenario.show();
    const edited = await edit(scenario, change);
    expect(edited.changed).toBe(true);
    expect(edited.credential).toEqual({ ...before, ...expected, updatedAt: START + 3_600_000, revision: 2 });
    expect(await scenario.show(before.id)).toEqual(edited.credential);
    expect((await scenario.events()).at(-1)).toMatchObject({ action: 'credential.edit' });
  });

  it.each<readonly [string, Change]>([
    ['nothing is asked for', {}],
    ['the name is the same', { name: 'ci-bot' }],
    ['the scopes are the same', { scopes: { replace: ['events:messages', 'data:users', 'data:users'] } }],
    ['the scope is held already', { scopes: { add: ['data:users'], remove: [] } }],
    ['the owner is the same', { owner: 'CI' }],
    ['the description is the same', { description: 'old' }],
    ['the labels are the same', { labels: { set: new Map([['env', 'prod']]), remove: [] } }],
    ['the expiry is the same', { expiresAt: START + 90 * DAY }],
    ['the policy is the same', { rotateEvery: { text: '30d', ms: 30 * DAY } }],
    ['the revision is the one that was seen', { ifRevision: 1 }],
  ])('changes nothing when %s: no revision, no time, no event', async (_what, change) => {
    const scenario = await furnished();
    const before = [await scenario.show(), await scenario.events(), await scenario.generation()];
    expect((await edit(scenario, change)).changed).toBe(false);
    expect([await scenario.show(), await scenario.events(), await scenario.generation()]).toEqual(before);
  });

  it.each<readonly [string, Change, unknown]>([
    ['an unknown API', { scopes: { replace: ['dat:users'] } }, failure('usage', /unknown API/, /data:users/)],
    ['an unknown permission', { scopes: { add: ['data:user'], remove: [] } }, failure('usage', /data/)],
    [
      'a scope that is not held',
      { scopes: { add: [], remove: ['data:*'] } },
      failure('usage', /does not have the scope/),
    ],
    [
      'the last scope',
      { scopes: { add: [], remove: ['data:users', 'events:messages'] } },
      failure('usage', /at least one scope/, /deactivate/),
    ],
    ['no scope at all', { scopes: { replace: [] } }, failure('usage', /no scope/)],
    ['an owner that does not exist', { owner: 'nobody' }, failure('not_found', /no owner/, /owner create/)],
    [
      'a label that it has not',
      { labels: { set: new Map(), remove: ['zone'] } },
      failure('usage', /no label/),
    ],
    [
      'a revision that has passed',
      { description: 'new', ifRevision: 7 },
      failure('conflict', /revision is 1, not 7/),
    ],
    ['a revision that has passed, with nothing to change', { ifRevision: 7 }, failure('conflict')],
    ['a name that is taken', { name: 'OTHER' }, failure('conflict', /taken/)],
  ])('refuses %s, and changes nothing', async (_what, change, refusal) => {
    const scenario = await furnished();
    await scenario.issue({ name: 'other' });
    const before = [await scenario.show(), await scenario.events()];
    await expect(edit(scenario, { description: 'new', ...change })).rejects.toEqual(refusal);
    expect([await scenario.show(), await scenario.events()]).toEqual(before);
  });

  it('of nobody is not found', async () => {
    const scenario = await furnished();
    await expect(editCredential(scenario.process(), { reference: 'nobody' })).rejects.toEqual(
      failure('not_found'),
    );
  });

  it('tells what it was before and what it is now', async () => {
    const scenario = await furnished();
    const { details } = await edit(scenario, {
      name: 'new',
      scopes: { replace: ['data:*'] },
      owner: null,
      expiresAt: null,
    });
    const { id } = await scenario.show('new');
    const event = (await scenario.events()).at(-1);
    expect(event?.details).toMatchObject(details);
    expect(event).toMatchObject({
      target: { kind: 'credential', id, name: 'ci-bot' },
      details: {
        name: { from: 'ci-bot', to: 'new' },
        scopes: { from: ['data:users', 'events:messages'], to: ['data:*'] },
        owner: { from: 'ci', to: null },
        expires_at: { from: START + 90 * DAY, to: null },
      },
    });
  });

  it('counts every edit, so that two people cannot overwrite each other', async () => {
    const scenario = await furnished();
    await edit(scenario, { description: 'one', ifRevision: 1 });
    await expect(edit(scenario, { description: 'two', ifRevision: 1 })).rejects.toEqual(failure('conflict'));
    await edit(scenario, { description: 'two', ifRevision: 2 });
    expect(await scenario.show()).toMatchObject({ description: 'two', revision: 3 });
  });

  it('never touches type, client id or secrets', async () => {
    const scenario = await openScenario();
    const secret = await scenario.issue({ type: 'oauth2' });
    const { type, clientId, versions } = await scenario.show();
    await edit(scenario, { name: 'new', scopes: { replace: ['events:*'] } });
    expect(await scenario.show('new')).toMatchObject({ type, clientId, versions });
    expect(await scenario.use(secret, ['events:messages'])).toMatchObject({ valid: true });
  });

  it('of scopes takes effect at once', async () => {
    const scenario = await furnished();
    const secret = await scenario.rotate();
    await edit(scenario, { scopes: { add: [], remove: ['data:users'] } });
    expect(await scenario.use(secret, ['data:users'])).toEqual({
      valid: false,
      reason: 'insufficient_scope',
    });
    expect(await scenario.use(secret, ['events:messages'])).toMatchObject({ valid: true });
  });

  it('of the expiry brings an expired credential back, and lets it be rotated again', async () => {
    const scenario = await furnished();
    scenario.clock.advance(90 * DAY);
    expect((await scenario.tryRotate()).fault).toEqual(failure('conflict', /expired/));
    await edit(scenario, { expiresAt: scenario.clock.now() + DAY });
    const secret = await scenario.rotate();
    expect(await scenario.use(secret)).toMatchObject({ valid: true });
  });

  it('keeps the resource of a scope, and says which one it selected', async () => {
    const catalog = PRESETS.get('mparticle');
    const scenario = await openScenario(catalog === undefined ? {} : { catalog });
    await scenario.issue({ type: 'oauth2', scopes: ['platform:user'] });
    const { credential, notes } = await edit(scenario, { scopes: { add: ['platform:*'], remove: [] } });
    expect(credential.scopes).toEqual(['platform:*@account/example-account']);
    expect(notes).toEqual([expect.stringContaining('account/example-account')]);
  });

  it('gives a person as the owner a hint', async () => {
    const scenario = await furnished();
    await createOwner(scenario.process(), { name: 'alice', kind: 'user' });
    expect((await edit(scenario, { owner: 'alice' })).notes).toEqual([
      expect.stringContaining('service account'),
    ]);
  });
});
