import { describe, expect, it } from 'vitest';
import type { Key, KeyboardListener } from '../../../src/cli/delivery/reveal/keyboard.js';
import { revealDestination } from '../../../src/cli/delivery/reveal/reveal-destination.js';
import type { Announce, Delivery, Destination } from '../../../src/domain/ports/ports.js';

const DELIVERY: Delivery = {
  storeId: 'store',
  handle: 'cctl_key_000000000000',
  secret: { type: 'api-key', apiKey: `cctl_key_${'0'.repeat(61)}` },
  credential: {
    id: 'id',
    name: 'ci-bot',
    type: 'api-key',
    status: 'active',
    clientId: null,
    scopes: ['data:users'],
    owner: null,
    description: null,
    labels: new Map(),
    createdAt: 0,
    createdBy: 'a@b',
    updatedAt: 0,
    revision: 1,
    expiresAt: null,
    rotateEvery: null,
    rotationDueAt: null,
    lastUsedAt: null,
    lastUsedFrom: null,
    canary: false,
    versions: [],
  },
  version: {
    id: '000000000000',
    credentialId: 'id',
    number: 1,
    createdAt: 0,
    deliveredAt: null,
    lapsesAt: null,
    retiresAt: null,
    revokedAt: null,
    ended: null,
    firstUsedAt: null,
    receivedAt: null,
    lastUsedAt: null,
    lastUsedFrom: null,
    superseded: null,
    supersede: { kind: 'revoke' },
    destinations: ['stdout'],
    delivery: null,
  },
};

const ENTER: Key = { text: '\r', name: 'return', isControl: false };
const INTERRUPT: Key = { text: '\u0003', name: 'c', isControl: true };
const SAVE: Key = { text: 'k', name: 'k', isControl: false };

/** A reveal on a terminal that is played, and what its keychain is asked to do. */
function play(keychain: ((calls: string[]) => Partial<Destination>) | null, isReachable = true) {
  const calls: string[] = [];
  const announce: Announce = async ({ kind }) => {
    calls.push(`announce ${kind}`);
    return async () => void calls.push(`withdraw ${kind}`);
  };
  let written = '';
  let listener: KeyboardListener | null = null;
  const recording = (kind: Destination['kind']): Destination => ({
    kind,
    replaces: false,
    preflight: async () => void calls.push('preflight'),
    deliver: async () => void calls.push('deliver'),
    undo: async () => void calls.push('undo'),
    settle: async () => void calls.push('settle'),
  });
  const destination = revealDestination({
    keyboard: async () => ({
      listen(given) {
        listener = given;
        return () => {
          listener = null;
        };
      },
    }),
    terminal: {
      size: () => ({ columns: 80, rows: 24 }),
      write: (text) => {
        written += text;
      },
    },
    env: {},
    home: null,
    hasAlternateScreen: true,
    inline: { ...recording('stdout'), preflight: async () => {} },
    fileAt: () => recording('file'),
    keychain:
      keychain === null
        ? null
        : {
            isReachable: async () => isReachable,
            destination: () => ({ ...recording('keychain'), ...keychain(calls) }),
          },
    confirm: async () => false,
    facts: () => [],
    tell: (text) => void calls.push(text),
  });
  return {
    destination,
    announce,
    calls,
    press: (key: Key) => listener?.onKey(key),
    see: (text: string) => expect.poll(() => written, { timeout: 20_000 }).toContain(text),
    shown: () => written,
    isListening: () => listener !== null,
  };
}

describe('k saves the secret to the keychain', () => {
  it('and tidies up there once the delivery is confirmed', async () => {
    const { destination, announce, calls, press, see, isListening } = play(() => ({}));
    await destination.preflight({ abandoned: [] });
    const delivered = destination.deliver(DELIVERY, announce);
    await see('k: save to keychain');
    press(SAVE);
    await see('saved to the keychain');
    press(ENTER);
    await delivered;
    await destination.settle?.(DELIVERY);
    expect(calls).toEqual(['preflight', 'announce keychain', 'deliver', 'saved to the keychain', 'settle']);
    expect(isListening()).toBe(false);
  });

  it('from where it is removed when the secret is revoked, also while it is being saved', async () => {
    let finish = (): void => {};
    const { destination, announce, calls, press, see } = play((made) => ({
      deliver: () =>
        new Promise((resolve) => {
          finish = () => {
            made.push('deliver');
            resolve();
          };
        }),
    }));
    await destination.preflight({ abandoned: [] });
    const delivered = destination.deliver(DELIVERY, announce).catch((fault: unknown) => fault);
    await see('k: save to keychain');
    press(SAVE);
    await see('...');
    press(INTERRUPT);
    finish();
    expect(await delivered).toMatchObject({ code: 'interrupted' });
    await destination.undo();
    expect(calls).toEqual(['preflight', 'announce keychain', 'deliver', 'undo']);
  });

  it('and says why when that fails', async () => {
    const { destination, announce, calls, press, see } = play(() => ({
      preflight: () => Promise.reject(new Error('the keychain is locked')),
    }));
    await destination.preflight({ abandoned: [] });
    const delivered = destination.deliver(DELIVERY, announce);
    await see('k: save to keychain');
    press(SAVE);
    await see('not done: the keychain is locked');
    press(ENTER);
    await delivered;
    await destination.undo();
    expect(calls).toEqual([]);
  });

  it('and takes the record back when the keychain fails while it is written to', async () => {
    const { destination, announce, calls, press, see } = play(() => ({
      deliver: () => Promise.reject(new Error('the keychain is full')),
    }));
    await destination.preflight({ abandoned: [] });
    const delivered = destination.deliver(DELIVERY, announce);
    await see('k: save to keychain');
    press(SAVE);
    await see('not done: the keychain is full');
    press(ENTER);
    await delivered;
    await destination.settle?.(DELIVERY);
    expect(calls).toEqual(['preflight', 'announce keychain', 'undo', 'withdraw keychain']);
  });

  it.each([
    ['is none', play.bind(null, null)],
    ['is one that does not answer', play.bind(null, () => ({}), false)],
  ])('but not where there %s', async (_, begin) => {
    const { destination, announce, calls, press, see, shown } = begin();
    await destination.preflight({ abandoned: [] });
    const delivered = destination.deliver(DELIVERY, announce);
    await see('c: copy');
    press(SAVE);
    press(ENTER);
    await delivered;
    expect(shown()).not.toContain('k: save');
    expect(calls).toEqual([]);
  });
});
