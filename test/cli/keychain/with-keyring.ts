import { afterEach, beforeEach, describe } from 'vitest';
import {
  type GnomeKeyring,
  keyringObstacle,
  startGnomeKeyring,
} from '../../support/keychain/gnome-keyring.js';
import { openSession, type Session } from '../../support/program/run.js';

/** For a machine that is busy: no test here is about time. */
const PATIENT = 'hash = "sha256"\nkeychain_timeout = "90s"\n';

/** A session whose commands find a real keyring. */
export interface KeyringSession extends Session {
  /** The store's id. */
  storeId(): Promise<string>;
  /** Id of a credential. */
  idOf(name: string): Promise<string>;
}

/**
 * Describes what happens with a real gnome-keyring, a new one for each test. The daemon ends now and then by an
 * assertion of its own when entries come and go quickly: a test that loses it is run again with another one.
 */
export function describeWithKeyring(
  title: string,
  tests: (keyring: () => GnomeKeyring, open: () => Promise<KeyringSession>) => void,
): void {
  const obstacle = keyringObstacle();
  const shown = obstacle === null ? title : `${title} (not run: ${obstacle})`;
  describe.skipIf(obstacle !== null)(shown, { retry: 2 }, () => {
    let keyring: GnomeKeyring;
    beforeEach(async () => {
      keyring = await startGnomeKeyring();
    });
    afterEach(() => keyring.close());
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
