/** What the benchmarks measure inside their own process, and what they fill stores with. */

export { judge } from '../src/domain/credential/verdict.js';
export type { Destination } from '../src/domain/ports/ports.js';
export { PRESETS } from '../src/domain/scope/presets.js';
export { composeSecret, drawBase62, ID_LENGTH, parseSecret } from '../src/domain/secret/secret-format.js';
export { initStoreAt, openStoreAt } from '../src/storage/open.js';
export { openServingStore } from '../src/storage/serving/sqlite/store.js';
export { auditRow } from '../src/storage/sql/audit-trail.js';
export { newCredentialColumns, newVersionColumns } from '../src/storage/sql/columns.js';
export { cursorAt, LAST_NUMBER } from '../src/storage/sql/listing/query.js';
export { createSqliteStore, openSqliteStore, type SqliteStore } from '../src/storage/sqlite/store.js';
export { fillTextIndex } from '../src/storage/sqlite/text-index.js';
export { systemClock } from '../src/system/clock.js';
export { fingerprinter } from '../src/system/hashing/fingerprinter.js';
export { secretHasher } from '../src/system/hashing/hasher.js';
export { systemProcesses } from '../src/system/processes.js';
export { systemRandom } from '../src/system/random.js';
export { issueCredential } from '../src/usecases/credential/issue.js';
export type { IssueInput } from '../src/usecases/credential/issue-input.js';
export { verify } from '../src/usecases/credential/verify.js';
export { Verifier } from '../src/usecases/serving/verifier.js';
