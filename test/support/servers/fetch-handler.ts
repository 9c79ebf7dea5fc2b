import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * Serves a handler of the Fetch standard over HTTP on loopback, as servers for such handlers do.
 *
 * @param handle takes the request and the address of the connection's peer
 * @returns the URL
 */
export async function listenWithFetch(
  handle: (request: Request, address: string) => Promise<Response>,
): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(incoming.headersDistinct)) {
      for (const value of values) headers.append(name, value);
    }
    const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { headers });
    const response = await handle(request, incoming.socket.remoteAddress ?? '');
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
