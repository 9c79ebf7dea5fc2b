import { type VersionState, versionState } from '../../../domain/credential/version.js';
import { formatInstant } from '../../../domain/duration.js';
import type { ScanFinding, Standing } from '../../../domain/scan/finding.js';
import type { SecretKind } from '../../../domain/secret/secret-format.js';
import type { Scanned } from '../../../usecases/scan/scan.js';

const KINDS: Readonly<Record<SecretKind, string>> = {
  key: 'api-key',
  sec: 'client-secret',
  tok: 'access-token',
};

/** The outcome of a scan in JSON documents. */
export function scanView({ findings, unreadable, passedOver, notes, items, bytes }: Scanned, now: number) {
  return {
    findings: findings.map((finding) => findingView(finding, now)),
    unreadable,
    passed_over: passedOver,
    notes,
    scanned: { items, bytes },
  };
}

function findingView({ secret, standing, places }: ScanFinding, now: number) {
  return {
    state: standing.state,
    kind: KINDS[secret.kind],
    handle: secret.handle,
    ...standingView(standing, now),
    places: places.map(({ path, line, column, encoding, commit, atHead }) => ({
      path,
      line,
      column,
      encoding,
      commit,
      at_head: atHead,
    })),
  };
}

interface StandingView {
  readonly reason: string | null;
  readonly credential: { readonly [key: string]: unknown } | null;
  readonly version: number | null;
  readonly version_state: VersionState | null;
  readonly last_used_at: string | null;
  readonly last_used_from: string | null;
}

const UNKNOWN: StandingView = {
  reason: null,
  credential: null,
  version: null,
  version_state: null,
  last_used_at: null,
  last_used_from: null,
};

function standingView(standing: Standing, now: number): StandingView {
  if (standing.state === 'foreign' || standing.state === 'unchecked') return UNKNOWN;
  if (standing.state === 'dead' && standing.reason === 'deleted') {
    const { id, name, deletedAt } = standing.credential;
    const credential = { id, name, deleted_at: formatInstant(deletedAt) };
    return { ...UNKNOWN, reason: standing.reason, credential };
  }
  const { credential, version } = standing;
  const { id, name, type, clientId, owner } = credential;
  return {
    reason: standing.state === 'dead' ? standing.reason : null,
    credential: { id, name, type, client_id: clientId, owner: owner?.name ?? null },
    version: version.number,
    version_state: versionState(version, now),
    last_used_at: version.lastUsedAt === null ? null : formatInstant(version.lastUsedAt),
    last_used_from: version.lastUsedFrom,
  };
}
