import { parentPort, workerData } from 'node:worker_threads';
import { FileScanner, type ListedFile } from './file-content.js';
import { scannerOf } from './scanner.js';

/** What a thread is started with. */
export interface ThreadData {
  readonly prefixes: readonly string[];
}

const { prefixes }: ThreadData = workerData;
const scanner = new FileScanner(scannerOf({ prefixes }));

parentPort?.on('message', (files: readonly ListedFile[]) =>
  parentPort?.postMessage(files.map((file) => scanner.scan(file))),
);
