import { expect, it } from 'vitest';
import '../support/patience.js';
import { issueClient } from '../support/clients.js';
import { openSession } from '../support/run.js';
import { basic, bearer, startServer } from '../support/server.js';

const CONNECTIONS = 8;
const MOMENTS = [1, 40, 150];

it('keeps every token that was answered, whenever the server is killed', async () => {
  const session = await openSession();
  const client = await issueClient(session, 'crm');
  const answered: string[] = [];
  for (const moment of MOMENTS) {
    const server = await startServer(session, '--rate-limit', '0');
    const enough = answered.length + moment;
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async () => {
        for (;;) {
          const answer = await server
            .post(
              '/oauth/v1/token',
              { grant_type: 'client_credentials' },
              basic(client.clientId, client.secret),
            )
            .catch(() => null);
          // Cut off: whether there is a token, nobody can know.
          if (answer === null) return;
          expect(answer.status).toBe(200);
          answered.push((JSON.parse(answer.text) as { access_token: string }).access_token);
          // The others' requests are on their way at this moment.
          if (answered.length >= enough) server.child.kill('SIGKILL');
        }
      }),
    );
  }
  const server = await startServer(session, '--rate-limit', '0');
  expect(answered.length).toBeGreaterThanOrEqual(MOMENTS.reduce((sum, moment) => sum + moment));
  expect(new Set(answered).size).toBe(answered.length);
  for (const token of answered) {
    const { status } = await server.send('/rest/v1/auth/test', { headers: bearer(token) });
    expect(status).toBe(200);
  }
  expect(JSON.parse(await session.ok('store', 'check', '--json'))).toMatchObject({ findings: [] });
});
