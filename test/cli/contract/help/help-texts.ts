import { expect } from 'vitest';
import type { Session } from '../../../support/program/run.js';

/** The help text of every command, groups included, by its words. */
export async function helpTexts(session: Session): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  const collect = async (words: readonly string[]): Promise<void> => {
    const { exitCode, stdout, stderr } = await session.run([...words, '--help']);
    expect({ exitCode, stderr }, words.join(' ')).toEqual({ exitCode: 0, stderr: '' });
    texts.set(words.join(' '), stdout);
    await Promise.all(subcommandsIn(stdout).map((name) => collect([...words, name])));
  };
  await collect([]);
  return texts;
}

/** The names of the commands that a help text lists. */
export function subcommandsIn(help: string): readonly string[] {
  const [, listed = ''] = /\nCommands:\n((?: {2}.*\n?)+)/.exec(help) ?? [];
  return [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
}

/** The examples of a help text, as a shell takes them. */
export function examplesIn(help: string): readonly string[] {
  return [...help.matchAll(/^ {2}\$ (.+)$/gm)].map(([, command = '']) => command);
}
