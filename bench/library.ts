/** What the benchmarks measure inside their own process, and what they fill stores with. */
export type { Destination } from '../src/domain/ports.js';
export { PRESETS } from '../src/domain/presets.js';
export { composeSecret, drawBase62, ID_LENGTH, parseSecret } from '../src/domain/secret-format.js';
export { judge } from '../src/domain/verdict.js';
export { auditRow } from '../src/storage/audit-trail.js';
export { newCredentialColumns, newVersionColumns } from '../src/storage/columns.js';
export { cursorAt } from '../src/storage/list-query.js';
export { initStoreAt, openStoreAt } from '../src/storage/open.js';
export { openServingStore } from '../src/storage/serving/serving-store.js';
export { createSqliteStore, openSqliteStore, type SqliteStore } from '../src/storage/sqlite.js';
export { systemClock } from '../src/system/clock.js';
export { secretHasher } from '../src/system/hasher.js';
export { systemProcesses } from '../src/system/processes.js';
export { systemRandom } from '../src/system/random.js';
export { textMarker } from '../src/system/text-marker.js';
export { type IssueInput, issueCredential } from '../src/usecases/issue.js';
export { Verifier } from '../src/usecases/serving/verifier.js';
export { verify } from '../src/usecases/verify.js';
