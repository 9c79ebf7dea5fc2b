import type { HashPolicy, SecretHasher } from '../../../src/domain/ports/ports.js';
import { secretHasher } from '../../../src/system/hashing/hasher.js';

const CHEAP: HashPolicy = { scheme: 'sha256' };

/** The program's own hasher at its lowest cost, whatever the store asks for. It counts what it was asked. */
export class CheapHasher implements SecretHasher {
  /** Comparisons with a stored hash. */
  compared = 0;
  /** Comparisons with nothing, which an unknown id costs. */
  comparedWithNothing = 0;
  /** The policies that were asked for, in their order. */
  readonly policies: HashPolicy[] = [];
  /** Happens once, while the next secret is being compared. */
  meanwhile: (() => Promise<unknown>) | null = null;

  hash(secret: string, policy: HashPolicy): Promise<string> {
    this.policies.push(policy);
    return secretHasher.hash(secret, CHEAP);
  }

  async matches(secret: string, stored: string): Promise<boolean> {
    this.compared += 1;
    const { meanwhile } = this;
    this.meanwhile = null;
    await meanwhile?.();
    return secretHasher.matches(secret, stored);
  }

  async spend(secret: string, _policies: readonly HashPolicy[], compared: string | null): Promise<void> {
    if (compared !== null) return;
    this.comparedWithNothing += 1;
    await secretHasher.spend(secret, [CHEAP], null);
  }

  digest(text: string): string {
    return secretHasher.digest(text);
  }

  isSameDigest(a: string, b: string): boolean {
    return secretHasher.isSameDigest(a, b);
  }
}
