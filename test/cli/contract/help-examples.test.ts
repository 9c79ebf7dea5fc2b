import { chmod, cp } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeConfig } from '../../support/postgres-session.js';
import { POSTGRES_18 } from '../../support/postgres-stores.js';
import { openSession, type Session, sessionIn } from '../../support/run.js';
import { createWorkspace, type Workspace } from '../../support/workspace.js';
import { examplesIn, helpTexts } from './help-texts.js';

/** Examples of a store in a database that several use. */
const SHARED = /^credctl store grant/;

/** What an example needs to find: a creation finds nothing in its way, another command what it is about. */
const SITUATIONS: readonly (readonly [example: RegExp, preparation: readonly string[]])[] = [
  [/^credctl (store init|owner create|catalog)/, []],
  [SHARED, ['store init']],
  [/^credctl create/, ['owner create crm --kind service']],
  [
    /^/,
    [
      ...['crm', 'billing', 'alice'].map((name) => `owner create ${name} --kind service`),
      'store init --store team.db',
      'create ci-bot --type api-key --scope data:* --output key.txt',
      ...['crm-sync', 'old-sync'].map((name) => `create ${name} --scope data:users --output ${name}.txt`),
    ],
  ],
];

/** Examples that need a keychain, or another program, which not every machine has. */
const NEEDS_MORE = /\b(keychain|run|serve|completion|some-command)\b| -- /;

const prepared = new Map<RegExp, Workspace>();
let examples: readonly string[] = [];
let dropDatabase = async () => {};

beforeAll(async () => {
  for (const [pattern, preparation] of SITUATIONS) {
    const isShared = pattern === SHARED;
    const workspace = await createWorkspace(isShared ? { config: storeConfig(await sharedDatabase()) } : {});
    prepared.set(pattern, workspace);
    const session = sessionIn(workspace);
    for (const command of preparation) await session.ok(...command.split(' '));
    await session.sh(
      'credctl catalog show > catalog.yaml; credctl audit verify | sed -n "s/^head: //p" > head.txt',
    );
    // What reads the output is of no interest here, and need not be installed.
    await workspace.write('../bin/jq', '#!/bin/sh\nexec cat > /dev/null\n');
    await chmod(workspace.path('../bin/jq'), 0o755);
    examples = [...(await helpTexts(session)).values()]
      .flatMap(examplesIn)
      .filter((example) => !NEEDS_MORE.test(example));
  }
});
/** A database that has the roles which the examples of `store grant` name. */
async function sharedDatabase(): Promise<string> {
  const database = await POSTGRES_18.database();
  const roles = ['alice', 'gateway'];
  for (const role of roles) await database.ask(`create role ${role}`);
  dropDatabase = async () => {
    await database.ask(`drop owned by ${roles.join(', ')}; drop role ${roles.join(', ')}`);
    await database.drop();
  };
  return database.url;
}
afterAll(() => dropDatabase());
afterAll(() => Promise.all([...prepared.values()].map((workspace) => workspace.remove())));

async function situationFor(example: string): Promise<Session> {
  const session = await openSession();
  const [, workspace] = [...prepared].find(([pattern]) => pattern.test(example)) ?? [];
  if (workspace === undefined) throw new TypeError(`no situation for ${example}`);
  await cp(workspace.root, session.workspace.root, { recursive: true, force: true });
  return session;
}

async function outcomeOf(example: string): Promise<string> {
  const session = await situationFor(example);
  const { stderr } = await session.sh(`{ ${example}; echo "exit $?" >&2; } | cat > /dev/null`);
  if (/^exit (0|5)$/m.test(stderr)) return 'understood';
  return /nobody can be asked here/.test(stderr) ? 'understood' : `${example}: ${stderr}`;
}

describe('every example in help', () => {
  it('is understood as it stands', async () => {
    expect(examples.length).toBeGreaterThan(50);
    for (let index = 0; index < examples.length; index += 4) {
      const outcomes = await Promise.all(examples.slice(index, index + 4).map(outcomeOf));
      expect(outcomes).toEqual(outcomes.map(() => 'understood'));
    }
  });
});
