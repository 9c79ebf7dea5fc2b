// @ts-check
/** The least that a server on fastify can do: one route that answers the same bytes to everybody. */
import { stdout } from 'node:process';
import fastify from 'fastify';

const BODY =
  '{"name":"ci-bot","type":"api-key","client_id":null,"scopes":["data:conversations"],"expires_at":null}';

const app = fastify();
app.get('/', (_request, reply) => {
  reply.type('application/json').send(BODY);
});
stdout.write(`${JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }) })}\n`);
