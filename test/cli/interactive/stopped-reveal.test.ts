import { describe, expect, it } from 'vitest';
import type { KeyboardListener } from '../../../src/cli/delivery/reveal/keyboard.js';
import { revealUntilStored } from '../../../src/cli/delivery/reveal/reveal-session.js';
import { until } from '../../support/program/until.js';
import { expectNoTraceOf, expectOrdinaryMode, KEYS, names, secretShown, sitDown, stop } from './seated.js';

describe('Ctrl-Z while a secret is shown', () => {
  it('takes it off the screen, and fg shows it again', async () => {
    const { session, terminal } = await sitDown();
    await terminal.run('credctl create ci-bot --type api-key --scope data:users');
    const secret = await secretShown(terminal);
    await stop(terminal);
    await expectNoTraceOf(secret, terminal);
    await terminal.run('fg');
    expect(await secretShown(terminal)).toBe(secret);
    await terminal.press('Enter');
    expect(await terminal.ended()).toBe(0);
    await expectNoTraceOf(secret, terminal);
    expect(await names(session)).toEqual(['ci-bot']);
    await expectOrdinaryMode(terminal);
  });

  it('does not take a key that was typed ahead of it for the word that it is stored', async () => {
    let listener: KeyboardListener | null = null;
    let written = '';
    const revealed = revealUntilStored(
      {
        keyboard: {
          listen(given) {
            listener = given;
            return () => {};
          },
        },
        size: () => ({ columns: 80, rows: 24 }),
        write: (text) => {
          written += text;
        },
      },
      {
        content: { title: '', facts: [], label: '', secret: 'secret' },
        actions: [],
        laterAction: Promise.resolve(null),
        afterRevoking: '',
      },
    );
    const heard = (): KeyboardListener => listener ?? expect.fail('nobody listens');
    await until(() => written.includes(KEYS));
    heard().onStop();
    heard().onContinue();
    heard().onKey({ text: '\r', name: 'return', isControl: false });
    heard().onEnd('interrupted');
    await expect(revealed).rejects.toThrow('interrupted; the new secret was revoked');
  });
});
