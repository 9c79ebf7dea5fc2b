/** Roles trusted with code that runs with this login's rights, independent of the store's owner. */
export const TRUSTED_ANYWAY = `
    select r.oid from pg_roles r where r.rolsuper or r.rolname = 'pg_database_owner'
      or r.oid = (select datdba from pg_database where datname = current_database())
      or current_setting('is_superuser') = 'off' and pg_has_role(r.oid, 'usage')`;

/** Whether this login is, or can become, a superuser or the owner of the database. */
export const HAS_POWER = `exists (select from pg_roles r where pg_has_role(r.oid, 'member')
      and (r.rolsuper or r.oid = (select datdba from pg_database where datname = current_database())))`;

/** Whether a table `c` of pg_class has row security, rules or inheritance, which change what statements on it do. */
export const FOREIGN_STATE = `c.relrowsecurity or c.relforcerowsecurity
      or c.relhasrules and exists (select from pg_rewrite w where w.ev_class = c.oid)
      or exists (select from pg_inherits i where i.inhparent = c.oid or i.inhrelid = c.oid)`;

/** Triggers and row policies on the tables in `relation`, as `classid` and `objid`. */
export const PUT_ON_TABLES = `select 'pg_trigger'::regclass, t.oid from relation r join pg_trigger t on t.tgrelid = r.oid
      where not t.tgisinternal or t.tgconstrrelid not in (select oid from relation)
    union all select 'pg_policy'::regclass, p.oid from relation r join pg_policy p on p.polrelid = r.oid`;

/**
 * Columns' defaults, constraints and indexes of these tables that depend on user-defined functions, operators,
 * types or collations.
 */
export const PARTS_OF_TABLES = `select o.classid, o.objid from (
        select 'pg_class'::regclass::oid as classid, oid as objid from relation
        union all select 'pg_class'::regclass, i.indexrelid from relation r join pg_index i on i.indrelid = r.oid
        union all select 'pg_attrdef'::regclass, a.oid from relation r join pg_attrdef a on a.adrelid = r.oid
        union all select 'pg_constraint'::regclass, k.oid from relation r join pg_constraint k on k.conrelid = r.oid
      ) o join pg_depend d on d.classid = o.classid and d.objid = o.objid
      where d.refclassid in ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass,
        'pg_collation'::regclass)`;
