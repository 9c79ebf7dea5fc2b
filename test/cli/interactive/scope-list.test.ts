import { describe, expect, it } from 'vitest';
import type { TerminalOptions } from '../../support/program/pseudo-terminal.js';
import { sitDown } from './seated.js';

/** Opens the list of scopes of `credctl create bot`. */
async function withScopes(options: TerminalOptions = {}) {
  const seated = await sitDown(options);
  await seated.terminal.run('credctl create bot --type api-key');
  await seated.terminal.see(/Scopes/);
  return seated;
}

describe('the list of scopes', () => {
  it('takes the title of a permission with its space, and says what the space bar does', async () => {
    const { terminal } = await withScopes();
    await terminal.see('space: select');
    await terminal.type('Plugin');
    await terminal.see('typing filters, a space too');
    await terminal.type(' Calls');
    const found = await terminal.see(/Scopes Plugin Calls\n/);
    expect(found).toContain('0/5 selected');
    expect(found).toContain('up/down: move, space: select');
    await terminal.press('Space');
    await terminal.see(/1\/5 selected\)\n> {3}\[x\] Plugin Calls/);
    await terminal.press('Escape');
    const all = await terminal.see(/Scopes ?\n[\s\S]*Conversations/);
    expect(all).toContain('[x] Plugin Calls');
    expect(all).toContain('ctrl-c: leave');
  });

  it('grants by a heading what is shown under the filter, and no more', async () => {
    const { terminal } = await withScopes();
    await terminal.type('plugin');
    await terminal.see(/^> {3}\[ \] Plugin Calls/m);
    await terminal.press('Down', 'Up', 'Up', 'Space');
    await terminal.see('2/5 selected');
    await terminal.press('C-u');
    await terminal.see(/\[ \] All[\s\S]*\[ \] Conversations[\s\S]*\[x\] Plugin Calls[\s\S]*\[ \] Users/);
  });

  it('takes nothing while nothing matches, and says how to go on', async () => {
    const { terminal } = await withScopes();
    await terminal.press('Space');
    await terminal.see('5/5 selected');
    await terminal.type('zzz');
    await terminal.see('> nothing matches "zzz"; esc clears it');
    await terminal.press('Enter');
    await terminal.press('C-u');
    await terminal.see('5/5 selected');
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
  });

  it.each([
    [20, 8],
    [30, 4],
    [40, 6],
  ])('keeps the question and the marked row in a window of %i × %i', async (columns, rows) => {
    const { terminal } = await withScopes({ columns, rows });
    for (const marked of [/^> {3}\[ \] All/m, /^> {3}\[ \] Conv/m, /^> {3}\[ \] Inter/m]) {
      const seen = await terminal.see(marked);
      expect(seen).toMatch(/^\? Scopes/m);
      await terminal.press('Down');
    }
    await terminal.press('Up', 'Space');
    expect(await terminal.see(/^> {3}\[x\] Inter/m)).toMatch(/^\? Scopes/m);
    await terminal.press('C-c');
    expect(await terminal.ended()).toBe(130);
  });
});
