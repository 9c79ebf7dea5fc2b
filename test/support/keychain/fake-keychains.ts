import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Workplace } from '../program/workplace.js';
import { FakeSecretService } from './secret-service.js';

const keychains = new Map<string, FakeSecretService>();

/** Gives a workplace a keychain of its own, for as long as the workplace is there. */
export function openKeychain(place: Workplace): FakeSecretService {
  for (const [socket, keychain] of keychains) {
    if (existsSync(socket)) continue;
    keychain.close();
    keychains.delete(socket);
  }
  const socket = join(place.root, 'bus');
  const keychain = new FakeSecretService(socket);
  keychains.set(socket, keychain);
  return keychain;
}

/** The keychain of a workplace. */
export function keychainOf(place: Workplace): FakeSecretService {
  const keychain = keychains.get(join(place.root, 'bus'));
  if (keychain === undefined) throw new Error('this workplace has no keychain');
  return keychain;
}
