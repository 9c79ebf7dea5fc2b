import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Answered, Server } from './server.js';

/** A key pair like those of GitHub's alerts. */
export interface AlertKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Draws a key pair; of P-256, as GitHub's. */
export function alertKey(namedCurve = 'P-256'): AlertKey {
  const pair = generateKeyPairSync('ec', { namedCurve });
  const der = pair.publicKey.export({ type: 'spki', format: 'der' });
  return { ...pair, id: createHash('sha256').update(der).digest('hex') };
}

/** The list of public keys, in the form of GitHub. */
export function keyListOf(...keys: readonly AlertKey[]): string {
  return JSON.stringify({
    public_keys: keys.map(({ id, publicKey }) => ({
      key_identifier: id,
      key: publicKey.export({ type: 'spki', format: 'pem' }),
      is_current: true,
    })),
  });
}

/** A match as GitHub reports it. */
export interface AlertMatch {
  readonly token: string;
  readonly type: string;
  readonly url?: string;
  readonly source?: string;
}

/** A match in a file of a public repository. */
export function matchOf(
  token: string,
  url = 'https://github.com/octocat/hello/blob/1a2b/app.env',
): AlertMatch {
  return { token, type: 'credctl', url, source: 'content' };
}

/** The headers that GitHub signs a body with. */
export function signed(body: string, { id, privateKey }: AlertKey): Record<string, string> {
  return {
    'content-type': 'application/json',
    'github-public-key-identifier': id,
    'github-public-key-signature': sign('sha256', Buffer.from(body), privateKey).toString('base64'),
  };
}

/** Sends an alert as GitHub does. */
export function alert(server: Server, matches: readonly AlertMatch[], key: AlertKey): Promise<Answered> {
  const body = JSON.stringify(matches);
  return server.send('/scan/v1/alert', { method: 'POST', headers: signed(body, key), body });
}

/** Serves a list of public keys over TLS, by a certificate of its own that openssl makes in the directory. */
export async function serveKeyList(
  directory: string,
  list: string,
): Promise<{ readonly url: string; readonly certificate: string; asked(): number }> {
  const [certificate, key] = [join(directory, 'list.crt'), join(directory, 'list.key')];
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', key, '-out', certificate];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject, ...files],
    { stdio: 'ignore' },
  );
  let asked = 0;
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (_, response) => {
    asked += 1;
    response.end(list);
  });
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `https://127.0.0.1:${port}/keys`, certificate, asked: () => asked };
}
