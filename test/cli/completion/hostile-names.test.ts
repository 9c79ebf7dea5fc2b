import { existsSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { faultSample } from '../../support/faults/fault-numbers.js';
import { openSession, type Session } from '../../support/program/run.js';
import { HOSTILE_NAMES, storesNaming, UNUSABLE_NAMES } from './hostile-store.js';
import { openShell, shellsHere } from './interactive-shell.js';

/** Some dozens of names, each with a start of the program, on a machine that may be busy. */
const PATIENCE_MS = 240_000;

const NAMES = faultSample(HOSTILE_NAMES, 8);

let session: Session;
let stores: readonly string[];

/** One store for each name, so that Tab has one thing to insert. */
async function prepare(names: readonly string[]): Promise<void> {
  const { workspace } = session;
  await session.ok('create', 'only', '--type', 'api-key', '--scope', 'data:users', '--store', 'plain.db');
  stores = storesNaming(workspace.path('plain.db'), names, workspace.path);
}

beforeEach(async () => {
  session = await openSession();
});

function isUnharmed(): boolean {
  return !existsSync(session.workspace.path('PWNED')) && !existsSync(`${session.workspace.root}/PWNED`);
}

describe.each(await shellsHere())('a tampered store, completed by %s,', { timeout: PATIENCE_MS }, (shell) => {
  it('executes nothing, and every name arrives as it is in the store', async () => {
    await prepare(NAMES);
    const opened = await openShell(shell, session);
    const arrived: string[] = [];
    for (const store of stores) {
      const [flag, file, command, ...names] = await opened.entered(`credctl --store ${store} show `);
      expect([flag, file, command]).toEqual(['--store', store, 'show']);
      arrived.push(names.join('\n'));
      expect(isUnharmed(), names.join('\n')).toBe(true);
    }
    expect(arrived).toEqual(NAMES);
  });

  it.each([
    ['double', '"'],
    ['single', "'"],
  ])('executes nothing within %s quotes', async (_, quote) => {
    await prepare(NAMES);
    const opened = await openShell(shell, session);
    for (const [index, store] of stores.entries()) {
      const name = NAMES[index] ?? '';
      const entered = await opened.enteredIfChanged(`credctl --store ${store} show ${quote}`);
      if (entered !== null) expect(entered).toEqual(['--store', store, 'show', name]);
      expect(isUnharmed(), name).toBe(true);
    }
  });

  it('offers no name that would be a flag, more than a line, or a command to the terminal', async () => {
    await prepare(UNUSABLE_NAMES);
    const opened = await openShell(shell, session);
    for (const store of stores) {
      expect(await opened.candidates(`credctl --store ${store} show `)).toEqual([]);
      expect(await opened.entered(`credctl --store ${store} show `)).toEqual(['--store', store, 'show']);
    }
    expect(isUnharmed()).toBe(true);
  });

  it('executes nothing of what was typed before', async () => {
    const opened = await openShell(shell, session);
    for (const typed of [
      '$(touch PWNED)',
      '`touch PWNED`',
      '"$(touch PWNED)',
      '--store $(touch PWNED)',
      '~$(touch PWNED)',
    ]) {
      await opened.abandoned(`credctl show ${typed} `);
      await opened.abandoned(`credctl --store=$(touch PWNED) show ${typed}`);
      await opened.abandoned(`credctl list --owner=${typed}`);
    }
    expect(isUnharmed()).toBe(true);
  });
});
