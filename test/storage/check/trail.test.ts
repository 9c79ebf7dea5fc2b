import { describe, expect, it } from 'vitest';
import { editCredential } from '../../../src/usecases/credential/edit.js';
import { issueCredential } from '../../../src/usecases/credential/issue.js';
import { createOwner, deleteOwner, setOwnerStatus } from '../../../src/usecases/owner.js';
import { rotate } from '../../../src/usecases/rotation/rotate.js';
import { TestWorld } from '../../support/dependencies/dependencies.js';
import { ScriptedDestination } from '../../support/dependencies/destinations.js';
import { POSTGRES_18 } from '../../support/postgres/stores.js';
import { type Engine, SQLITE, type SqlValue, type TestStore } from '../../support/stores/stores.js';
import { opened } from '../contract/opened.js';

const DAY = 86_400_000;

/** A store whose only credential, `bot`, was edited, and rotated twice: version 1 is revoked, and version 2 retires. */
async function livedIn(engine: Engine): Promise<TestStore> {
  const fresh = await opened(engine);
  const deps = new TestWorld(fresh.store).process();
  const clock = fresh.store.clock ?? deps.clock;
  // The database tells its time with the first answer.
  await fresh.store.write(async () => {});
  const all = { ...deps, clock };
  await createOwner(all, { name: 'ops', kind: 'service' });
  await createOwner(all, { name: 'crew', kind: 'service' });
  await setOwnerStatus(all, 'crew', 'inactive');
  await issueCredential(all, {
    name: 'bot',
    type: 'oauth2',
    scopes: ['data:users'],
    owner: 'ops',
    description: null,
    labels: new Map(),
    expiresAt: clock.now() + 90 * DAY,
    rotateEvery: null,
    destinations: [new ScriptedDestination()],
  });
  await editCredential(all, { reference: 'bot', scopes: { replace: ['data:conversations'] } });
  for (const supersede of [{ kind: 'revoke' } as const, { kind: 'grace', ms: DAY } as const]) {
    const destinations = [new ScriptedDestination()];
    await rotate(all, { reference: 'bot', supersede, ifOlderThan: null, destinations });
  }
  return fresh;
}

async function messages({ store }: TestStore): Promise<readonly string[]> {
  const findings = await store.check(store.clock?.now() ?? Date.UTC(2030, 0, 1));
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

/** What is written past the program, and what is said of it. */
const CHANGES: readonly (readonly [sql: string, parameters: readonly SqlValue[], said: RegExp])[] = [
  [
    "update credential set name = 'boy', name_key = 'boy'",
    [],
    /^the name of boy is "boy", .* "bot" according to/,
  ],
  ["update credential set type = 'api-key'", [], /^the type of bot is api-key, .* oauth2 according to/],
  ["update credential set status = 'inactive'", [], /^the status of bot is inactive, .* active according to/],
  ["update credential set client_id = 'cctl_id_0'", [], /^the client id of bot is cctl_id_0, .* cctl_id_/],
  ['update credential set owner_id = null', [], /^the owner of bot is none, /],
  [
    "update credential set owner_id = (select id from owner where name = 'crew')",
    [],
    /^the owner of bot is /,
  ],
  ['update credential set expires_at = null', [], /^the expiry of bot is none, /],
  ['update credential set expires_at = expires_at + 60000', [], /^the expiry of bot is /],
  [
    'update version set revoked_at = null where number = 1',
    [],
    /^the end of version 1 of bot is none, .*revoked at /,
  ],
  [
    'update version set retires_at = null where number = 2',
    [],
    /^the end of version 2 of bot is none, .* at /,
  ],
  [
    'update version set retires_at = retires_at + 60000 where number = 2',
    [],
    /^the end of version 2 of bot is at /,
  ],
  [
    'update version set supersede_grace_ms = 90000000 where number = 2',
    [],
    /^the grace given by version 2 of bot is 90000000 ms, but none/,
  ],
  [
    'update version set revoked_at = 1 where number = 3',
    [],
    /^the end of version 3 of bot is revoked at 1970/,
  ],
  [
    'update version set delivered_at = null where number = 3',
    [],
    /^the delivery of version 3 of bot is none, /,
  ],
  [
    "update version_hash set hash = '$sha256$' || ? where number = 3",
    ['0'.repeat(64)],
    /^the hash of version 3 of bot /,
  ],
  ["update owner set status = 'active' where name = 'crew'", [], /^the status of the owner crew is "active"/],
  [
    "update catalog set document = replace(document, 'users', 'usage')",
    [],
    /^the catalog is not the last one applied/,
  ],
  ["update owner set kind = 'user' where name = 'crew'", [], /^the kind of the owner crew is "user"/],
  [
    "delete from owner where name = 'crew'",
    [],
    /^the owner "crew" is missing, but was never deleted according to the audit trail/,
  ],
];

describe.each<Engine>([SQLITE, POSTGRES_18])('checking a store in $label against its trail', (engine) => {
  it('finds nothing in one that commands have made', async () => {
    expect(await messages(await livedIn(engine))).toEqual([]);
  });

  it('names each difference, whatever was written past the program', async () => {
    for (const [sql, parameters, said] of CHANGES) {
      const fresh = await livedIn(engine);
      await fresh.tamper(sql, ...parameters);
      expect(await messages(fresh), sql).toEqual([expect.stringMatching(said)]);
    }
  });

  it('names scopes that were widened', async () => {
    const fresh = await livedIn(engine);
    await fresh.tamper(`update credential set scopes = '["data:*"]'`);
    await fresh.tamper("update credential_scope set scope = 'data:*'");
    expect(await messages(fresh)).toEqual([
      'the scopes of bot are data:*, but data:conversations according to the audit trail',
    ]);
  });

  it('names a credential that has an owner again which was deleted', async () => {
    const fresh = await livedIn(engine);
    const deps = new TestWorld(fresh.store).process();
    await deleteOwner({ ...deps, clock: fresh.store.clock ?? deps.clock }, 'ops');
    expect(await messages(fresh)).toEqual([]);
    await fresh.tamper("update credential set status = 'active'");
    expect(await messages(fresh)).toEqual([
      expect.stringMatching(/^the status of bot is active, but inactive according to /),
    ]);
  });

  it('finds versions that count as deleted and are of no deleted credential', async () => {
    const fresh = await livedIn(engine);
    await fresh.tamper(
      "insert into deleted_version (version_id, credential_id) values ('CCCCCCCCCCCC', 'x')",
    );
    expect(await messages(fresh)).toEqual([
      'the list of deleted secrets differs from the records of deleted credentials (credentials: 1)',
    ]);
  });

  it.each(['credential', 'owner'])('finds names of a %s that no command would have taken', async (table) => {
    const fresh = await livedIn(engine);
    const name = '\u001b]0;pwn\u0007\n$(touch it)';
    await fresh.tamper(`update ${table} set name = ?, name_key = 'x' where name in ('bot', 'ops')`, name);
    const found = (await fresh.store.check(0)).filter(({ check }) => check === 'names');
    expect(found.map(({ message }) => message)).toEqual([
      expect.stringContaining('is found under "x", not under its name'),
      `the ${table} "\\u{1b}]0;pwn\\u{7}\\n$(touch it)" has an invalid name: the ${table} name contains "\\u{1b}" (U+001B) at position 1`,
    ]);
    expect(found[1]?.fix).toMatch(/^credctl (?:edit [\w-]+|owner edit '[^']+') --name NAME$/);
  });
});
