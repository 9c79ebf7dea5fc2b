import { plainWord, type TypedWord, typedWords } from '../../domain/text/typed-words.js';
import type { Host } from '../host/host.js';
import { buildProgram } from '../program.js';
import { namesInStore } from './names.js';
import { type Expected, positionAt } from './position.js';
import { type Asker, REPLIES } from './replies.js';
import { SHELLS } from './shells.js';
import { isNameKind } from './sources.js';

interface Request {
  readonly asker: Asker;
  /** The words after `credctl`; the cursor is at the last one. */
  readonly words: readonly TypedWord[];
  /** The end of the last word, as typed, that bash replaces. */
  readonly replaced: string;
}

/**
 * `credctl __complete`, called by the shells' scripts: prints the candidates for the word at the cursor, one
 * per line, and a last line `:KIND`; for `:files` and `:directories` the shell completes by itself. Errors
 * print nothing.
 *
 * `__complete -- WORD...` takes the words as arguments. `__complete SHELL` reads the line up to the cursor from
 * standard input, as a secret in it must not appear in the process list. For bash, a NUL and the text to be
 * replaced follow.
 *
 * A store that does not answer in time has no candidates; the process then ends at once, by SIGKILL.
 *
 * @returns the exit status, always 0
 */
export async function complete(argv: readonly string[], host: Host): Promise<number> {
  try {
    const request = requestOf(argv, host);
    if (request === null) return 0;
    const { expected, isLate } = await expectedAt(request.words, host);
    host.out.write(reply(request, expected));
    if (isLate) host.abandonProcess('SIGKILL');
  } catch {}
  return 0;
}

function requestOf([form, ...words]: readonly string[], host: Host): Request | null {
  if (form === '--') return { asker: 'words', words: words.map(plainWord), replaced: '' };
  const shell = SHELLS.find((each) => each === form);
  if (shell === undefined || host.stdinIsTerminal) return null;
  const [line = '', replaced = ''] = host.readInput().split('\0');
  const typed = typedWords(line.replace(/\n$/, ''), shell === 'fish' ? 'fish' : 'sh');
  // Variable assignments may precede the command.
  const command = typed.findIndex(({ raw }) => !/^\w+=/.test(raw));
  return { asker: shell, words: typed.slice(command + 1), replaced };
}

function reply({ asker, words, replaced }: Request, expected: Expected): string {
  return [...REPLIES[asker](expected, lastOf(words), replaced), `:${expected.kind}\n`].join('\n');
}

/** What is expected at the last word; late when the store did not answer in time, and candidates are missing. */
async function expectedAt(
  words: readonly TypedWord[],
  host: Host,
): Promise<{ readonly expected: Expected; readonly isLate: boolean }> {
  const last = lastOf(words);
  const texts = words.slice(0, -1).map(({ text }) => text);
  const named = texts[0] === 'help' ? texts.slice(1) : texts;
  const program = await buildProgram({ host, words: named, trailing: null, setExitCode: () => {} }, named);
  const { expected, store } = positionAt(program, words);
  const { kind, before } = expected;
  // Variables and command substitutions are expanded only by the shell.
  if (!isNameKind(kind) || !last.isLiteral || store?.isLiteral === false) return { expected, isLate: false };
  const home = store?.raw.startsWith('~/') === true ? host.home() : null;
  const path = home === null ? store?.text : `${home}${store?.text.slice(1)}`;
  const names = await namesInStore(host, path, kind, last.text.slice(before.length));
  const candidates = (names ?? []).map((value) => ({ value, meaning: '' }));
  return { expected: { ...expected, candidates }, isLate: names === null };
}

function lastOf(words: readonly TypedWord[]): TypedWord {
  return words.at(-1) ?? plainWord('');
}
