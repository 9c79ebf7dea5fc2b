import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { installed } from '../support/build/packed.js';
import { openSession } from '../support/program/run.js';
import { issueClient } from '../support/servers/clients.js';

it('the published package serves: a token, and test auth with it, with nothing of the checkout', async () => {
  const directory = await installed();
  const session = await openSession();
  const client = await issueClient(session, 'crm', '--scope', 'data:users');
  const program = join(directory, 'node_modules', 'credctl', 'bin', 'credctl.js');
  const child = spawn(process.execPath, [program, 'serve', '--port', '0'], {
    cwd: session.workspace.directory,
    env: session.workspace.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const url = line.trimEnd();
  const granted = await fetch(`${url}/oauth/v1/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.secret,
    }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const tested = await fetch(`${url}/rest/v1/auth/test`, { headers: { authorization: `Bearer ${token}` } });
  expect([tested.status, await tested.json()]).toEqual([200, expect.objectContaining({ name: 'crm' })]);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('credctl_tokens_issued_total 1');
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect((await ended)[0]).toBe(0);
});
