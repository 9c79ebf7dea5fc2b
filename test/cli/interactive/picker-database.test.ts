import { describe, expect, it } from 'vitest';
import { outageProxy } from '../../support/postgres/outage-proxy.js';
import { openPostgresSession } from '../../support/postgres/session.js';
import { silentProxy } from '../../support/postgres/silent-proxy.js';
import { openTerminal } from '../../support/program/pseudo-terminal.js';

/** A store in PostgreSQL with two credentials, and a terminal beside it. */
async function withDatabase() {
  const session = await openPostgresSession();
  await session.issue('a-bot');
  await session.issue('b-bot');
  const env = { ...session.workspace.env, PGPASSWORD: session.password };
  const terminal = await openTerminal({ ...session.workspace, env }, { columns: 120 });
  const direct = new URL(session.publicUrl);
  /** The command line of a picker by way of a proxy. */
  const showBy = (port: number): string =>
    `credctl show --store '${Object.assign(new URL(direct), { hostname: '127.0.0.1', port }).href}'`;
  return { terminal, host: direct.hostname, port: Number(direct.port), showBy };
}

describe('the list to choose from, of a database', () => {
  it('says that it is searching while nothing comes, and takes no row of before', async () => {
    const { terminal, host, port, showBy } = await withDatabase();
    const proxy = await silentProxy(host, port);
    await terminal.run(showBy(proxy.port));
    await terminal.see(/^> a-bot/m);
    proxy.fallSilent();
    await terminal.type('b-bot');
    expect(await terminal.see('> searching …')).not.toContain('a-bot');
    await terminal.press('Down', 'Enter');
    proxy.goOn();
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.joined()).toMatch(/^name: +b-bot$/m);
  });

  it('ends with the error of a database that is gone', async () => {
    const { terminal, host, port, showBy } = await withDatabase();
    const proxy = await outageProxy(host, port);
    await terminal.run(showBy(proxy.port));
    await terminal.see(/^> a-bot/m);
    await proxy.goDown();
    await terminal.type('b');
    expect(await terminal.ended()).toBe(8);
    expect(await terminal.joined()).toMatch(/^credctl: /m);
  });
});
