import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CredctlError } from '../../domain/errors.js';
import type { ScanReport, ScanScope } from '../../domain/ports/scan-port.js';
import { type FileScan, FileScanner, type ListedFile } from './file-content.js';
import type { ThreadData } from './scan-thread.js';
import { scannerOf, tellFound } from './scanner.js';

/** Files that a thread gets at once; fewer are scanned where they are listed, since a thread takes time to start. */
const BATCH = 256;

const MOST_JOBS = 8;

/** Scans files in the order in which they are added, on several threads where there are many, and tells of them so. */
export class FileQueue {
  readonly #thread: URL;
  readonly #scope: Pick<ScanScope, 'prefixes'>;
  readonly #jobs: number;
  readonly #report: ScanReport;
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  #waiting: ((worker: Worker) => void) | null = null;
  #batch: ListedFile[] = [];
  /** Ends once all batches that were sent are told. */
  #told: Promise<void> = Promise.resolve();

  constructor(thread: URL, scope: Pick<ScanScope, 'prefixes' | 'jobs'>, report: ScanReport) {
    this.#thread = thread;
    this.#scope = scope;
    this.#jobs = scope.jobs ?? Math.min(availableParallelism(), MOST_JOBS);
    this.#report = report;
  }

  async add(file: ListedFile): Promise<void> {
    this.#batch.push(file);
    if (this.#batch.length < BATCH) return;
    const files = this.#batch;
    this.#batch = [];
    if (this.#jobs === 1) this.#scanHere(files);
    else await this.#send(files);
  }

  /** Scans what is left, and waits for the threads. */
  async end(): Promise<void> {
    await this.#told;
    this.#scanHere(this.#batch);
    this.#batch = [];
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #scanHere(files: readonly ListedFile[]): void {
    const scanner = new FileScanner(scannerOf(this.#scope));
    for (const file of files) this.#tell(file, scanner.scan(file));
  }

  async #send(files: readonly ListedFile[]): Promise<void> {
    const worker = await this.#free();
    const answer = ask(worker, files);
    const release = (): void => this.#release(worker);
    answer.then(release, release);
    this.#told = this.#told.then(async () => {
      const scans = await answer;
      for (const [index, file] of files.entries()) {
        const scan = scans[index];
        if (scan !== undefined) this.#tell(file, scan);
      }
    });
    // Reported by `end`, which waits for it.
    this.#told.catch(() => {});
  }

  #free(): Promise<Worker> | Worker {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#workers.length === this.#jobs) {
      return new Promise((resolve) => {
        this.#waiting = resolve;
      });
    }
    const workerData: ThreadData = { prefixes: this.#scope.prefixes };
    const worker = new Worker(this.#thread, { workerData });
    this.#workers.push(worker);
    return worker;
  }

  #release(worker: Worker): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) this.#idle.push(worker);
    else waiting(worker);
  }

  #tell({ path, followsLink }: ListedFile, scan: FileScan): void {
    const shown = Buffer.from(path).toString();
    if (scan.kind === 'passed-over' && followsLink) {
      // What was named is not passed over in silence.
      this.#report.unreadable(shown, `it is ${scan.what}; give what it holds to --stdin`);
    } else if (scan.kind === 'passed-over') this.#report.passedOver(shown, scan.what);
    else if (scan.kind === 'unreadable') this.#report.unreadable(shown, scan.why);
    else if (scan.kind === 'file') {
      if (scan.unread === null || scan.bytes > 0) this.#report.scanned(scan.bytes);
      tellFound(this.#report, shown, scan.found);
      if (scan.unread !== null) this.#report.unreadable(shown, scan.unread);
    }
  }
}

function ask(worker: Worker, files: readonly ListedFile[]): Promise<readonly FileScan[]> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void =>
      reject(new CredctlError('unexpected', 'a thread that scans files has ended', { cause }));
    worker.once('message', (scans: readonly FileScan[]) => {
      worker.off('error', fail).off('exit', fail);
      resolve(scans);
    });
    worker.once('error', fail).once('exit', fail);
    worker.postMessage(files);
  });
}
