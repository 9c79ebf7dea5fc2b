import { once } from 'node:events';
import { createServer } from 'node:http';
import { MAJORS, type Major, type PostgresServer, startPostgres } from './server.js';

/** Starts the servers that tests ask for, one of each version for the whole run, and stops them at its end. */
export interface PostgresBroker {
  /** Answers `/14` or `/18` with the URL of that server. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs where all tests can reach it; a run that needs no PostgreSQL starts none. */
export async function startBroker(): Promise<PostgresBroker> {
  const servers = new Map<Major, Promise<PostgresServer>>();
  const serverOf = (major: Major): Promise<PostgresServer> => {
    const known = servers.get(major) ?? startPostgres(major);
    servers.set(major, known);
    return known;
  };
  const listener = createServer((request, response) => {
    const major = majors.find((known) => request.url === `/${known}`);
    if (major === undefined) return void response.writeHead(404).end();
    serverOf(major).then(
      ({ url }) => response.end(url),
      (fault: unknown) => response.writeHead(500).end(String(fault)),
    );
  });
  listener.requestTimeout = 0;
  // A kept connection that times out while the next request is on its way would fail that request.
  listener.keepAliveTimeout = 0;
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async stop() {
      listener.close();
      listener.closeAllConnections();
      const started = await Promise.allSettled(servers.values());
      await Promise.all(started.map((server) => server.status === 'fulfilled' && server.value.stop()));
    },
  };
}

const majors = Object.keys(MAJORS).map(Number) as Major[];
