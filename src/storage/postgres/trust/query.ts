import { PROPERTIES } from '../functions/functions.js';
import { FOREIGN_STATE, HAS_POWER, PARTS_OF_TABLES, PUT_ON_TABLES, TRUSTED_ANYWAY } from './table-doubts.js';

/** search_path under which unqualified names resolve to PostgreSQL's own objects. */
export const OWN_PATH = 'pg_catalog, pg_temp';

/** Suffix of a function's digest where its owner is not trusted, or `public` has EXECUTE. */
export const OPEN = ' open';

/** A reason not to trust the schema. */
export interface Doubt {
  readonly kind: 'store' | 'owner' | 'create' | 'relation' | 'right' | 'object' | 'function';
  /** The role, relation or object, as an SQL identifier; null for `public`. */
  readonly name: string | null;
  /**
   * For a `relation`, its owner; for a `right`, the role that could attach its code, null for `public`; for a
   * `function`, the digest of its properties, with {@link OPEN} where that applies.
   */
  readonly detail: string | null;
}

/**
 * Members of the extension pg_trgm that come from its own library. An extension's owner may add other objects to
 * it, but only a superuser can create C functions, base types or operator classes.
 */
const IS_OF_TRIGRAMS = (member: string): string => `exists (
  select from pg_depend x join pg_extension e on e.oid = x.refobjid
  where x.classid = ${member}.classid and x.objid = ${member}.objid and x.refclassid = 'pg_extension'::regclass
    and x.deptype = 'e' and e.extname = 'pg_trgm' and case x.classid
      when 'pg_proc'::regclass then exists (select from pg_proc p where p.oid = x.objid and ${OF_LIBRARY})
      when 'pg_operator'::regclass then exists (
        select from pg_operator o join pg_proc p on p.oid = o.oprcode where o.oid = x.objid and ${OF_LIBRARY})
      when 'pg_type'::regclass then exists (select from pg_type t where t.oid = x.objid and t.typtype = 'b')
      else x.classid in ('pg_opclass'::regclass, 'pg_opfamily'::regclass) end)`;

/** 13 is the OID of the language C. */
const OF_LIBRARY = `p.prolang = 13 and p.probin = '$libdir/pg_trgm'`;

/**
 * Query for every reason not to trust the schema, through `pg_depend`: it covers all kinds of objects, future ones
 * included. Plain tables and sequences of a trusted owner run no code, and are left to the caller, who knows the
 * expected names.
 *
 * Trusted are superusers, the owner of the database, and the roles whose rights this login has (for a superuser,
 * who has those of every role, only the first two). The owner of the store's tables is trusted only by logins
 * without more power than it: any role that may create a schema could plant a store for a superuser to open.
 *
 * To be run with search_path {@link OWN_PATH}.
 *
 * @param isStore whether the schema holds an existing store, whose owner is then trusted
 */
export const trustQuery = (isStore: boolean): string => `
with schema as materialized (select oid, nspowner, nspacl from pg_namespace where nspname = 'credctl'),
  member as materialized (
    select d.classid, d.objid
    from schema n join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid
    where d.classid not in ('pg_default_acl'::regclass, ${PUBLICATION_OF_SCHEMA}) and (d.classid = 'pg_class'::regclass
      or not (${IS_OF_TRIGRAMS('d')} or exists (select from pg_extension e
        where d.classid = 'pg_extension'::regclass and e.oid = d.objid and e.extname = 'pg_trgm')))),
  relation as materialized (
    select c.oid, c.relname, c.relkind, c.relowner, c.relacl, c.reltype,
      ${FOREIGN_STATE} as is_foreign
    from member m join pg_class c on c.oid = m.objid where m.classid = 'pg_class'::regclass),
  maker as materialized (select relowner as oid from relation where ${isStore} and relname = 'audit_head'),
  trusted_anyway as materialized (${TRUSTED_ANYWAY}),
  trusted as materialized (select oid from trusted_anyway union select oid from maker),
  stranger as (
    select m.classid, m.objid from member m where m.classid not in ('pg_class'::regclass, 'pg_proc'::regclass)
    union all select 'pg_class'::regclass, oid from relation where relkind not in ('r', 'S') or is_foreign
    union all ${PUT_ON_TABLES}
    union all ${PARTS_OF_TABLES}
    union all select 'pg_cast'::regclass, k.oid from pg_cast k where k.oid >= ${FIRST_OF_USERS} and exists (
      select from relation r join pg_type t on t.oid = r.reltype
      where k.castsource in (t.oid, t.typarray) or k.casttarget in (t.oid, t.typarray)))
select 'owner' as kind, nspowner::regrole::text as name, null as detail from schema
    where nspowner not in (select oid from trusted)
  union all select 'store', oid::regrole::text, null from maker
    where oid not in (select oid from trusted_anyway) and ${HAS_POWER}
  union all select distinct 'create', case a.grantee when 0 then null else a.grantee::regrole::text end, null
    from schema n, aclexplode(n.nspacl) a
    where a.privilege_type = 'CREATE' and a.grantee not in (select oid from trusted)
  union all select 'relation', oid::regclass::text, relowner::regrole::text from relation
    where relowner not in (select oid from trusted)
  union all select distinct 'right', oid::regclass::text,
      case a.grantee when 0 then null else a.grantee::regrole::text end
    from relation, aclexplode(relacl) a
    where a.privilege_type in ('TRIGGER', 'REFERENCES') and a.grantee not in (select oid from trusted)
  union all select distinct 'object', concat_ws(' ', i.type, i.identity), null
    from stranger s, pg_identify_object(s.classid, s.objid, 0) i
  union all select 'function', p.oid::regprocedure::text,
      concat(encode(sha256(convert_to(${PROPERTIES}, 'UTF8')), 'hex'), case
        when p.proowner not in (select oid from trusted) or p.proacl is null
          or exists (select from aclexplode(p.proacl) a where a.grantee = 0) then '${OPEN}' end)
    from member m join pg_proc p on p.oid = m.objid where m.classid = 'pg_proc'::regclass`;

/** `pg_publication_namespace`, absent in PostgreSQL 14. Only superusers can publish a schema, so it is no doubt. */
const PUBLICATION_OF_SCHEMA = 6237;

/** FirstNormalObjectId: OIDs from here on belong to user objects. */
const FIRST_OF_USERS = 16_384;
