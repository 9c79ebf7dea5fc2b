import { expect } from 'vitest';
import {
  openTerminal,
  type PseudoTerminal,
  type TerminalOptions,
} from '../../support/program/pseudo-terminal.js';
import { openSession, type Session } from '../../support/program/run.js';
import { onlySecretIn } from '../../support/stores/store-probe.js';

/** A session, and a terminal in its workspace. */
export interface Seated {
  readonly session: Session;
  readonly terminal: PseudoTerminal;
}

/** The line below the secret, which appears once keys count. */
export const KEYS = 'Enter: it is stored';

/** Sits down at a terminal. */
export async function sitDown(options: TerminalOptions = {}): Promise<Seated> {
  const session = await openSession();
  return { session, terminal: await openTerminal(session.workspace, options) };
}

/** Waits for the reveal; the secret on it, put together where the terminal wrapped it. */
export async function secretShown(terminal: PseudoTerminal): Promise<string> {
  return onlySecretIn(await terminal.see(KEYS));
}

/** The names of all credentials. */
export async function names(session: Session): Promise<readonly string[]> {
  const { credentials } = JSON.parse(await session.ok('list', '--json'));
  return credentials.map(({ name }: { name: string }) => name);
}

/** Everything that the terminal keeps must be free of the secret, its parts included. */
export async function expectNoTraceOf(secret: string, terminal: PseudoTerminal): Promise<void> {
  const kept = `${await terminal.scrollback()}\n${await terminal.title()}`;
  const hidden = secret.slice(-49);
  for (let start = 0; start + 12 <= hidden.length; start += 6) {
    expect(kept).not.toContain(hidden.slice(start, start + 12));
  }
}

/** Standard input echoes what is typed again, and takes lines. */
export async function expectOrdinaryMode(terminal: PseudoTerminal): Promise<void> {
  await terminal.run('stty -a');
  await terminal.ended();
  const mode = await terminal.joined();
  expect(mode).toMatch(/(?<!-)icanon/);
  expect(mode).toMatch(/(?<!-)isig/);
  expect(mode).toMatch(/(?<!-)echo\b/);
}

/** What a shell says of a program that has been stopped. */
export const STOPPED = /Stopped|Suspended|suspended/;

/** Presses Ctrl-Z; the shell has the terminal then, as it was before. */
export async function stop(terminal: PseudoTerminal): Promise<void> {
  await terminal.press('C-z');
  await terminal.see(STOPPED);
  await expectOrdinaryMode(terminal);
}
