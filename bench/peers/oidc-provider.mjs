// @ts-check
/** oidc-provider with one client and opaque tokens in its own memory. */
import { createServer } from 'node:http';
import { stdout } from 'node:process';
import Provider from 'oidc-provider';

const CLIENT = { id: 'bench', secret: 'secret-of-the-benchmarks' };

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
const url = `http://127.0.0.1:${port}`;
const provider = new Provider(url, {
  clients: [
    {
      client_id: CLIENT.id,
      client_secret: CLIENT.secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post',
    },
  ],
  scopes: ['data'],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
});
server.on('request', provider.callback());
stdout.write(`${JSON.stringify({ url, client: CLIENT })}\n`);
