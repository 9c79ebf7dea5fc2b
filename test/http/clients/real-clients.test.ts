import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { expect, it } from 'vitest';
import { openSession } from '../../support/program/run.js';
import { forged, issueClient } from '../../support/servers/clients.js';
import { startServer } from '../../support/servers/server.js';

it('configures itself from the metadata (RFC 8414)', async () => {
  const session = await openSession();
  const server = await startServer(session);
  const { status, text } = await server.send('/.well-known/oauth-authorization-server', {
    headers: { host: `localhost:${server.port}` },
  });
  const issuer = `http://localhost:${server.port}`;
  expect([status, JSON.parse(text)]).toEqual([
    200,
    {
      issuer,
      token_endpoint: `${issuer}/oauth/v1/token`,
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
      introspection_endpoint: `${issuer}/oauth/v1/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'Bearer'],
      revocation_endpoint: `${issuer}/oauth/v1/revoke`,
      revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    },
  ]);
  const published = await startServer(session, '--public-url', 'https://auth.example.com/');
  const { text: other } = await published.send('/.well-known/oauth-authorization-server');
  expect(JSON.parse(other)).toMatchObject({
    issuer: 'https://auth.example.com',
    token_endpoint: 'https://auth.example.com/oauth/v1/token',
  });
});

it.each([
  ['client_secret_basic', openid.ClientSecretBasic, [{ scheme: 'basic', parameters: { realm: 'credctl' } }]],
  ['client_secret_post', openid.ClientSecretPost, { error: 'invalid_client' }],
] as const)('serves openid-client with %s', async (_, method, cause) => {
  const session = await openSession();
  const client = await issueClient(session, 'crm');
  const server = await startServer(session);
  const discover = (secret: string) =>
    openid.discovery(new URL(server.url), client.clientId, undefined, method(secret), {
      algorithm: 'oauth2',
      execute: [openid.allowInsecureRequests],
    });
  const config = await discover(client.secret);
  const tokens = await openid.clientCredentialsGrant(config, { scope: 'data:users' });
  expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'data:users', expires_in: 3600 });
  expect(await openid.tokenIntrospection(config, tokens.access_token)).toMatchObject({
    active: true,
    client_id: client.clientId,
  });
  const resource = new URL(`${server.url}/rest/v1/auth/test`);
  const fetched = await openid.fetchProtectedResource(config, tokens.access_token, resource, 'GET');
  expect(await fetched.json()).toMatchObject({ name: 'crm' });
  await openid.tokenRevocation(config, tokens.access_token);
  expect(await openid.tokenIntrospection(config, tokens.access_token)).toEqual({ active: false });
  await expect(openid.clientCredentialsGrant(await discover(forged(client.secret)))).rejects.toMatchObject({
    status: 401,
    cause,
  });
  await expect(openid.clientCredentialsGrant(config, { scope: 'events:*' })).rejects.toMatchObject({
    error: 'invalid_scope',
    status: 400,
  });
});

it('serves oauth4webapi', async () => {
  const session = await openSession();
  const { clientId, secret } = await issueClient(session, 'crm');
  const server = await startServer(session);
  const insecure = { [oauth.allowInsecureRequests]: true };
  const issuer = new URL(server.url);
  const as = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }),
  );
  const client: oauth.Client = { client_id: clientId };
  const auth = oauth.ClientSecretBasic(secret);
  const request = () => oauth.clientCredentialsGrantRequest(as, client, auth, { scope: 'data:*' }, insecure);
  const { access_token: token } = await oauth.processClientCredentialsResponse(as, client, await request());
  const asked = await oauth.introspectionRequest(as, client, auth, token, insecure);
  expect(await oauth.processIntrospectionResponse(as, client, asked)).toMatchObject({ active: true });
  const resource = new URL(`${server.url}/rest/v1/auth/test`);
  const got = await oauth.protectedResourceRequest(token, 'GET', resource, undefined, undefined, insecure);
  expect(got.status).toBe(200);
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, auth, token, insecure));
  await expect(
    oauth.protectedResourceRequest(token, 'GET', resource, undefined, undefined, insecure),
  ).rejects.toMatchObject({
    status: 401,
    cause: [{ scheme: 'bearer', parameters: { realm: 'credctl', error: 'invalid_token' } }],
  });
});
