// @ts-check
/** better-auth with its api-key plugin on SQLite in WAL mode; the arguments: the directory for its file, how many keys. */
import { join } from 'node:path';
import { argv, stdout } from 'node:process';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db';
import { apiKey } from 'better-auth/plugins';
import Database from 'better-sqlite3';
import fastify from 'fastify';

const database = new Database(join(String(argv[2]), 'better-auth.db'));
database.pragma('journal_mode = wal');

const options = {
  database,
  secret: 'a-secret-of-the-benchmarks-that-is-long-enough',
  baseURL: 'http://127.0.0.1',
  emailAndPassword: { enabled: true },
  telemetry: { enabled: false },
  plugins: [apiKey({ rateLimit: { enabled: false } })],
};
await (await getMigrations(options)).runMigrations();
const auth = betterAuth(options);
const { user } = await auth.api.signUpEmail({
  body: { email: 'bench@example.com', password: 'a-password-of-the-benchmarks', name: 'bench' },
});
/** @type {string[]} */
const keys = [];
for (let n = 0; n < Number(argv[3] ?? 1); n += 1) {
  const { key } = await auth.api.createApiKey({ body: { userId: user.id, name: 'bench' } });
  keys.push(key);
}

const app = fastify();
app.get('/', async (request, reply) => {
  const presented = String(request.headers.authorization).slice('Bearer '.length);
  const { valid, key: found } = await auth.api.verifyApiKey({ body: { key: presented } });
  return valid ? { name: found?.name } : reply.code(401).send();
});
stdout.write(
  `${JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }), key: keys[0], keys })}\n`,
);
