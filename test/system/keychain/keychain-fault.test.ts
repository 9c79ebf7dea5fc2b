import { describe, expect, it } from 'vitest';
import { keychainFault } from '../../../src/system/keychain/keychain-fault.js';
import { openSession } from '../../support/program/run.js';

const WITHOUT_BUS = { DBUS_SESSION_BUS_ADDRESS: '' };

describe('what a keychain says is told in words that help', () => {
  it.each([
    [
      'Platform failure: DBus error: Failed to connect to socket /x: No such file or directory',
      'no keychain can be reached: Failed to connect to socket /x: No such file or directory',
    ],
    [
      'no secret service provider or dbus session found',
      'no keychain can be reached: no secret service provider or dbus session found',
    ],
    [
      "Couldn't access platform storage: Secret Service: unlock prompt was dismissed",
      'the keychain is locked: unlock prompt was dismissed',
    ],
    [
      'zbus error: org.freedesktop.Secret.Error.IsLocked: Cannot get secret of a locked object\nmore',
      'the keychain is locked: org.freedesktop.Secret.Error.IsLocked: Cannot get secret of a locked object',
    ],
    [
      "Couldn't access platform storage: Secret Service: no result found",
      'the keychain refused: it has no default keyring',
    ],
    ['access denied', 'the keychain refused: access denied'],
  ])('%s', (said, message) => {
    expect(keychainFault(said)).toMatchObject({ code: 'undelivered', message });
  });

  it.runIf(process.platform === 'linux')('as the real library says that there is none', async () => {
    const session = await openSession({ env: WITHOUT_BUS });
    for (const args of [
      ['keychain', 'list'],
      ['create', 'a', '--scope', 'data:users', '--keychain'],
    ]) {
      const { message, hint } = await session.refused(6, args);
      expect(message).toMatch(/^no keychain can be reached: /);
      expect(hint).toContain('install a Secret Service (gnome-keyring');
    }
  });
});
