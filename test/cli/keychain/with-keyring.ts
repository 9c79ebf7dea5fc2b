import { afterAll, beforeAll, describe } from 'vitest';
import { type GnomeKeyring, keyringObstacle, startGnomeKeyring } from '../../support/gnome-keyring.js';
import { openSession, type Session } from '../../support/run.js';

/** For a machine that is busy: no test here is about time. */
const PATIENT = 'hash = "sha256"\nkeychain_timeout = "90s"\n';

/** A session whose commands find a real keyring. */
export interface KeyringSession extends Session {
  /** The store's id. */
  storeId(): Promise<string>;
  /** Id of a credential. */
  idOf(name: string): Promise<string>;
}

/** Describes what happens with a real gnome-keyring, which is started once for all of it. */
export function describeWithKeyring(
  title: string,
  tests: (keyring: () => GnomeKeyring, open: () => Promise<KeyringSession>) => void,
): void {
  const obstacle = keyringObstacle();
  describe.skipIf(obstacle !== null)(obstacle === null ? title : `${title} (not run: ${obstacle})`, () => {
    let keyring: GnomeKeyring;
    beforeAll(async () => {
      keyring = await startGnomeKeyring();
    });
    afterAll(() => keyring.close());
    tests(
      () => keyring,
      () => openKeyringSession(keyring),
    );
  });
}

/** Opens a session with a home of its own beside the keyring. */
export async function openKeyringSession(keyring: Pick<GnomeKeyring, 'env'>): Promise<KeyringSession> {
  const session = await openSession({ config: PATIENT, env: keyring.env });
  return {
    ...session,
    async storeId() {
      return JSON.parse(await session.ok('store', 'info', '--json')).store.id;
    },
    async idOf(name) {
      return JSON.parse(await session.ok('show', name, '--json')).credential.id;
    },
  };
}
