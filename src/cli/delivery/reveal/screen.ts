import type { PageLine, Size } from './page.js';

/** Draws pages on the alternate screen. */
export interface Screen {
  /** Replaces the shown lines. */
  show(lines: readonly PageLine[]): void;
  /** Overwrites the shown lines and leaves the alternate screen. */
  leave(): void;
}

const ESC = '\u001b[';
const ENTER = `${ESC}?1049h`;
const EXIT = `${ESC}?1049l`;
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;
const WRAP = `${ESC}?7h`;
const NO_WRAP = `${ESC}?7l`;
const MARK_PASTES = `${ESC}?2004h`;
const DO_NOT_MARK_PASTES = `${ESC}?2004l`;
const ERASE_LINE = `${ESC}2K`;
const ERASE_SCREEN = `${ESC}2J`;
const HOME = `${ESC}H`;

/**
 * Enters the alternate screen. Lines never scroll and are overwritten row by row before being cleared, as some
 * terminals keep scrolled or cleared content in the scrollback. Bracketed paste mode distinguishes pasted text
 * from keys.
 */
export function openScreen(write: (text: string) => void, size: () => Size): Screen {
  write(`${ENTER}${MARK_PASTES}${HIDE_CURSOR}${NO_WRAP}${ERASE_SCREEN}${HOME}`);

  function wipe(): string {
    const { columns, rows } = size();
    const blanks = Array.from(
      { length: rows },
      (_, index) => `${ESC}${index + 1};1H${' '.repeat(columns)}${ERASE_LINE}`,
    );
    return `${NO_WRAP}${blanks.join('')}${HOME}`;
  }

  return {
    show(lines) {
      let row = 1;
      const drawn = lines.map(({ text, isSecret, height }) => {
        const at = `${ESC}${row};1H`;
        row += height;
        return isSecret ? `${at}${WRAP}${text}${NO_WRAP}` : `${at}${text}`;
      });
      write(`${wipe()}${drawn.join('')}`);
    },
    leave() {
      write(`${wipe()}${DO_NOT_MARK_PASTES}${WRAP}${SHOW_CURSOR}${EXIT}`);
    },
  };
}
