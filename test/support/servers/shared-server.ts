import { afterAll, beforeAll } from 'vitest';
import { type Session, sessionIn } from '../program/run.js';
import { createWorkspace } from '../program/workspace.js';
import { issueClient, type TestClient } from './clients.js';
import { basic, launchServer, type Server } from './server.js';

/** A running server that the tests of a file share. */
export interface SharedServer {
  readonly session: Session;
  readonly server: Server;
  /** Holds `data:*` and `events:*`. */
  readonly client: TestClient;
  /** The client's `Authorization: Basic`. */
  readonly authorization: Readonly<Record<string, string>>;
  /** A fresh token of the client. */
  token(scope?: string): Promise<string>;
}

/** Starts a server before the tests of a file, and ends it after them. @returns what gives it to a test */
export function sharedServer(...flags: readonly string[]): () => SharedServer {
  let shared: SharedServer | null = null;
  let end = async (): Promise<void> => {};
  beforeAll(async () => {
    const workspace = await createWorkspace();
    const session = sessionIn(workspace);
    end = () => workspace.remove();
    const client = await issueClient(session, 'crm', '--scope', 'data:*', '--scope', 'events:*');
    const { child, started } = launchServer(session, flags);
    end = async () => {
      child.kill('SIGKILL');
      await workspace.remove();
    };
    const server = await started;
    const authorization = basic(client.clientId, client.secret);
    shared = {
      session,
      server,
      client,
      authorization,
      async token(scope = 'data:*') {
        const { text } = await server.post(
          '/oauth/v1/token',
          { grant_type: 'client_credentials', scope },
          authorization,
        );
        return (JSON.parse(text) as { access_token: string }).access_token;
      },
    };
  });
  afterAll(() => end());
  return () => {
    if (shared === null) throw new Error('the server is not running');
    return shared;
  };
}
