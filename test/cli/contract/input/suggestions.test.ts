import { describe, expect, it } from 'vitest';
import { openSession } from '../../../support/program/run.js';

const CREATE = ['create', 'x', '--scope', 'data:users'];

/** A slip of the keyboard, and what was meant. */
const SLIPS: readonly (readonly [args: readonly string[], meant: string])[] = [
  [['crate'], 'create'],
  [['lst'], 'list'],
  [['Rotate'], 'rotate'],
  [['activte', 'x'], 'activate'],
  [['owner', 'crete'], 'create'],
  [['catalog', 'aply'], 'apply'],
  [['store', 'inf'], 'info'],
  [['audit', 'verfy'], 'verify'],
  [['audit', 'exprt'], 'export'],
  [['list', '--staus', 'active'], '--status'],
  [['list', '--jsn'], '--json'],
  [['owner', 'list', '--jsno'], '--json'],
  [['audit', '--limt', '5'], '--limit'],
  [[...CREATE, '--expires-on', '90d'], '--expires-'],
  [[...CREATE, '--type', 'oauth'], 'oauth2'],
  [[...CREATE, '--type', 'apikey'], 'api-key'],
  [[...CREATE, '--format', 'dotnev'], 'dotenv'],
  [['create', 'x', '--scope', 'daat:users'], 'data:users'],
  [['create', 'x', '--scope', 'data:user'], 'data:users'],
  [['create', 'x', '--scope', 'event:messages'], 'events:messages'],
  [['create', 'x', '--scope', 'data:conversation'], 'data:conversations'],
  [['list', '--sort', 'creatd'], 'created'],
  [['list', '--status', 'actve'], 'active'],
  [['audit', '--action', 'credential.creat'], 'credential.create'],
  [['owner', 'create', 'x', '--kind', 'servce'], 'service'],
  [['catalog', 'use', 'mparticel'], 'mparticle'],
  [['store', 'init', '--catalog', 'movework'], 'moveworks'],
  [['store', 'init', '--hash', 'bcrpyt'], 'bcrypt'],
];

describe('a slip is exit 2, and the nearest match is named', () => {
  it.each(SLIPS)('%j', async (args, meant) => {
    const session = await openSession();
    const { hint } = await session.refused(2, args);
    expect(hint).toContain(meant);
  });

  it('where resources are meant, too', async () => {
    const session = await openSession({ config: 'catalog = "mparticle"\n' });
    for (const [scope, meant] of [
      ['profile:read@workspace/prodution', 'profile:read@workspace/production'],
      ['profile:read@workspce/production', 'workspace'],
      ['platform:user@workspace/production', 'platform:user@account/example-account'],
    ] as const) {
      const { hint } = await session.refused(2, ['create', 'x', '--scope', scope]);
      expect(hint).toContain(`did you mean ${meant}`);
    }
  });
});

