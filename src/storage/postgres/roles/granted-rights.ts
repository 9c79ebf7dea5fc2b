import type { Finding } from '../../../domain/ports/finding.js';
import { STORE_ROLES, type StoreRole } from '../../../domain/ports/store-role.js';
import { quote } from '../../../domain/text/quote.js';
import { error } from '../../check/finding.js';
import type { SqlConnection } from '../../sql/connection.js';
import { STORE_RIGHTS } from './store-rights.js';

/** A right on an object of the schema, or on the schema itself, that a role has by a grant. */
interface Granted {
  /** As SQL writes it: `table credctl.version`, `schema credctl`, `function credctl.delete_token(text, text)`. */
  readonly object: string;
  /** The same without arguments, as {@link STORE_RIGHTS} names it. */
  readonly known: string;
  /** Quoted as an SQL identifier; null for whole objects. */
  readonly column_name: string | null;
  readonly privilege: string;
  /** Quoted as an SQL identifier; `public` for all roles. */
  readonly grantee: string;
  readonly may_pass_on: number;
}

/**
 * Granted rights, without those of superusers, who need none, and of the owners of the object, the schema and the
 * tables, who have every right. EXECUTE of `public` on a function is reported by the trust check instead.
 */
const GRANTED = `with space as (
    select n.oid, n.nspowner, n.nspacl, (select h.relowner from pg_catalog.pg_class h
      where h.relnamespace = n.oid and h.relname = 'audit_head'::name) as maker
    from pg_catalog.pg_namespace n where n.nspname = 'credctl'::name),
  object as (
    select 'schema credctl'::text as object, 'schema credctl'::text as known, null::text as column_name, nspacl as acl,
      nspowner as owner from space
    union all
    select pg_catalog.format('%s credctl.%I'::text, case c.relkind when 'S'::"char" then 'sequence'::text else 'table'::text end,
        c.relname), pg_catalog.concat('table credctl.'::text, c.relname), null::text, c.relacl, c.relowner
      from space n join pg_catalog.pg_class c on c.relnamespace = n.oid
    union all
    select pg_catalog.format('table credctl.%I'::text, c.relname), pg_catalog.concat('table credctl.'::text, c.relname),
        pg_catalog.quote_ident(a.attname::text), a.attacl, c.relowner
      from space n join pg_catalog.pg_class c on c.relnamespace = n.oid
        join pg_catalog.pg_attribute a on a.attrelid = c.oid where a.attacl is not null and not a.attisdropped
    union all
    select pg_catalog.format('routine credctl.%I(%s)'::text, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)),
        pg_catalog.concat('routine credctl.'::text, p.proname), null::text, p.proacl, p.proowner
      from space n join pg_catalog.pg_proc p on p.pronamespace = n.oid)
  select o.object, o.known, o.column_name, a.privilege_type as privilege,
    case a.grantee when 0::oid then 'public'::text else a.grantee::regrole::text end as grantee,
    pg_catalog.bool_or(a.is_grantable)::int as may_pass_on
  from space n, object o, pg_catalog.aclexplode(o.acl) a
  where (a.grantee <> 0::oid or a.privilege_type <> 'EXECUTE'::text)
    and a.grantee <> o.owner and a.grantee <> n.nspowner and a.grantee is distinct from n.maker
    and not exists (select 1 from pg_catalog.pg_roles r where r.oid = a.grantee and r.rolsuper)
  group by 1, 2, 3, 4, 5 order by 5, 1, 3, 4`;

/**
 * Findings on granted rights that no role of the store explains; a grant stays in force until it is revoked. A
 * right is explained when it belongs to a role of the store whose rights the grantee has completely, and it has no
 * grant option.
 */
export async function checkRights(connection: SqlConnection): Promise<readonly Finding[]> {
  const granted = await connection.all<Granted>(GRANTED, []);
  return [...grouped(granted)].flatMap(([grantee, rights]) => {
    const explained = grantee === 'public' ? new Set<string>() : explainedBy(rights);
    return unexplained(rights.filter((right) => right.may_pass_on === 1 || !explained.has(keyOf(right))));
  });
}

function grouped(granted: readonly Granted[]): ReadonlyMap<string, readonly Granted[]> {
  const groups = new Map<string, Granted[]>();
  for (const right of granted) groups.set(right.grantee, [...(groups.get(right.grantee) ?? []), right]);
  return groups;
}

const keyOf = ({ known, privilege }: Pick<Granted, 'known' | 'privilege'>): string => `${privilege} ${known}`;

/** The rights that a role of the store consists of. */
function partsOf(role: StoreRole): readonly string[] {
  const { tables, functions } = STORE_RIGHTS[role];
  return [
    'USAGE schema credctl',
    ...tables.flatMap(([right, names]) =>
      names.map((name) => `${right.toUpperCase()} table credctl.${name}`),
    ),
    ...functions.map(({ name }) => `EXECUTE routine credctl.${name}`),
  ];
}

function explainedBy(rights: readonly Granted[]): ReadonlySet<string> {
  const held = new Set(rights.filter(({ column_name }) => column_name === null).map(keyOf));
  const roles = STORE_ROLES.map(partsOf).filter((parts) => parts.every((part) => held.has(part)));
  return new Set(roles.flat());
}

/** One finding for each object. */
function unexplained(rights: readonly Granted[]): readonly Finding[] {
  return [...new Set(rights.map(({ object }) => object))].map((object) => {
    const those = rights.filter((right) => right.object === object);
    const list = those.map(({ privilege, column_name }) =>
      column_name === null ? privilege.toLowerCase() : `${privilege.toLowerCase()} (${column_name})`,
    );
    const [{ grantee } = { grantee: 'public' }] = those;
    const mayPassOn = those.some(({ may_pass_on }) => may_pass_on === 1);
    const who = grantee === 'public' ? 'everybody' : quote(grantee);
    return error(
      'rights',
      `${who} has rights that no role of the store has: ${list.join(', ')} on ${object}${mayPassOn ? ', and may grant them to others' : ''}`,
      `as the owner of the store, run: revoke ${list.join(', ')} on ${object} from ${grantee}${mayPassOn ? ' cascade' : ''}; and find out who granted it`,
    );
  });
}
