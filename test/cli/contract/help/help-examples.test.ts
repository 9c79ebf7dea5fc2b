import { copyFileSync, existsSync } from 'node:fs';
import { chmod, cp } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled } from '../../../support/build/checker.js';
import { storeConfig } from '../../../support/postgres/session.js';
import { POSTGRES_18 } from '../../../support/postgres/stores.js';
import { openSession, type Session, sessionIn } from '../../../support/program/run.js';
import { standIn } from '../../../support/program/stand-in.js';
import { plainWords } from '../../../support/program/transcript.js';
import { createWorkspace, type Workspace } from '../../../support/program/workspace.js';
import { examplesIn, helpTexts } from './help-texts.js';

/** Examples of a store in a database that several use. */
const SHARED = /^credctl store grant/;

/** The database that examples name; the shared one stands for it. */
const NAMED_DATABASE = 'postgres://admin@db.example.org/team';

/** What an example needs to find: a creation finds nothing in its way, another command what it is about. */
const SITUATIONS: readonly (readonly [example: RegExp, preparation: readonly string[]])[] = [
  [/^credctl (store init|owner create|catalog)/, []],
  [SHARED, ['store init']],
  [/^credctl leaks/, ['a', 'b'].map((name) => `create ${name} --canary --output bait-${name}`)],
  [/^credctl create/, ['owner create crm --kind service']],
  [
    /^/,
    [
      ...['crm', 'billing', 'alice'].map((name) => `owner create ${name} --kind service`),
      'store init --store team.db',
      'store backup credctl-backup.db',
      'create ci-bot --type api-key --scope data:* --output key.txt',
      'create crm --scope data:users --format dotenv --output crm.env',
      ...['crm-sync', 'old-sync'].map((name) => `create ${name} --scope data:users --output ${name}.txt`),
    ],
  ],
];

/** Examples that do not come to an end by themselves. */
const NEEDS_MORE = /\bserve\b|--follow\b/;

/** Examples that need a keychain with the secrets of both credentials in it. */
const NEEDS_KEYCHAIN = /\bkeychain\b|\bcredctl run\b/;
const FILL_KEYCHAIN =
  'credctl store adopt -q || exit 70; for name in ci-bot crm-sync; do credctl rotate $name --keychain --no-print --now -q || exit 70; done';

/** What examples start or pipe into is of no interest here, and need not be installed: it reads all it is given. */
const OTHERS = ['jq', 'kubectl', 'some-command', 'pbcopy', 'npm'];
const CURL =
  '[ "$1" = -H ] && exec grep -q "^Authorization: Bearer cctl_key_" "$(printf %s "$2" | cut -c 2-)"';
const OWN_SCRIPTS = ['deploy.sh', 'store-secret.sh'];

const UNLOCK = 'echo password | gnome-keyring-daemon --unlock --components=secrets > /dev/null';

const hasKeychain =
  isInstalled('gnome-keyring-daemon', 'gnome-keyring') && isInstalled('dbus-run-session', 'dbus-x11');

const prepared = new Map<RegExp, Workspace>();
let examples: readonly string[] = [];
let shared = new URL(NAMED_DATABASE);
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
    await session.sh(
      'for bait in bait-*; do [ ! -f "$bait" ] || credctl verify --record-use < "$bait"; done',
    );
    for (const name of OTHERS) await standIn(session, name, 'exec cat > /dev/null');
    await standIn(session, 'curl', CURL);
    for (const name of OWN_SCRIPTS) {
      await workspace.write(name, '#!/bin/sh\nexec cat > /dev/null\n');
      await chmod(workspace.path(name), 0o755);
    }
    await session.sh('mkdir -p secrets .husky; git init -q .; : > mail.txt');
    // A store that was copied as a file.
    if (existsSync(workspace.defaultStore)) {
      copyFileSync(workspace.defaultStore, workspace.path('trial.db'));
      await chmod(workspace.path('trial.db'), 0o600);
    }
  }
  const [workspace] = prepared.values();
  if (workspace === undefined) throw new TypeError('there is no situation');
  examples = [...(await helpTexts(sessionIn(workspace))).values()]
    .flatMap(examplesIn)
    .filter((example) => !NEEDS_MORE.test(example));
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
  shared = new URL(database.url);
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
  const needsKeychain = NEEDS_KEYCHAIN.test(example);
  const words = plainWords(example);
  if (words !== null && !needsKeychain && !example.includes(NAMED_DATABASE)) {
    const { exitCode, stderr } = await session.run(words);
    return isUnderstood(exitCode, stderr) ? 'understood' : `${example}: ${stderr}exit ${exitCode}`;
  }
  const url = Object.assign(new URL(shared), { password: '' }).href;
  await session.workspace.write(
    'example.bash',
    `set -o pipefail\n${needsKeychain ? FILL_KEYCHAIN : ''}\n{ ${example.replaceAll(NAMED_DATABASE, url)}\necho "exit $?" >&2; } | cat > /dev/null\n`,
  );
  const { stderr } = await session.sh(
    needsKeychain ? `dbus-run-session -- sh -c '${UNLOCK} && bash example.bash'` : 'bash example.bash',
    example.includes(NAMED_DATABASE) ? { env: { PGPASSWORD: shared.password } } : {},
  );
  const [, exitCode] = /^exit (\d+)$/m.exec(stderr) ?? [];
  return isUnderstood(Number(exitCode), stderr) ? 'understood' : `${example}: ${stderr}`;
}

/** 5 and 10 answer: something is in use, or has leaked. */
function isUnderstood(exitCode: number, stderr: string): boolean {
  return [0, 5, 10].includes(exitCode) || stderr.includes('there is no terminal to ask on');
}

async function expectUnderstood(some: readonly string[]): Promise<void> {
  for (let index = 0; index < some.length; index += 4) {
    const outcomes = await Promise.all(some.slice(index, index + 4).map(outcomeOf));
    expect(outcomes).toEqual(outcomes.map(() => 'understood'));
  }
}

describe('every example in help', () => {
  it('is understood as it stands', async () => {
    const some = examples.filter((example) => !NEEDS_KEYCHAIN.test(example));
    expect(some.length).toBeGreaterThan(55);
    await expectUnderstood(some);
  });

  it.skipIf(!hasKeychain)('that has to do with the keychain is understood where there is one', async () => {
    const some = examples.filter((example) => NEEDS_KEYCHAIN.test(example));
    expect(some.length).toBeGreaterThan(8);
    await expectUnderstood(some);
  });
});
