import { forged, type TestClient, unknownSecret } from './clients.js';
import { basic, bearer, type Server } from './server.js';

const TEST_AUTH = '/rest/v1/auth/test';
const GRANT = { grant_type: 'client_credentials' };

/** What requests were about, and what is right for each while everything may break. */
export interface Load {
  /** Asks until it is stopped; what was answered wrongly. */
  stop(): Promise<readonly string[]>;
  /** Tokens that were answered. */
  readonly tokens: readonly string[];
  /** How often each status was answered; 0 for no answer. */
  readonly statuses: ReadonlyMap<number, number>;
}

export interface LoadOptions {
  /** The server of the moment. */
  readonly server: () => Server;
  readonly key: string;
  /** The secret of what was deleted before. */
  readonly dead: string;
  readonly client: TestClient;
}

const ASKERS = 4;

/** Asks without a pause: for tokens, with good secrets, and with those that must never be accepted. */
export function startLoad({ server, key, dead, client }: LoadOptions): Load {
  const tokens: string[] = [];
  const statuses = new Map<number, number>();
  const wrong: string[] = [];
  let isStopped = false;
  const send = async (secret: string, address: string): Promise<number> => {
    try {
      const headers = { ...bearer(secret), 'x-forwarded-for': address };
      return (await server().send(TEST_AUTH, { headers })).status;
    } catch {
      return 0;
    }
  };
  const grant = async (address: string): Promise<number> => {
    try {
      const headers = { ...basic(client.clientId, client.secret), 'x-forwarded-for': address };
      const { status, text } = await server().post('/oauth/v1/token', GRANT, headers);
      if (status === 200) tokens.push((JSON.parse(text) as { access_token: string }).access_token);
      return status;
    } catch {
      return 0;
    }
  };
  const ask = async (asker: number): Promise<void> => {
    for (let turn = 0; !isStopped; turn += 1) {
      const address = `10.${asker}.${Math.trunc(turn / 250) % 250}.${turn % 250}`;
      const questions = [
        async () => ['a token', await grant(address), true] as const,
        async () => ['a good key', await send(key, address), true] as const,
        async () => ['a deleted key', await send(dead, address), false] as const,
        async () => ['a wrong key', await send(forged(key), address), false] as const,
        async () => ['an unknown token', await send(unknownSecret('tok', turn % 9), address), false] as const,
        async () =>
          ['a token from before', await send(tokens.at(-1 - (turn % 5)) ?? key, address), true] as const,
      ] as const;
      const question = questions[(turn + asker) % questions.length] ?? questions[0];
      const [what, status, isGood] = await question();
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const isRight = isGood ? [0, 200, 503].includes(status) : [0, 401, 429, 503].includes(status);
      if (!isRight) wrong.push(`${what}: ${status}`);
      if (status === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const asking = Promise.all(Array.from({ length: ASKERS }, (_, asker) => ask(asker)));
  return {
    tokens,
    statuses,
    async stop() {
      isStopped = true;
      await asking;
      return wrong;
    },
  };
}
