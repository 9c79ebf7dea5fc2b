import { stripVTControlCharacters } from 'node:util';
import { codeOfSignal } from '../../domain/ending-signal.js';
import { CredctlError } from '../../domain/errors.js';
import { quote } from '../../domain/text/quote.js';
import type { GlobalOptions } from '../flags/global.js';
import type { Host, Pager } from '../host/host.js';
import { note } from '../session.js';

/** Prints a part of the output. Resolves to false once the reader has ended. */
export type Print = (text: string) => Promise<boolean>;

/** Options of the usual pagers, as Git sets them: leave short output, pass colours, keep the screen. */
const PAGER_DEFAULTS = { LESS: 'FRX', LESSCHARSET: 'utf-8', LV: '-c' } as const;

/** Exit statuses of a shell for a command that cannot be executed, and for one that was not found. */
const NOT_STARTED: readonly number[] = [126, 127];

/** A pager that took so many characters has been started. */
const MOST_REPEATED = 1_048_576;

/**
 * Runs `work`, whose output goes through the pager where it is longer than the screen: on a terminal that has keys, by
 * the command in PAGER, or less. Everything else is written at once. Returns when the pager has ended: until then, the
 * screen is the pager's.
 *
 * @throws CredctlError `terminated` when a signal ended the pager
 */
export async function paged<T>(
  host: Host,
  globals: GlobalOptions,
  work: (print: Print) => Promise<T>,
): Promise<T> {
  const command = pagerCommand(host, globals);
  const screen = new Screen(host, globals, command);
  try {
    return await work((text) => screen.print(text));
  } finally {
    await screen.end();
  }
}

/** The pager as a line for the shell; null for none. */
function pagerCommand(host: Host, globals: GlobalOptions): string | null {
  if (globals.json || !globals.input || !host.out.isTerminal || !host.stdinIsTerminal) return null;
  const chosen = host.env['PAGER']?.trim();
  if (chosen !== undefined) return chosen === '' || chosen === 'cat' ? null : chosen;
  const isAble = host.env['TERM'] !== undefined && host.env['TERM'] !== 'dumb';
  return isAble && host.hasProgram('less') ? 'less' : null;
}

/** A terminal whose output is held back as long as it fits. */
class Screen {
  readonly #host: Host;
  readonly #globals: GlobalOptions;
  /** Null once nothing goes through a pager. */
  #command: string | null;
  #pager: Pager | null = null;
  /** What was not shown, or not certainly. */
  #held: string | null = '';

  constructor(host: Host, globals: GlobalOptions, command: string | null) {
    this.#host = host;
    this.#globals = globals;
    this.#command = command;
  }

  async print(text: string): Promise<boolean> {
    if (this.#command === null) {
      this.#host.out.write(text);
      return true;
    }
    if (this.#held !== null) this.#held += text;
    if (this.#pager !== null) return this.#feed(this.#pager, text);
    if (this.#held === null || fits(this.#held, this.#host.out)) return true;
    this.#pager = await this.#host.openPager(this.#command, this.#variables());
    return this.#feed(this.#pager, this.#held);
  }

  async #feed(pager: Pager, text: string): Promise<boolean> {
    const takesMore = await pager.write(text);
    if (!takesMore) return this.#isReplaced(pager);
    if (this.#held !== null && this.#held.length > MOST_REPEATED) this.#held = null;
    return true;
  }

  async end(): Promise<void> {
    if (this.#command === null) return;
    if (this.#pager === null) {
      if (this.#held) this.#host.out.write(this.#held);
      return;
    }
    this.#pager.end();
    if (await this.#isReplaced(this.#pager)) return;
    const { told } = await this.#pager.ended;
    if (told !== null) throw new CredctlError(codeOfSignal(told), `ended by ${told}`);
  }

  /** Whether the terminal has taken the place of a pager that could not be started. */
  async #isReplaced(pager: Pager): Promise<boolean> {
    const { status, told } = await pager.ended;
    if (told !== null || this.#held === null || !NOT_STARTED.includes(status)) return false;
    note(this.#host, this.#globals, `note: the pager ${quote(this.#command ?? '')} could not be started`);
    this.#command = null;
    this.#host.out.write(this.#held);
    return true;
  }

  #variables(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      Object.entries(PAGER_DEFAULTS).filter(([name]) => this.#host.env[name] === undefined),
    );
  }
}

/** Whether a text leaves room for the prompt of the shell; wrapped lines count as several. */
function fits(text: string, { columns, rows }: Host['out']): boolean {
  const lines = stripVTControlCharacters(text).split('\n').slice(0, -1);
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0) < rows;
}
