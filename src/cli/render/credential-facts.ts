import type { Credential } from '../../domain/credential/credential.js';
import { factLines } from './lines.js';
import { credentialView, type VersionView } from './views.js';

/** All facts about a credential as text lines, for other programs. */
export function credentialFacts(credential: Credential, prefix: string, now: number): string {
  const view = credentialView(credential, prefix, now);
  const owner =
    view.owner === null ? '' : `${view.owner}${view.owner_status === 'inactive' ? ' (inactive)' : ''}`;
  const facts: readonly (readonly [string, string | null])[] = [
    ['name', view.name],
    ['id', view.id],
    ['type', view.type],
    ['status', view.status],
    ['client id', view.client_id],
    ['scopes', view.scopes.join(', ')],
    ['owner', owner],
    ['description', view.description],
    ['labels', [...credential.labels].map(([key, value]) => `${key}=${value}`).join(', ')],
    ['created', `${view.created_at} by ${view.created_by}`],
    ['updated', `${view.updated_at}, revision ${view.revision}`],
    ['expires', view.expires_at ?? 'never'],
    ['rotation', rotation(view.rotate_every, view.rotation_due_at)],
    ['last used', lastUse(view)],
    ...view.versions.map((version): readonly [string, string] => [
      `version ${version.version}`,
      describe(version),
    ]),
  ];
  return factLines(
    facts.filter((fact): fact is readonly [string, string] => fact[1] !== null && fact[1] !== ''),
  );
}

function rotation(every: string | null, dueAt: string | null): string | null {
  return every === null ? null : `every ${every}, due ${dueAt ?? 'once delivered'}`;
}

function describe(version: VersionView): string {
  return `${version.state}${ending(version)}, ${version.handle}, last used ${lastUse(version)}`;
}

function lastUse(of: Pick<VersionView, 'last_used_at' | 'last_used_from'>): string {
  if (of.last_used_at === null) return 'never';
  return of.last_used_from === null ? of.last_used_at : `${of.last_used_at} from ${of.last_used_from}`;
}

function ending(version: VersionView): string {
  if (version.revoked_at !== null) return ` at ${version.revoked_at}`;
  if (version.state === 'retired') return version.retires_at === null ? '' : ` at ${version.retires_at}`;
  if (version.state === 'lapsed') return ` at ${version.lapses_at}`;
  const until = version.retires_at ?? version.lapses_at;
  return until === null ? '' : ` until ${until}`;
}
