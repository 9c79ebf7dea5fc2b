import { hostname, userInfo } from 'node:os';
import { asWithBetter } from '../build/sqlite-under-test.js';
import type { Finished, Session } from './run.js';

/**
 * A session as a text that can be read as documentation:
 *
 *     # What happens here.
 *     $ credctl show nobody
 *     stderr: credctl: no credential "nobody"
 *     [exit 3]
 *
 * `$` begins a line of shell, `>` continues it, `#` a remark. What follows a command is its standard output, then
 * its standard error, then its exit code unless that is 0. Blank lines at the end of an output do not count.
 */
export interface Transcript {
  readonly parts: readonly (Remark | Step)[];
}

/** Lines that are kept as they are: remarks, and blank lines. */
interface Remark {
  readonly kind: 'remark';
  readonly line: string;
}

interface Step {
  readonly kind: 'step';
  /** Lines of shell. */
  readonly command: readonly string[];
  /** Blank lines after the output. */
  readonly gap: number;
}

/** Takes the commands and remarks out of a transcript. */
export function parseTranscript(text: string): Transcript {
  const parts: (Remark | Step)[] = [];
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const last = parts.at(-1);
    if (line.startsWith('$ ')) {
      parts.push({ kind: 'step', command: [line.slice(2)], gap: 0 });
    } else if (line.startsWith('#') || last?.kind !== 'step') {
      parts.push({ kind: 'remark', line });
    } else {
      parts[parts.length - 1] = line.startsWith('> ')
        ? { ...last, command: [...last.command, line.slice(2)] }
        : { ...last, gap: line === '' ? last.gap + 1 : 0 };
    }
  }
  return { parts };
}

/** Runs the commands of a transcript one after the other; the transcript as it should have been. */
export async function playTranscript(transcript: Transcript, session: Session): Promise<string> {
  const placeholders = new Placeholders(session.workspace.root, session.workspace.dataHome);
  const lines: string[] = [];
  for (const part of transcript.parts) {
    if (part.kind === 'remark') {
      lines.push(part.line);
      continue;
    }
    lines.push(...part.command.map((line, index) => `${index === 0 ? '$' : '>'} ${line}`));
    const { exitCode, stdout, stderr } = await perform(session, part.command.join('\n'));
    lines.push(...outputLines(placeholders.applyTo(asWithBetter(stdout))));
    lines.push(...outputLines(placeholders.applyTo(stderr)).map((line) => `stderr: ${line}`));
    if (exitCode !== 0) lines.push(`[exit ${exitCode}]`);
    lines.push(...Array.from({ length: part.gap }, () => ''));
  }
  return `${lines.join('\n')}\n`;
}

/** A command that is nothing but words. */
const PLAIN = /^credctl(?: (?:[\w./:=@,+%-]+|'[^']*'|"[^"$`\\]*"))*$/;

/** A command whose standard input is a file. */
const FED = /^(?<command>.+) < (?<file>[\w.-]+)$/;

/** The arguments of a line of shell that is nothing but credctl and words: it needs no shell, and no process of its own. */
export function plainWords(command: string): readonly string[] | null {
  if (!PLAIN.test(command)) return null;
  const [, ...words] = command.match(/'[^']*'|"[^"]*"|[^ '"]+/g) ?? [];
  return words.map((word) => word.replace(/^(['"])(.*)\1$/, '$2'));
}

async function perform(session: Session, line: string): Promise<Finished> {
  const { command = line, file } = FED.exec(line)?.groups ?? {};
  const words = plainWords(command);
  if (words === null) return session.sh(line);
  return session.run(words, file === undefined ? {} : { stdin: await session.workspace.read(file) });
}

function outputLines(text: string): readonly string[] {
  const trimmed = text.replace(/\n+$/, '');
  return trimmed === '' ? [] : trimmed.split('\n');
}

/** What differs from one run to the next, by name; the first of a kind has no number. */
const VOLATILE: readonly (readonly [name: string, pattern: RegExp, numbered: boolean])[] = [
  ['time', /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/g, false],
  ['api-key', /\b[a-z][a-z0-9]{1,11}_key_[0-9A-Za-z]{61}\b/g, true],
  ['client-secret', /\b[a-z][a-z0-9]{1,11}_sec_[0-9A-Za-z]{61}\b/g, true],
  ['client-id', /\b[a-z][a-z0-9]{1,11}_id_[0-9A-Za-z]{16}\b/g, true],
  ['handle', /\b[a-z][a-z0-9]{1,11}_(?:key|sec)_[0-9A-Za-z]{12}\b/g, true],
  ['id', /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, true],
  ['hash', /\b[0-9a-f]{64}\b/g, true],
  ['version', /(?<="versions":\{")[0-9A-Za-z]{12}(?=":)/g, true],
  ['ms', /(?<="lapses_at":)\d{13}/g, false],
  ['cursor', /\bWy[A-Za-z0-9_-]{20,}/g, true],
  ['size', /\b\d{5,7}(?= bytes|\})/g, false],
];

/** Gives every volatile text a name, the same text always the same one. */
class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #root: string;
  readonly #dataHome: string;

  constructor(root: string, dataHome: string) {
    this.#root = root;
    this.#dataHome = dataHome;
  }

  applyTo(output: string): string {
    const placed = output
      .replaceAll(this.#dataHome, '<data>')
      .replaceAll(this.#root, '<home>')
      .replaceAll(`${userInfo().username}@${hostname()}`, '<you>');
    return VOLATILE.reduce(
      (text, [name, pattern, numbered]) =>
        text.replace(pattern, (found) => (numbered ? this.#nameOf(name, found) : `<${name}>`)),
      placed,
    );
  }

  #nameOf(kind: string, text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    const name = count === 1 ? `<${kind}>` : `<${kind}-${count}>`;
    this.#names.set(text, name);
    return name;
  }
}
