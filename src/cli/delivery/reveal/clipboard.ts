import { spawn } from 'node:child_process';

/** Programs that copy standard input to the clipboard, those for the native display first. */
const PROGRAMS: readonly (readonly [program: string, ...args: readonly string[]])[] = [
  ['wl-copy'],
  ['xclip', '-selection', 'clipboard'],
  ['xsel', '--clipboard', '--input'],
  ['pbcopy'],
  ['clip.exe'],
];

/** Time limit in milliseconds, for a program that waits for a missing display. */
const TIMEOUT_MS = 5_000;

/**
 * Copies a text to the clipboard with the first program that succeeds. The text is passed on standard input,
 * never as an argument.
 *
 * @returns the program's name; null when none succeeded
 */
export async function copyToClipboard(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  for (const [program, ...args] of PROGRAMS) {
    if (await feed(program, args, text, env)) return program;
  }
  return null;
}

/**
 * Such programs fork a background process that serves the clipboard: the exit of the first one is the result.
 */
function feed(
  program: string,
  args: readonly string[],
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['pipe', 'ignore', 'ignore'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    const end = (isDone: boolean): void => {
      clearTimeout(timer);
      resolve(isDone);
    };
    child.on('error', () => end(false));
    child.on('exit', (status) => end(status === 0));
    child.stdin.on('error', () => {});
    child.stdin.end(text);
  });
}
