import { MAX_TEXT_LENGTH } from '../../../domain/text/name.js';
import { NOW, REQUIRE_PRESENT, type SchemaFunction } from './schema-function.js';

/** Milliseconds to wait for a change that is under way. */
const PATIENCE_MS = 5_000;

/**
 * Condition that a text is one line of this length at most. The characters are written as numbers: the caller's
 * `standard_conforming_strings` decides what a backslash means.
 */
const isOneLine = (text: string, most: number): string =>
  `pg_catalog.length(${text}) between 1 and ${most} and ${text} collate "C" !~ pg_catalog.concat('[', pg_catalog.chr(1), '-', pg_catalog.chr(31),
      pg_catalog.chr(127), '-', pg_catalog.chr(159), pg_catalog.chr(65533), ']')`;

/** A text as JSON writes it: `to_json` escapes what RFC 8785 escapes, in the same way. */
const json = (text: string): string => `pg_catalog.to_json(${text}::text)::text`;

/**
 * Deactivates the credential of a version that works and that has an open leak; false for any other. It composes the
 * event itself, in the canonical form, so nothing in it but actor and reason is the caller's: action, target, sequence,
 * login and hash are not. The conditions are those of `authenticates` and `judge`.
 */
export const STOP_FOR_LEAK: SchemaFunction = {
  name: 'stop_for_leak',
  arguments: 'leaked_version text, event_actor text, event_reason text',
  returns: 'boolean',
  language: 'plpgsql',
  volatility: 'volatile',
  body: `
#variable_conflict use_column
declare
  this_moment bigint;
  patience text := pg_catalog.current_setting('lock_timeout');
  head record;
  stopped record;
  event text;
  event_hash text;
begin
  ${REQUIRE_PRESENT}
  if not coalesce(${isOneLine('event_actor', 256)}, false)
      or not coalesce(${isOneLine('event_reason', MAX_TEXT_LENGTH)}, false) then
    raise exception 'actor and reason are one line each' using errcode = '22023';
  end if;
  perform pg_catalog.set_config('lock_timeout', '${PATIENCE_MS}ms', true);
  select h.seq, h.hash into strict head from credctl.audit_head h where h.id = 1 for update;
  perform pg_catalog.set_config('lock_timeout', patience, true);
  this_moment := ${NOW};
  select c.key, c.id, c.name, c.name_key into stopped
    from credctl.version_hash h
      join credctl.version v
        on v.credential_key = h.credential_key and v.number = h.number and v.id = h.version_id
      join credctl.credential c on c.key = v.credential_key
      left join credctl.last_use u on u.credential_key = v.credential_key and u.number = v.number
    where h.version_id = leaked_version collate "C" and c.status = 'active'
      and v.revoked_at is null and v.ended_at is null and (v.retires_at is null or v.retires_at > this_moment)
      and (v.delivered_at is not null or v.lapses_at is null or v.lapses_at > this_moment
        or v.received_at is not null or u.first_used_at is not null)
      and exists (select 1 from credctl.leak l join credctl.store s on s.id = 1
        where l.closed_at is null and l.handle = pg_catalog.concat_ws('_', s.prefix,
          case c.type when 'oauth2' then 'sec' else 'key' end, v.id));
  if not found then
    return false;
  end if;
  event := pg_catalog.concat('{"action":"credential.deactivate","actor":', ${json('event_actor')}, ',"alg":"sha256","at":',
    this_moment, ',"details":{},"login":', ${json('session_user')}, ',"reason":', ${json('event_reason')}, ',"seq":', head.seq + 1,
    ',"target":{"id":', ${json('stopped.id')}, ',"kind":"credential","name":', ${json('stopped.name')}, '}}');
  event_hash := pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(head.hash || event, 'UTF8')), 'hex');
  insert into credctl.audit_event (seq, at, actor, action, target_kind, target_id, target_name, target_key, reason, text, hash)
    values (head.seq + 1, this_moment, event_actor, 'credential.deactivate', 'credential', stopped.id, stopped.name,
      stopped.name_key, event_reason, event, event_hash);
  update credctl.credential c set status = 'inactive', updated_at = this_moment, revision = c.revision + 1
    where c.key = stopped.key;
  update credctl.generation g set value = g.value + 1;
  update credctl.audit_head h set seq = head.seq + 1, hash = event_hash where h.id = 1;
  return true;
end
`,
};
