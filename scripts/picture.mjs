// @ts-check
/** Draws the end of a transcript as a terminal window: docs/session.svg, the picture in the README. */
import { readFile } from 'node:fs/promises';

const TRANSCRIPT = new URL('../test/cli/transcripts/first-screen.txt', import.meta.url);

/** The remark in the transcript after which the picture begins. */
const BEGINNING = /^# The picture .*$/m;

/** What a transcript leaves open, as the program prints it: a grace period of a week ends a week later. */
const EXAMPLES = /** @type {const} */ ([
  [/(?<=until )<time>/g, '2026-12-05T09:30:00.000Z'],
  [/<time>/g, '2026-11-28T09:30:00.000Z'],
]);

const COLUMNS = 96;
const COLUMN = 8.43;
const LINE = 20;
const MARGIN = 20;
const TITLE_BAR = 34;

const COLOURS = { prompt: '#7ee787', command: '#f0f6fc', output: '#c9d1d9', remark: '#9da7b3' };

/** @typedef {{ kind: 'command' | 'output' | 'remark', text: string }} Line */

/**
 * The lines of the screen: commands, results, and what the program said on standard error.
 *
 * @param {string} transcript
 * @returns {readonly Line[]}
 */
function screen(transcript) {
  const [, session] = transcript.split(BEGINNING);
  if (session === undefined) throw new Error('the transcript has no remark that begins the picture');
  return session
    .trim()
    .split('\n')
    .filter((line) => !/^\[exit \d+\]$/.test(line))
    .flatMap((line) => {
      const text = EXAMPLES.reduce((rest, [what, example]) => rest.replace(what, example), line);
      const [open] = /<[a-z]+(?:-[a-z0-9]+)*>/.exec(text) ?? [];
      if (open !== undefined) throw new Error(`the picture has no example of ${open}`);
      if (text.startsWith('$ ')) return folded('command', text);
      return text.startsWith('stderr: ') ? folded('remark', text.slice(8)) : folded('output', text);
    });
}

/**
 * Folds a line that is too wide, between words.
 *
 * @param {Line['kind']} kind
 * @param {string} text
 * @returns {readonly Line[]}
 */
function folded(kind, text) {
  const pieces = text.match(new RegExp(`.{1,${COLUMNS}}(?: |$)`, 'g')) ?? [''];
  return pieces.map((piece) => ({ kind, text: piece }));
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @param {Line} line @param {number} index */
function drawn({ kind, text }, index) {
  const prompt = text.startsWith('$ ') && kind === 'command' ? '$ ' : '';
  const rest = escaped(text.slice(prompt.length));
  const start = prompt && `<tspan fill="${COLOURS.prompt}">$ </tspan>`;
  const y = TITLE_BAR + MARGIN + index * LINE;
  return `<text x="${MARGIN}" y="${y}" fill="${COLOURS[kind]}">${start}${rest}</text>`;
}

/** The picture and its path. */
export async function picture() {
  const lines = screen(await readFile(TRANSCRIPT, 'utf8'));
  const width = Math.ceil(COLUMNS * COLUMN + 2 * MARGIN);
  const height = TITLE_BAR + lines.length * LINE + MARGIN;
  const commands = lines.filter(({ kind }) => kind === 'command').map(({ text }) => text.slice(2));
  const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
<title id="title">A terminal: ${escaped(commands.join('; '))}</title>
<rect width="${width}" height="${height}" rx="10" fill="#0d1117" stroke="#57606a"/>
<circle cx="22" cy="18" r="6" fill="#ff5f57"/><circle cx="42" cy="18" r="6" fill="#febc2e"/><circle cx="62" cy="18" r="6" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">
${lines.map(drawn).join('\n')}
</g>
</svg>
`;
  return { path: 'docs/session.svg', text };
}
