import { describe, expect, it } from 'vitest';
import { isInstalled, isThere } from '../../support/build/checker.js';
import { forged } from '../../support/servers/clients.js';
import { sharedServer } from '../../support/servers/shared-server.js';

const shared = sharedServer('--allowed-host', 'auth.internal');

/** Runs a script whose secrets come through standard input, as they should. */
async function sh(script: string, stdin = '', env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { session, server } = shared();
  const { stdout, stderr, exitCode } = await session.sh(script, { stdin, env: { URL: server.url, ...env } });
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

const user = ({ clientId, secret } = shared().client): string => `user = "${clientId}:${secret}"\n`;

describe.skipIf(!isInstalled('curl', 'curl'))('curl', () => {
  it.each(['/oauth/v1/token', '/oauth/token'])(
    'gets a token at %s, with --user and with --data',
    async (path) => {
      const { client } = shared();
      const granted = await sh(`curl -sS -K - -d grant_type=client_credentials "$URL${path}"`, user());
      expect(JSON.parse(granted)).toMatchObject({ token_type: 'Bearer', scope: 'data:* events:*' });
      const body = `grant_type=client_credentials&client_id=${client.clientId}&client_secret=${client.secret}`;
      expect(JSON.parse(await sh(`curl -sS -d @- "$URL${path}"`, body))).toHaveProperty('access_token');
      const json = JSON.stringify(Object.fromEntries(new URLSearchParams(body)));
      const answered = await sh(`curl -sS -H 'content-type: application/json' -d @- "$URL${path}"`, json);
      expect(JSON.parse(answered)).toHaveProperty('access_token');
    },
  );

  it('introspects and revokes', async () => {
    const token = await shared().token('data:users');
    const ask = `curl -sS -w '%{http_code}' -K - "$URL/oauth/v1/`;
    const config = `${user()}data = "token=${token}"\n`;
    expect(await sh(`${ask}introspect"`, config)).toMatch(/^\{"active":true,.*\}200$/);
    expect(await sh(`${ask}revoke"`, config)).toBe('200');
    expect(await sh(`${ask}introspect"`, config)).toBe('{"active":false}200');
  });

  it('tests a secret, and asks as a gateway does, with any method and a body sent after 100-continue', async () => {
    const { session, token } = shared();
    const key = await session.issue('curl-key');
    const bearer = (secret: string) => `oauth2-bearer = "${secret}"\n`;
    const test = 'curl -sS -w "%{http_code}" -K - "$URL/rest/v1/auth/test"';
    expect(await sh(test, bearer(key))).toMatch(/^\{"name":"curl-key",.*\}200$/);
    expect(await sh(test, bearer(await token()))).toMatch(/^\{"name":"crm",.*\}200$/);
    expect(await sh(test, bearer(forged(key)))).toBe('{"error":"invalid_token"}401');
    const header = `header = "X-API-Key: ${key}"\n`;
    for (const flags of [
      '-X GET',
      '-X DELETE',
      "-X POST -d '{}'",
      "-H 'Expect: 100-continue' -d x",
      '-T /dev/null',
    ]) {
      const answered = await sh(`curl -sS -i ${flags} -K - "$URL/verify/x?scope=data:users"`, header);
      expect(answered, flags).toMatch(/^HTTP\/1\.1 200 OK\r$/m);
      expect(answered, flags).toMatch(/^x-credential-name: curl-key\r$/m);
    }
  });

  it('reads the metadata and the probes, by another name and over HTTP/1.0', async () => {
    const names = `--connect-to auth.internal:80:127.0.0.1:${shared().server.port} http://auth.internal`;
    expect(JSON.parse(await sh(`curl -sS ${names}/.well-known/oauth-authorization-server`))).toMatchObject({
      issuer: 'http://auth.internal',
    });
    expect(await sh('curl -sS -0 "$URL/healthz"')).toBe('{"status":"ok"}');
    expect(await sh('curl -sS "$URL/readyz"')).toBe('{"status":"ready"}');
    expect(await sh('curl -sS --compressed "$URL/metrics"')).toContain('credctl_tokens_issued_total');
    expect(await sh('curl -sSI "$URL/healthz"')).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });
});

/** Debian's own: requests-oauthlib is a package of the system's Python. */
const PYTHON = '/usr/bin/python3';

const SCRIPT = `
import json, os, sys
from oauthlib.oauth2 import BackendApplicationClient, OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

url = os.environ["URL"]
given = json.load(sys.stdin)
seen = []
for how in ("basic", "post"):
    session = OAuth2Session(client=BackendApplicationClient(client_id=given["id"], scope=["data:users"]))
    fetch = {"auth": HTTPBasicAuth(given["id"], given["secret"])} if how == "basic" else {
        "client_secret": given["secret"], "include_client_id": True}
    token = session.fetch_token(url + "/oauth/v1/token", **fetch)
    seen.append([token["token_type"], token["expires_in"], list(token["scope"])])
    seen.append(session.get(url + "/rest/v1/auth/test").json()["name"])
    seen.append(session.get(url + "/verify?scope=events:messages").status_code)
for secret, scope in ((given["wrong"], "data:users"), (given["secret"], "nothing")):
    session = OAuth2Session(client=BackendApplicationClient(client_id=given["id"], scope=[scope]))
    try:
        session.fetch_token(url + "/oauth/v1/token", auth=HTTPBasicAuth(given["id"], secret))
    except OAuth2Error as error:
        seen.append([error.error, error.status_code])
print(json.dumps(seen))
`;

const LIBRARY = '/usr/lib/python3/dist-packages/requests_oauthlib/__init__.py';

describe.skipIf(!isInstalled(PYTHON, 'python3') || !isThere(LIBRARY, 'python3-requests-oauthlib'))(
  'requests-oauthlib',
  () => {
    it('gets tokens with BackendApplicationClient, uses them, and understands refusals', async () => {
      const { client } = shared();
      const given = { id: client.clientId, secret: client.secret, wrong: forged(client.secret) };
      const run = await sh(`exec ${PYTHON} -c "$SCRIPT"`, JSON.stringify(given), {
        SCRIPT,
        OAUTHLIB_INSECURE_TRANSPORT: '1',
      });
      const good = [['Bearer', 3600, ['data:users']], 'crm', 403];
      expect(JSON.parse(run)).toEqual([...good, ...good, ['invalid_client', 401], ['invalid_scope', 400]]);
    });
  },
);
