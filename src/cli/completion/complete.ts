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
  /** The words after `credctl`; the last one is at the cursor. */
  readonly words: readonly TypedWord[];
  /** The end of the last word, as typed, that bash will replace. */
  readonly replaced: string;
}

/**
 * `credctl __complete`, which the scripts for the shells call: prints what the word at the cursor may be, one candidate
 * a line, and a last line `:KIND` that says what they are; `:files` and `:directories` are for the shell to find. Whatever
 * goes wrong, nothing is printed.
 *
 * `__complete -- WORD...` has the words as arguments. `__complete SHELL` reads the line up to the cursor from standard
 * input, as it was typed: a secret on it must not show in the list of processes. For bash, a NUL and what it will
 * replace follow.
 *
 * @returns the exit status, always 0
 */
export async function complete(argv: readonly string[], host: Host): Promise<number> {
  try {
    const request = requestOf(argv, host);
    if (request !== null) host.out.write(await replyTo(request, host));
  } catch {}
  return 0;
}

function requestOf([form, ...words]: readonly string[], host: Host): Request | null {
  if (form === '--') return { asker: 'words', words: words.map(plainWord), replaced: '' };
  const shell = SHELLS.find((each) => each === form);
  if (shell === undefined || host.stdinIsTerminal) return null;
  const [line = '', replaced = ''] = host.readInput().split('\0');
  const typed = typedWords(line.replace(/\n$/, ''), shell === 'fish' ? 'fish' : 'sh');
  // Before the command, variables may be set.
  const command = typed.findIndex(({ raw }) => !/^\w+=/.test(raw));
  return { asker: shell, words: typed.slice(command + 1), replaced };
}

async function replyTo({ asker, words, replaced }: Request, host: Host): Promise<string> {
  const last = words.at(-1) ?? plainWord('');
  const expected = await expectedAt(words, last, host);
  return [...REPLIES[asker](expected, last, replaced), `:${expected.kind}\n`].join('\n');
}

async function expectedAt(words: readonly TypedWord[], last: TypedWord, host: Host): Promise<Expected> {
  const texts = words.slice(0, -1).map(({ text }) => text);
  const named = texts[0] === 'help' ? texts.slice(1) : texts;
  const program = await buildProgram({ host, words: named, trailing: null, setExitCode: () => {} }, named);
  const { expected, store } = positionAt(program, words);
  const { kind, before } = expected;
  // Only the shell knows what a variable or a command will be replaced by.
  if (!isNameKind(kind) || !last.isLiteral || store?.isLiteral === false) return expected;
  const home = store?.raw.startsWith('~/') === true ? host.home() : null;
  const path = home === null ? store?.text : `${home}${store?.text.slice(1)}`;
  const names = await namesInStore(host, path, kind, last.text.slice(before.length));
  return { ...expected, candidates: names.map((value) => ({ value, meaning: '' })) };
}
