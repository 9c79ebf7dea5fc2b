import { spawn } from 'node:child_process';

/** Programs that put what they read into the clipboard, those of the display's own kind first. */
const PROGRAMS: readonly (readonly [program: string, ...args: readonly string[]])[] = [
  ['wl-copy'],
  ['xclip', '-selection', 'clipboard'],
  ['xsel', '--clipboard', '--input'],
  ['pbcopy'],
  ['clip.exe'],
];

/** Longer than any of them takes; one that waits for a display that is gone is ended. */
const TIMEOUT_MS = 5_000;

/**
 * Puts a text into the clipboard with the first program that is there and succeeds. The text goes through its
 * standard input, never through its arguments.
 *
 * @returns the program's name; null when there is none
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

/** They stay in the background to serve the clipboard, so that only the end of the first process tells. */
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
