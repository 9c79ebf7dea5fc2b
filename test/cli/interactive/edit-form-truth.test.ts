import { describe, expect, it } from 'vitest';
import type { PseudoTerminal } from '../../support/program/pseudo-terminal.js';
import { sitDown } from './seated.js';

/** Presses Enter at the questions before one, and waits for that. */
async function goTo(terminal: PseudoTerminal, last: string, ...before: readonly string[]): Promise<string> {
  for (const name of before) {
    await terminal.see(new RegExp(`\\? ${name}[\\s\\S]*\\S`));
    await terminal.press('Enter');
  }
  return terminal.see(new RegExp(`\\? ${last}[\\s\\S]*\\S`));
}

const BEFORE_EXPIRY = ['Name', 'Scopes', 'Description', 'Labels'] as const;

describe('the form of edit', () => {
  it('names the forms of an expiry, and what is wrong with any other', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.issue('ci-bot');
    await terminal.run('credctl edit ci-bot');
    const asked = await goTo(terminal, 'Expires', ...BEFORE_EXPIRY);
    expect(asked).toContain('90d or 2030-01-31T12:00:00Z');
    for (const wrong of ['2027-06-01', 'yesterday', '2027-06-01 12:00', '2027-06-01T12:00:00']) {
      await terminal.press('C-u');
      await terminal.type(wrong);
      await terminal.press('Enter');
      await terminal.see(
        `> "${wrong}" is neither a duration, such as 90d, nor a time, such as 2030-01-31T12:00:00Z`,
      );
    }
    await terminal.press('C-u');
    await terminal.type('2020-01-31T12:00:00Z');
    await terminal.press('Enter');
    await terminal.see('has passed already');
  });

  it('says of active what that does once it is expired, or the owner inactive', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.issue('ci-bot', '--expires-in', '1s');
    await session.issue('owned');
    await terminal.run('sleep 1; credctl edit ci-bot');
    await goTo(terminal, 'Status', ...BEFORE_EXPIRY, 'Expires', 'Rotate every');
    await terminal.see(
      /> active\n[\s\S]*expired since 20\S+Z: its secrets do not work until it expires later/,
    );
    await terminal.press('C-c');
    await terminal.ended();
    await session.ok('owner', 'create', 'crm', '--kind', 'service');
    await session.ok('edit', 'owned', '--owner', 'crm');
    await session.ok('owner', 'deactivate', 'crm');
    await terminal.run('clear; credctl edit owned');
    await goTo(terminal, 'Owner', 'Name', 'Scopes');
    await goTo(terminal, 'Status', 'Owner', 'Description', 'Labels', 'Expires', 'Rotate every');
    await terminal.see(/its owner crm is inactive: its secrets do not work/);
  });

  it('names what was deleted while it was open', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.issue('ci-bot');
    await terminal.run('credctl edit ci-bot');
    await goTo(terminal, 'Name');
    await session.ok('delete', 'ci-bot', '--yes');
    await terminal.type('-2');
    await goTo(terminal, 'Save', 'Name', ...BEFORE_EXPIRY.slice(1), 'Expires', 'Rotate every', 'Status');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(3);
    expect(await terminal.joined()).toContain('ci-bot was deleted while the form was open');
  });

  it('takes a description of white space alone for none', async () => {
    const { session, terminal } = await sitDown({ columns: 120 });
    await session.issue('ci-bot', '--description', 'a note');
    await terminal.run('credctl edit ci-bot');
    await goTo(terminal, 'Description', 'Name', 'Scopes');
    await terminal.press('C-u');
    await terminal.type('   ');
    await goTo(terminal, 'Save', 'Description', 'Labels', 'Expires', 'Rotate every', 'Status');
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    expect(JSON.parse(await session.ok('show', 'ci-bot', '--json')).credential.description).toBeNull();
    await session.ok('edit', 'ci-bot', '--description', 'x');
    await session.ok('edit', 'ci-bot', '--description', ' \n ');
    await session.issue('blank', '--description', '  ');
    for (const name of ['ci-bot', 'blank']) {
      expect(JSON.parse(await session.ok('show', name, '--json')).credential.description).toBeNull();
    }
  });
});
