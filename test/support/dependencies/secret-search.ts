import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { secretPart } from '../stores/store-probe.js';

/** Collects secrets and looks for their 43 characters where they must not be. */
export class SecretSearch {
  readonly #parts = new Set<string>();

  /** Remembers a secret that was handed over. */
  add(secret: string): string {
    this.#parts.add(secretPart(secret));
    return secret;
  }

  get size(): number {
    return this.#parts.size;
  }

  /** Whether any of the secrets is in the text, plain or in hexadecimal. */
  isIn(text: string): boolean {
    return [...this.#parts].some(
      (part) => text.includes(part) || text.includes(Buffer.from(part).toString('hex')),
    );
  }

  /** Every file below a directory, its name included, that has one of the secrets. */
  filesIn(directory: string): readonly string[] {
    return readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => {
      const path = join(directory, name);
      return this.isIn(name) || (lstatSync(path).isFile() && this.isIn(readFileSync(path, 'latin1')));
    });
  }
}
