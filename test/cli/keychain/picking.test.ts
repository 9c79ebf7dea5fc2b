import { expect, it } from 'vitest';
import { openTerminal } from '../../support/program/pseudo-terminal.js';
import { KEY } from './saved.js';
import { describeWithKeyring } from './with-keyring.js';

describeWithKeyring('keychain get and delete without a name', (_, open) => {
  it('offer what the keychain holds of this store alone', async () => {
    const session = await open();
    await session.issue('a-plain');
    const secret = (await session.ok('create', 'b-saved', ...KEY, '--keychain', '-q')).trim();
    await session.ok('create', 'c-saved', ...KEY, '--keychain', '-q');
    const terminal = await openTerminal(session.workspace);
    await terminal.run('credctl keychain get');
    expect(await terminal.see(/^> b-saved/m)).not.toContain('a-plain');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toContain(secret);
    await terminal.run('clear; credctl keychain delete');
    await terminal.see('Credential with the saved secret');
    await terminal.type('C-');
    await terminal.see(/^> c-saved/m);
    await terminal.press('Enter');
    await terminal.see('Type c-saved');
    await terminal.type('c-saved');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await session.ok('keychain', 'delete', 'b-saved', '--yes');
    await terminal.run('clear; credctl keychain get');
    expect(await terminal.ended()).toBe(3);
    expect(await terminal.joined()).toContain('the keychain holds nothing of this store');
  });
});