describe("another program's word for a command", () => {
  it.each([
    ['ls', 'credctl list'],
    ['rm', 'credctl delete'],
    ['revoke', 'credctl rotate NAME --now'],
    ['backup', 'credctl store backup FILE'],
    ['restore', 'credctl store restore FILE'],
    ['version', 'credctl --version'],
    ['search', 'credctl list --search TEXT'],
    ['find', 'credctl list --search TEXT'],
    ['status', 'credctl show NAME'],
    ['keys', 'credctl list --type api-key'],
    ['whoami', 'credctl verify'],
    ['LS', 'credctl list'],
  ])('%s leads to the command', async (word, command) => {
    const session = await openSession();
    const { message, hint } = await session.refused(2, [word, 'x']);
    expect(message).toBe(`unknown command "${word}"`);
    expect(hint).toContain(`here it is '${command}`);
  });

  it('names commands that there are', async () => {
    const session = await openSession();
    for (const word of [
      'get',
      'info',
      'set',
      'users',
      'check',
      'grant',
      'exec',
      'history',
      'user',
      'scopes',
    ]) {
      const { hint } = await session.refused(2, [word]);
      for (const [, command = ''] of hint?.matchAll(/'credctl ([a-z ]+)/g) ?? []) {
        await session.ok(...command.trim().split(' '), '--help');
      }
    }
  });
});

describe('the name of an owner where a credential is meant', () => {
  it.each(['show', 'rotate', 'deactivate', 'edit'])('leads from %s to the owner', async (command) => {
    const session = await openSession();
    await session.ok('owner', 'create', 'bob', '--kind', 'user');
    // A similar name of a credential does not come before it.
    await session.issue('bob2');
    const flags = command === 'edit' ? ['--description', 'x'] : [];
    const { message, hint } = await session.refused(3, [command, 'bob', ...flags]);
    expect(message).toBe('no credential "bob"');
    expect(hint).toContain("'credctl list --owner bob'");
  });
});

describe('an error says what is missing, or too much', () => {
  it.each([
    [['show'], "missing required argument 'name'", 'credctl show NAME'],
    [['store', 'backup'], "missing required argument 'file'", 'credctl store backup FILE'],
    [
      ['owner', 'create', 'x'],
      "required option '--kind <kind>' not specified",
      'add --kind service or --kind user',
    ],
    [['catalog', 'apply'], "required option '-f, --file <file>' not specified", 'add --file FILE'],
    [['store', 'copy'], "required option '--to <url>' not specified", 'add --to URL'],
    [['store', 'grant', 'admin'], "required option '--to <dbrole>' not specified", 'add --to DBROLE'],
  ])('%j', async (args, message, hint) => {
    const session = await openSession();
    expect(await session.refused(2, args)).toMatchObject({ message, hint });
  });

  it.each([
    [['list', 'x'], 'list takes no argument, and more were given', "'credctl show NAME'"],
    [
      ['owner', 'list', 'x'],
      'owner list takes no argument, and more were given',
      "'credctl owner show NAME'",
    ],
    [['audit', 'list', 'x'], 'audit list takes no argument, and more were given', '--target'],
    [['owner', 'show', 'a', 'b'], 'owner show takes only one argument, and more were given'],
    [['keychain', 'get', 'a', 'b'], 'keychain get takes only one argument, and more were given'],
  ])('%j', async (args, message, hint = 'put a value with spaces in quotes') => {
    const session = await openSession();
    const refused = await session.refused(2, args);
    expect(refused.message).toBe(message);
    expect(refused.hint).toContain(hint);
  });
});

describe('an error lists what is valid', () => {
  it('where an API or a permission is unknown', async () => {
    const session = await openSession();
    const api = await session.refused(2, ['create', 'x', '--scope', 'zzz:users']);
    expect(api.hint).toBe('valid: data, events, credctl');
    const permission = await session.refused(2, ['create', 'x', '--scope', 'events:zzz']);
    expect(permission.hint).toBe('valid: events:messages, events:*');
  });

  it('where a resource has to be chosen', async () => {
    const session = await openSession({ config: 'catalog = "mparticle"\n' });
    const { message, hint } = await session.refused(2, ['create', 'x', '--scope', 'profile:read']);
    expect(message).toBe('profile:read needs a workspace');
    for (const choice of [
      'workspace/development',
      'workspace/production',
      'account/example-account',
      'org/example-org',
    ]) {
      expect(hint).toContain(choice);
    }
  });

  it('where a group of commands is named alone', async () => {
    const session = await openSession();
    for (const [group, command] of [
      ['owner', 'create'],
      ['catalog', 'apply'],
      ['store', 'check'],
    ] as const) {
      const { message, hint } = await session.refused(2, [group]);
      expect(message).toContain('missing');
      expect(hint).toContain(command);
    }
  });

  it('and nothing far-fetched is suggested', async () => {
    const session = await openSession();
    for (const args of [
      ['zzzzzz'],
      ['list', '--zzzzzz'],
      ['list', '--sort', 'zzzzzz'],
      ['create', 'x', '--scope', 'zzz:y'],
    ]) {
      const { hint } = await session.refused(2, args);
      expect(hint).not.toContain('did you mean');
    }
  });
});

describe('what cannot be changed is said to be so', () => {
  it('the type and the client id of a credential', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    const type = await session.refused(2, ['edit', 'ci-bot', '--type', 'oauth2']);
    expect(type.message).toContain('cannot be changed');
    expect(type.hint).toContain('create a new credential');
    const client = await session.refused(2, ['edit', 'ci-bot', '--client-id', 'cctl_id_0123456789abcdef']);
    expect(client.message).toContain('cannot be changed');
  });

  it('flags that cannot be used together are both named', async () => {
    const session = await openSession();
    await session.issue('ci-bot');
    for (const [command, one, other] of [
      ['rotate', '--now', '--grace=7d'],
      ['rotate', '--finish', '--abort'],
      ['rotate', '--finish', '--now'],
      ['rotate', '--abort', '--output=x'],
      ['edit', '--scope=data:*', '--add-scope=data:users'],
      ['edit', '--no-expiry', '--expires-in=90d'],
      ['edit', '--no-rotation', '--rotate-every=90d'],
      ['edit', '--expires-in=90d', '--expires-at=2090-01-01T00:00:00Z'],
      ['edit', '--no-owner', '--owner=crm'],
    ] as const) {
      const { message } = await session.refused(2, [command, 'ci-bot', one, other]);
      expect(message).toContain(one.split('=')[0]);
      expect(message).toContain(other.split('=')[0]);
    }
  });
});
