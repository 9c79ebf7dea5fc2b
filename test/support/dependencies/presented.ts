import { z } from 'zod';
import type { RunOptions, Session } from '../program/run.js';

const answer = z.object({ valid: z.boolean(), reason: z.string().optional() });

/** Where a secret is presented: flags of `verify`, and variables of its environment. */
export interface Presentation extends Pick<RunOptions, 'env'> {
  readonly flags?: readonly string[];
}

/** Presents a secret to `credctl verify`: `valid`, or why it is refused. */
export async function verdictOn(
  session: Pick<Session, 'run'>,
  secret: string,
  { flags = [], env = {} }: Presentation = {},
): Promise<string> {
  const { stdout } = await session.run(['verify', '--json', ...flags], { stdin: secret, env });
  const { valid, reason } = answer.parse(JSON.parse(stdout));
  return valid ? 'valid' : (reason ?? 'no reason');
}
