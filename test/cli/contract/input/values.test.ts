import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';
import { createDocument, credentialDocument } from '../output/shapes.js';

const DAY = 86_400_000;
const CREATE = ['--type', 'api-key', '--scope', 'data:users'];

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['15m', 900_000],
    ['24h', DAY],
    ['90d', 90 * DAY],
    ['4w', 28 * DAY],
    ['36500d', 36_500 * DAY],
    ['876000h', 36_500 * DAY],
  ])('%s is understood, and shown as it was given', async (text, ms) => {
    const session = await openSession();
    const { credential } = await session.json(
      createDocument,
      ...['create', 'x', ...CREATE, '--expires-in', text, '--rotate-every', text],
    );
    expect(credential.rotate_every).toBe(text);
    // The expiry counts from the moment the command line was read, a little before the creation.
    const lifetime = Date.parse(credential.expires_at ?? '') - Date.parse(credential.created_at);
    expect(lifetime).toBeGreaterThan(ms - 60_000);
    expect(lifetime).toBeLessThanOrEqual(ms);
  });

  it('of any other form is exit 2 and named', async () => {
    const session = await openSession();
    for (const text of [
      '1M',
      '-1d',
      '1.5h',
      '10',
      '',
      'd',
      '90 d',
      '90D',
      '1y',
      '1e3s',
      '١d',
      '36501d',
      '007d',
    ]) {
      const args = ['create', 'x', ...CREATE, `--expires-in=${text}`];
      const { message } = await session.refused(2, args);
      expect(message, JSON.stringify(text)).toMatch(/duration|longer/);
    }
  });

  it('is zero only where that means something', async () => {
    const session = await openSession();
    for (const zero of ['0', '0s', '0d']) {
      await session.refused(2, ['create', 'x', ...CREATE, '--expires-in', zero]);
      await session.refused(2, ['create', 'x', ...CREATE, '--rotate-every', zero]);
      await session.refused(2, ['list', '--unused-for', zero]);
    }
    await session.issue('x');
    const old = await session.json(credentialDocument, 'show', 'x');
    await session.ok('rotate', 'x', '--grace', '0');
    const { credential } = await session.json(credentialDocument, 'show', 'x');
    expect(credential.versions.map(({ state }) => state)).toEqual(['current', 'retired']);
    expect(credential.versions[1]?.handle).toBe(old.credential.versions[0]?.handle);
  });
});

describe('a time', () => {
  it.each([
    ['2090-01-31T12:00:00Z', '2090-01-31T12:00:00.000Z'],
    ['2090-01-31t12:00:00.5z', '2090-01-31T12:00:00.500Z'],
    ['2090-01-31T12:00:00+02:00', '2090-01-31T10:00:00.000Z'],
    ['2092-02-29T00:00:00Z', '2092-02-29T00:00:00.000Z'],
  ])('%s is understood, and shown as %s', async (text, shown) => {
    const session = await openSession();
    const { credential } = await session.json(createDocument, 'create', 'x', ...CREATE, '--expires-at', text);
    expect(credential.expires_at).toBe(shown);
  });

  it('of any other form, or one that has passed, is exit 2', async () => {
    const session = await openSession();
    for (const text of [
      ...['2090-01-31', '2090-01-31 12:00:00Z', '2090-01-31T12:00:00', '2090-02-30T12:00:00Z', 'tomorrow'],
      ...[
        '2090-13-01T00:00:00Z',
        '2090-01-01T25:00:00Z',
        '2001-01-01T00:00:00Z',
        '99999-01-01T00:00:00Z',
        '',
      ],
    ]) {
      await session.refused(2, ['create', 'x', ...CREATE, `--expires-at=${text}`]);
    }
    await session.refused(2, [
      'create',
      'x',
      ...CREATE,
      '--expires-at',
      '2090-01-31T12:00:00Z',
      '--expires-in',
      '1d',
    ]);
  });
});

describe('NAME', () => {
  it('is a name whatever its case, an id, or a client id', async () => {
    const session = await openSession();
    const { credential } = await session.json(
      createDocument,
      ...['create', 'Team/CRM-sync', '--scope', 'data:users'],
    );
    const references = ['Team/CRM-sync', 'team/crm-SYNC', credential.id, credential.id.toUpperCase()];
    for (const reference of [...references, credential.client_id ?? '']) {
      const found = await session.json(credentialDocument, 'show', reference);
      expect(found.credential.id, reference).toBe(credential.id);
    }
    await session.ok('deactivate', credential.id);
    await session.ok('activate', credential.client_id ?? '');
    await session.ok('rotate', credential.client_id ?? '', '--now');
    await session.ok('edit', credential.id, '--name', 'renamed');
    await session.ok('delete', credential.client_id ?? '', '--yes');
  });

  it('is shown as it was typed, and free again after a change of its case', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    await session.ok('edit', 'CI-BOT', '--name', 'CI-Bot');
    const { credential } = await session.json(credentialDocument, 'show', 'ci-bot');
    expect(credential.name).toBe('CI-Bot');
  });

  it.each([
    ['a b', '" " at position 2'],
    ['-x', ''],
    ['a..b/', "ends with '/'"],
    ['a//b', "'/' at position 3"],
    ['../etc', "'.' at position 1"],
    ['_x', "'_' at position 1"],
    ['caf\u00e9', 'U+00E9'],
    ['', 'empty'],
    ['x'.repeat(129), '129 characters'],
    ['01890a5d-ac96-774b-bcce-b302099a8057', 'shape of an id'],
    ['cctl_id_0123456789abcdef', 'shape of a client id'],
  ])('%j cannot be one, and the fault is named', async (name, fault) => {
    const session = await openSession();
    const { message } = await session.refused(2, ['create', name, ...CREATE]);
    expect(message).toContain(fault);
    if (fault === '') return;
    expect((await session.refused(2, ['owner', 'create', name, '--kind', 'user'])).message).toContain(fault);
  });
});
