import type { Session } from '../../support/program/run.js';
import { credentialDocument } from '../contract/output/shapes.js';

export const CREATE = ['create', 'ci-bot', '--type', 'api-key', '--scope', 'data:users'];
export const CLIENT = ['create', 'crm', '--scope', 'data:users'];

/** A line of shell as the command. */
export const to = (script: string, ...words: readonly string[]): readonly string[] => [
  '--',
  'sh',
  '-c',
  script,
  'sh',
  ...words,
];

export async function show(session: Session, name: string) {
  return (await session.json(credentialDocument, 'show', name)).credential;
}

export async function verdict(session: Session, secret: string): Promise<number> {
  return (await session.run(['verify', '-q'], { stdin: secret })).exitCode;
}
