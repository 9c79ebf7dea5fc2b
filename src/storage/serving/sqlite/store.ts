import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import type {
  Comparison,
  Inspected,
  InspectionRequest,
  RecordedUse,
  ServedVersion,
  ServingStore,
  StoreMetadata,
} from '../../../domain/ports/serving-port.js';
import type { AccessToken, StoreTransaction } from '../../../domain/ports/store-port.js';
import { OlderSchema } from '../../schema/older-schema.js';
import { mustExist, toSettings } from '../../sql/rows.js';
import { hasLittleRoom, sqliteFault } from '../../sqlite/fault.js';
import { CatalogCache } from '../catalog-cache.js';
import { NOTHING_FOUND, ServedRows } from '../queries.js';
import { StoreFile } from './followed-file.js';
import { type ReadableFile, readable } from './readable-file.js';
import { requireWritableFile } from './readiness.js';
import { FileWriter, type Writer } from './writer.js';
import { WriterClient } from './writer-client.js';

/**
 * Opens the store in a file for a server.
 *
 * @param thread the module of the worker thread that writes; null to write on the caller's thread
 * @throws CredctlError as opening a store does
 */
export function openServingStore(path: string, thread: URL | null): ServingStore {
  const store = new SqliteServingStore(
    path,
    thread === null ? new FileWriter(path, false) : new WriterClient(thread, path),
  );
  store.generation();
  return store;
}

/** Whether a file was not opened because of its older schema: it is migrated by opening it as a store. */
export function isOfOlderFile(fault: unknown): boolean {
  return fault instanceof OlderSchema;
}

class SqliteServingStore implements ServingStore {
  readonly clock = null;
  readonly lookup = null;
  readonly stopForLeak = null;
  readonly location: string;
  readonly #file: StoreFile<ReadableFile>;
  readonly #writer: Writer;
  readonly #rows = new ServedRows();
  readonly #catalogs = new CatalogCache();
  #open: ReadableFile | null = null;
  #lookedAt = -1;
  #stored = -1;
  #generation = 0;
  /** Whether a snapshot is held, from which all queries are answered. */
  #isHeld = false;
  #metadata: { readonly generation: number; readonly answer: Promise<StoreMetadata> } | null = null;

  constructor(path: string, writer: Writer) {
    this.location = path;
    this.#file = new StoreFile(path, readable, { isShared: false, release: () => writer.release() });
    this.#writer = writer;
  }

  preload(): Promise<void> {
    return this.#writer.preload();
  }

  async probe(): Promise<void> {
    this.generation();
    requireWritableFile(this.#file.path);
    // A full disk shows only when the WAL grows, so write something where little room is left.
    if (hasLittleRoom(dirname(this.#file.path))) await this.#writer.proveWritable();
  }

  generation(): number {
    if (this.#isHeld) return this.#generation;
    const stored = this.#ask((file) => file.generation.get()) ?? -1;
    if (stored !== this.#stored) {
      this.#stored = stored;
      this.#generation += 1;
    }
    return this.#generation;
  }

  inSnapshot<T>(work: () => T): T {
    if (this.#isHeld) return work();
    let held: ReadableFile | null = null;
    try {
      held = this.#ask((file) => {
        file.begin.run();
        return file;
      });
      // A read transaction takes its snapshot at its first read, which is this one.
      this.generation();
      this.#isHeld = true;
    } catch {
      // Left to the first query of `work`, which meets the same fault and reports it to its own request.
    }
    try {
      return work();
    } finally {
      this.#isHeld = false;
      if (held?.database.open && held.database.inTransaction) held.end.run();
    }
  }

  metadata(): Promise<StoreMetadata> {
    const generation = this.generation();
    if (this.#metadata?.generation === generation) return this.#metadata.answer;
    const metadata = { generation, answer: this.#readMetadata() };
    this.#metadata = metadata;
    metadata.answer.catch(() => {
      if (this.#metadata === metadata) this.#metadata = null;
    });
    return metadata.answer;
  }

  async #readMetadata(): Promise<StoreMetadata> {
    const row = mustExist(this.#ask((file) => file.metadata.get()) ?? null);
    return { settings: toSettings(row), catalog: await this.#catalogs.of(row.document) };
  }

  findComparable(versionId: string): Comparison {
    const row = this.#ask((file) => file.compared.get(versionId));
    return row === undefined ? NOTHING_FOUND : this.#rows.toComparison(versionId, row);
  }

  findPresentedVersion(versionId: string): ServedVersion | null {
    const row = this.#ask((file) => file.version.get(versionId));
    return row === undefined ? null : this.#rows.toServed(row);
  }

  findToken(tokenId: string): AccessToken | null {
    const row = this.#ask((file) => file.token.get(tokenId));
    return row === undefined ? null : this.#rows.toToken(row);
  }

  async inspect(asked: readonly InspectionRequest[]): Promise<readonly Inspected[]> {
    return this.inSnapshot(() => asked.map((each) => this.#inspectOne(each)));
  }

  #inspectOne({ kind, id }: InspectionRequest): Inspected {
    const token = kind === 'token' ? this.findToken(id) : null;
    const versionId = kind === 'token' ? token?.versionId : id;
    const version = versionId === undefined ? null : this.findPresentedVersion(versionId);
    const lastUsedAt =
      version === null ? null : this.#ask((file) => file.lastUse.get(version.version.id) ?? null);
    return { token, version, lastUsedAt };
  }

  async countOpenLeaks(): Promise<number> {
    return this.#ask((file) => file.openLeaks.get()) ?? 0;
  }

  write<T>(work: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    return this.#writer.write(work);
  }

  insertToken(token: AccessToken): Promise<boolean> {
    return this.#writer.insertToken(token);
  }

  recordUses(uses: readonly RecordedUse[]): Promise<void> {
    return this.#writer.recordUses(uses);
  }

  deleteToken(tokenId: string, credentialId: string): Promise<void> {
    return this.#writer.deleteToken(tokenId, credentialId);
  }

  purgeTokens(now: number): Promise<boolean> {
    return this.#writer.purgeTokens(now);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#file.close();
    this.#open = null;
  }

  #ask<T>(question: (file: ReadableFile) => T): T {
    try {
      return question(this.#readable());
    } catch (fault) {
      throw sqliteFault(fault, this.#file.path);
    }
  }

  /** The path is checked at most once per millisecond, which keeps `lstat` out of most reads. */
  #readable(): ReadableFile {
    if (this.#isHeld && this.#open !== null) return this.#open;
    const now = Math.trunc(performance.now());
    if (this.#open !== null && now === this.#lookedAt) return this.#open;
    const open = this.#openNow();
    this.#lookedAt = now;
    return open;
  }

  #openNow(): ReadableFile {
    const before = this.#open;
    this.#open = null;
    const open = this.#file.current();
    // The generation of another file is not comparable with the old one.
    if (open !== before) this.#stored = -1;
    this.#open = open;
    return open;
  }
}
