import type { Session } from '../program/run.js';
import type { Server } from './server.js';

type Headers = Readonly<Record<string, string>>;

/** The open leaks of a store, as `leaks --json` has them. */
export async function leaksOf(session: Session): Promise<readonly Record<string, unknown>[]> {
  const { leaks } = JSON.parse(await session.ok('leaks', '--json')) as {
    leaks: readonly Record<string, unknown>[];
  };
  return leaks;
}

/** An access token that a client obtains with these headers. */
export async function accessToken(server: Server, headers: Headers): Promise<string> {
  const { text } = await server.post('/oauth/v1/token', { grant_type: 'client_credentials' }, headers);
  return (JSON.parse(text) as { access_token: string }).access_token;
}

/** A figure of /metrics, by its name and labels. */
export async function figure(server: Server, name: string): Promise<number> {
  const { text } = await server.send('/metrics');
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

/** The handle of a key, a client secret or a token of a store with the usual prefix. */
export const handleOf = (secret: string): string => secret.slice(0, 'cctl_key_'.length + 12);
