import { isIP, type Socket } from 'node:net';
import type pg from 'pg';
import { VALUE_PARSERS } from '../parameters.js';
import { guardedClient } from './guarded-client.js';
import type { Patience } from './patience.js';
import type { Route } from './route.js';
import type { Tls } from './tls-options.js';
import type { PostgresAddress } from './url.js';

/** What a pool of the driver needs besides the address. */
export interface PoolParts {
  readonly route: Route;
  readonly connections: number;
  readonly patience: Patience;
  readonly socket: () => Socket;
  readonly onConnect: (client: pg.ClientBase) => Promise<void>;
}

/** The driver's configuration of a pool of connections to one host. */
export function poolConfig(
  address: PostgresAddress,
  { route: { host, ssl }, connections, patience, socket, onConnect }: PoolParts,
): pg.PoolConfig {
  const { location, user, database, required, channelBinding } = address;
  return {
    host: host.address ?? host.host,
    port: host.port,
    user,
    database,
    password: async () => (await host.password()) ?? '',
    ssl: host.address === null ? ssl : named(ssl, host.host),
    options: address.options,
    application_name: address.applicationName,
    enableChannelBinding: channelBinding !== 'disable',
    connectionTimeoutMillis: patience.connectSeconds * 1_000,
    query_timeout: patience.answerMs,
    stream: socket,
    keepAlive: true,
    max: connections,
    allowExitOnIdle: true,
    types: VALUE_PARSERS,
    Client: guardedClient({
      location,
      host: host.host,
      isDeclined: host.tls.isDeclined,
      required,
      mustBind: channelBinding === 'require',
    }),
    onConnect,
  };
}

/** The certificate has to be for the name, where the connection is made to an address (`hostaddr`). */
function named(ssl: Tls['ssl'], host: string): Tls['ssl'] {
  return ssl === false || isIP(host) !== 0 ? ssl : { ...ssl, servername: host };
}
