import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from '../program/real-program.js';

/** Where the program's SQL is. */
const STORAGE = join(PROJECT, 'src', 'storage');

/** Types of what the program compares and computes with, and those that stand for any. */
const TYPES = [
  ...['bool', '"char"', 'name', 'int2', 'int4', 'int8', 'numeric', 'text', 'varchar', 'oid', 'regclass'],
  ...['regnamespace', 'xid', 'xid8', 'json', 'jsonb', 'text[]', 'int8[]', 'bool[]', 'anyelement', 'anyarray'],
];

const OFTEN = ['bool', 'name', 'int4', 'int8', 'text', 'oid', 'regclass', 'jsonb', 'text[]'];

const FEW = ['int4', 'int8', 'text'];

const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '=',
  '<>',
  '<',
  '>',
  '<=',
  '>=',
  '||',
  '~',
  '!~',
  '~~',
  '->',
  '->>',
  '#>>',
];

/** Everything in the program's SQL that could be the name of a function. */
function namesCalled(): readonly string[] {
  const files = readdirSync(STORAGE, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const texts = files.map((file) => readFileSync(join(STORAGE, file), 'utf8'));
  return [...new Set(texts.flatMap((text) => text.match(/\b[a-z][a-z_]+(?=\()/g) ?? []))];
}

const list = (values: readonly string[]): string =>
  `array[${values.map((value) => `'${value}'`).join(', ')}]`;

/**
 * Statements that fill a schema with functions and operators for whatever types the program's SQL could bring together, each
 * of which complains when it is called. PostgreSQL finds them by name where nothing fits as well that comes before.
 */
export function hostileObjects(schema: string): string {
  return `
    create domain ${schema}.text as pg_catalog.int4;
    create domain ${schema}.int8 as pg_catalog.bool;
    create domain ${schema}.jsonb as pg_catalog.bool;
    do $plant$
    declare
      called name; given text; sign text; one text; other text;
      body constant text := $$ language plpgsql as 'begin raise exception ''hostile code was run''; end' $$;
    begin
      perform set_config('check_function_bodies', 'off', true);
      for called in select distinct p.proname from pg_catalog.pg_proc p
        where p.pronamespace = 'pg_catalog'::regnamespace and p.proname = any (${list(namesCalled())}::name[])
      loop
        for given in select '' union all select unnest(${list(TYPES)})
          union all select a || ', ' || b from unnest(${list(OFTEN)}) a, unnest(${list(OFTEN)}) b
          union all select a || ', ' || b || ', ' || c
            from unnest(${list(FEW)}) a, unnest(${list(FEW)}) b, unnest(${list(FEW)}) c
        loop
          execute format('create function ${schema}.%I(%s) returns pg_catalog.bool', called, given) || body;
        end loop;
      end loop;
      for one, other in select a, b from unnest(${list(TYPES)}) a, unnest(${list(TYPES)}) b loop
        execute format('create function ${schema}.sprung(%s, %s) returns pg_catalog.bool', one, other) || body;
        foreach sign in array ${list(OPERATORS)} loop
          execute format('create operator ${schema}.%s (leftarg = %s, rightarg = %s, function = ${schema}.sprung)',
            sign, one, other);
        end loop;
      end loop;
    end $plant$`;
}

/** Statements that make views, in another schema, with the names of what the program reads. */
export function hostileViews(schema: string): string {
  const names = [
    'pg_namespace',
    'pg_class',
    'pg_database',
    'pg_roles',
    'credential',
    'store',
    'schema_number',
    'audit_head',
  ];
  return names
    .map((name) => `create view ${schema}.${name} as select ${schema}.sprung(1, 1) as value, 1 as id`)
    .join('; ');
}
