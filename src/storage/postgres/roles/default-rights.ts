import type { Finding } from '../../../domain/ports/finding.js';
import { quote } from '../../../domain/text/quote.js';
import { error } from '../../check/finding.js';
import type { SqlConnection } from '../../sql/connection.js';

/** Default privileges: rights that a role gets on objects that another one creates later (ALTER DEFAULT PRIVILEGES). */
interface DefaultRight {
  /** Quoted as an SQL identifier. */
  readonly maker: string;
  /** Quoted as an SQL identifier; `public` for all roles. */
  readonly grantee: string;
  readonly kind: 'tables' | 'sequences' | 'functions';
  /** 1 where it holds for this schema alone. */
  readonly in_schema: number;
  /** Separated by commas. */
  readonly privileges: string;
}

/**
 * EXECUTE of `public` on functions is left out: it is PostgreSQL's default, and creating a store revokes it for
 * each of its own functions.
 */
const DEFAULTS = `with space as (
    select n.oid, n.nspowner, (select h.relowner from pg_catalog.pg_class h
      where h.relnamespace = n.oid and h.relname = 'audit_head'::name) as maker
    from pg_catalog.pg_namespace n where n.nspname = 'credctl'::name)
  select d.defaclrole::regrole::text as maker,
    case a.grantee when 0::oid then 'public'::text else a.grantee::regrole::text end as grantee,
    case d.defaclobjtype when 'r'::"char" then 'tables'::text when 'S'::"char" then 'sequences'::text else 'functions'::text end as kind,
    (d.defaclnamespace = n.oid)::int as in_schema,
    pg_catalog.lower(pg_catalog.string_agg(a.privilege_type, ', '::text order by a.privilege_type)) as privileges
  from space n join pg_catalog.pg_default_acl d
      on d.defaclrole in (n.nspowner, n.maker) and d.defaclnamespace in (0::oid, n.oid),
    pg_catalog.aclexplode(d.defaclacl) a
  where d.defaclobjtype in ('r'::"char", 'S'::"char", 'f'::"char")
    and (a.grantee <> 0::oid or d.defaclobjtype <> 'f'::"char")
    and a.grantee <> d.defaclrole and a.grantee <> n.nspowner and a.grantee is distinct from n.maker
    and not exists (select 1 from pg_catalog.pg_roles r where r.oid = a.grantee and r.rolsuper)
  group by 1, 2, 3, 4 order by 1, 2, 3, 4`;

/** Findings on default privileges that would apply to tables and functions created by a migration. */
export async function checkDefaultRights(connection: SqlConnection): Promise<readonly Finding[]> {
  const found = await connection.all<DefaultRight>(DEFAULTS, []);
  return found.map(({ maker, grantee, kind, in_schema, privileges }) => {
    const who = grantee === 'public' ? 'everybody' : quote(grantee);
    const where = in_schema === 1 ? ' in schema credctl' : '';
    return error(
      'rights',
      `${who} gets rights that no role of the store has, on ${kind} that ${quote(maker)} creates${where}: ${privileges}`,
      `run: alter default privileges for role ${maker}${where} revoke ${privileges} on ${kind} from ${grantee}; and find out who granted it`,
    );
  });
}
