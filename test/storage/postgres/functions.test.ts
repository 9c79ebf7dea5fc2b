import { describe, expect, it } from 'vitest';
import {
  creationOf,
  digestOf,
  PROPERTIES,
  SCHEMA_FUNCTIONS,
  type SchemaFunction,
} from '../../../src/storage/postgres/functions/functions.js';
import { sharedDatabase } from '../../support/postgres/database-logins.js';
import { POSTGRES_ENGINES } from '../../support/postgres/stores.js';

const EXAMPLES: readonly SchemaFunction[] = [
  {
    name: 'example',
    arguments: 'ids text[], at bigint',
    returns: 'TABLE(id text, kept boolean)',
    language: 'plpgsql',
    volatility: 'volatile',
    body: '\nbegin\n  return query select unnest(ids), true;\nend\n',
  },
  {
    name: 'constant',
    arguments: '',
    returns: 'void',
    language: 'sql',
    volatility: 'stable',
    body: 'select null::void',
  },
];

describe.each(POSTGRES_ENGINES)('a function of the schema on $label', (engine) => {
  it('has the digest that its definition has, whatever the path of the session that made it', async () => {
    const { own, ask } = await sharedDatabase(engine);
    await own.ask('create schema credctl');
    for (const fn of [...EXAMPLES, ...SCHEMA_FUNCTIONS.filter(({ language }) => language === 'plpgsql')]) {
      await own.ask(creationOf(fn));
      const [row] = await ask<{ digest: string; may: string }>(
        `select encode(sha256(convert_to(${PROPERTIES}, 'UTF8')), 'hex') as digest,
          has_function_privilege('public', p.oid, 'execute')::text as may
          from pg_catalog.pg_proc p where p.pronamespace = 'credctl'::regnamespace and p.proname = ?`,
        fn.name,
      );
      expect([fn.name, row?.digest]).toEqual([fn.name, digestOf(fn)]);
      expect([fn.name, row?.may]).toEqual([fn.name, 'false']);
    }
  });
});
