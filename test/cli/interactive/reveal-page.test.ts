import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heightOf, pageLines } from '../../../src/cli/delivery/reveal/page.js';
import { openScreen } from '../../../src/cli/delivery/reveal/screen.js';

const printable = fc.string({ unit: fc.constantFrom(...'abc -/_.0'), maxLength: 150 });
const content = fc.record({
  title: printable,
  facts: fc.array(printable, { maxLength: 4 }),
  label: printable,
  secret: fc.constantFrom('s'.repeat(70), 's'.repeat(78)),
  status: printable,
  keys: fc.array(printable, { maxLength: 5 }),
});
const size = fc.record({ columns: fc.integer({ min: 1, max: 250 }), rows: fc.integer({ min: 1, max: 80 }) });

describe('the page with a secret', () => {
  it('fits the terminal or is not shown at all, and holds the secret exactly once', () => {
    fc.assert(
      fc.property(content, size, (page, room) => {
        const lines = pageLines(page, room);
        if (lines === null) return;
        expect(heightOf(lines)).toBeLessThanOrEqual(room.rows);
        expect(lines.filter(({ isSecret }) => isSecret).map(({ text }) => text)).toEqual([page.secret]);
        for (const { text, isSecret } of lines) {
          if (!isSecret) expect(text.length).toBeLessThanOrEqual(room.columns);
        }
      }),
    );
  });

  it('is overwritten in every row before the screen is left', () => {
    let written = '';
    const screen = openScreen(
      (text) => {
        written += text;
      },
      () => ({ columns: 20, rows: 3 }),
    );
    screen.show([{ text: 'hidden', isSecret: true, height: 1 }]);
    const shown = written.length;
    screen.leave();
    const left = written.slice(shown);
    const blank = ' '.repeat(20);
    expect(left.indexOf('\u001b[?1049l')).toBe(left.length - '\u001b[?1049l'.length);
    for (const row of [1, 2, 3]) expect(left).toContain(`\u001b[${row};1H${blank}`);
    expect(written.match(/hidden/g)).toHaveLength(1);
    expect(written, 'no title is set').not.toContain('\u001b]');
  });
});
