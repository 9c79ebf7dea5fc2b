import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT } from '../support/program/real-program.js';

/** For each row of the table, the tests that show it, as `file: title`. */
const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  'the store file or a copy': [
    'test/attackers/store-file.test.ts: an attacker with the store file or a copy',
    'test/faults/secrets/leaked-secrets.test.ts: delete wipes the hashes from the file and its log',
  ],
  'a process on the machine as another user': [
    'test/attackers/store-file.test.ts: an attacker with a process on the machine as another user',
    'test/faults/files/file-modes.test.ts: every file is for its owner alone from the first byte',
  ],
  "the terminal's scrollback": [
    'test/cli/interactive/reveal.test.ts: shows what was there before once it is gone',
  ],
  'a core dump of credctl': ['test/faults/secrets/core-dumps.test.ts: a core dump of credctl has no secret'],
  'shell history, `ps`, logs, the journal': [
    'test/faults/secrets/leaked-secrets.test.ts: a secret is nowhere but at its destination',
  ],
  "a web page open in a developer's browser": [
    'test/http/hostile/unwanted-requests.test.ts: a request by another name',
    'test/http/observability.test.ts: name nothing and nobody, whatever the server is called',
  ],
  'a stolen key': ['test/http/immediate-effect.test.ts: the next request after a command in another process'],
  "a directory that credctl writes to or sweeps, root's included": [
    'test/faults/files/planted-entries.test.ts: what another user has planted in a directory for everybody',
    'test/faults/files/planted-meanwhile.test.ts: root, in a directory where another user is at work',
  ],
  'the cache of compiled code': [
    'test/cli/contract/compile-cache.test.ts: is neither taken from nor put into a directory that',
    "test/cli/contract/compile-cache.test.ts: is not put into another user's home",
  ],
  'the largest request that the limits allow, against the largest catalog': [
    'test/domain/scope/largest-catalog.test.ts: is looked through once, not for each scope of a request',
  ],
  'write access to the store': [
    'test/faults/stores/audit-tampering.test.ts: audit verify finds',
    'test/cli/contract/store/tampering.test.ts: a store that was written to past the program',
  ],
  'a database login of the role `verifier`': [
    'test/storage/postgres/stolen-verifier.test.ts: a stolen login of a server on',
    'test/storage/postgres/issued-tokens.test.ts: is issued for no longer than the catalog says',
    'test/http/endpoints/verdict-cases.ts: a token that was given to an API key',
  ],
  'a database login of the role `responder`': [
    'test/storage/postgres/stolen-responder.test.ts: a stolen login of the role responder on',
    'test/storage/postgres/stolen-verifier.test.ts: changes and locks no table by itself',
  ],
  'a database login of the role `auditor`': [
    'test/storage/postgres/stolen-verifier.test.ts: changes and locks no table by itself',
    'test/cli/contract/store/postgres-roles.test.ts: an auditor reads everything but hashes, and changes nothing',
  ],
  "CREATE on the database, or the schema's name first": [
    'test/storage/postgres/trust/schema-trust.test.ts: is refused and named, whoever has put it there',
    'test/storage/postgres/trust/store-of-another.test.ts: is refused by superusers, by the database’s owner and by who could become either',
    'test/storage/postgres/trust/locked-tables.test.ts: that comes to a table is refused by the next change',
    'test/storage/postgres/trust/hostile-names.test.ts: a store among hostile names',
    'test/storage/postgres/trust/temporary-names.test.ts: temporary objects of a session',
    'test/cli/contract/store/hostile-database.test.ts: a schema that somebody else has made first',
  ],
  'a login of the database that may do nothing': [
    'test/storage/postgres/trust/locks-of-others.test.ts: advisory locks that somebody else holds',
  ],
  'the network between credctl and its database': [
    'test/storage/postgres/connection/asked-for-a-password.test.ts: a server on the network that asks for',
  ],
};

/** The first column of the table. */
function rows(): readonly string[] {
  const text = readFileSync(join(PROJECT, 'docs/security.md'), 'utf8');
  const [, table = ''] = /## What an attacker with … can do\n([\s\S]*?)\n## /.exec(text) ?? [];
  return [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, row = '']) =>
    /^(has|---)$/.test(row) ? [] : [row],
  );
}

describe('the table of what an attacker with … can do', () => {
  it('has a test for every row', () => {
    expect(rows()).toEqual(Object.keys(SHOWN_BY));
  });

  it.each(Object.entries(SHOWN_BY))('is shown by tests that are there: %s', (_row, tests) => {
    for (const test of tests) {
      const [file = '', title = ''] = test.split(': ');
      expect(readFileSync(join(PROJECT, file), 'utf8'), test).toContain(title);
    }
  });
});
