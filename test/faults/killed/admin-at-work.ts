import { secretText } from '../../../src/domain/secret/issued-secret.js';
import type { Administrator } from '../../../src/library/administrator.js';
import { handTo } from '../../../src/library/callback-destination.js';

/** What was committed about a secret; `unsettled` while an operation on its credential is under way. */
type Standing = 'good' | 'dead' | 'unsettled';

/** A delivered secret, and what is known to be committed about it. */
export interface Handed {
  readonly secret: string;
  standing: Standing;
  /** Once dead by revocation or deletion it can never be good again. */
  isGone: boolean;
  /** Counts the changes of `standing`, so that an answer that was overtaken is not judged by it. */
  changes: number;
}

function set(handed: Handed, standing: Standing): void {
  handed.standing = standing;
  handed.changes += 1;
}

/** One admin's credentials, changed by that admin alone, so that what was committed is known. */
export class AdminAtWork {
  readonly counts = new Map<string, number>();
  readonly handed: Handed[];
  readonly #admin: Administrator;
  readonly #label: string;
  readonly #live = new Map<string, Handed[]>();
  #made = 0;
  #turn: number;

  constructor(admin: Administrator, label: string, handed: Handed[], seed: number) {
    this.#admin = admin;
    this.#label = label;
    this.handed = handed;
    this.#turn = seed;
  }

  /** Does so many things one after the other; eight kinds of them take turns. */
  async work(steps: number): Promise<void> {
    while (this.#live.size < 4) await this.#create();
    for (let step = 0; step < steps; step += 1) {
      this.#turn += 1;
      await this.#step(this.#turn % 8);
    }
  }

  async #step(turn: number): Promise<void> {
    const names = [...this.#live.keys()];
    const name = names[(this.#turn * 7) % names.length] ?? '';
    if (turn === 0 || names.length < 3) return this.#create();
    if (turn === 1) return this.#delete(name);
    if (turn < 4) return this.#rotate(name, turn === 2);
    if (turn < 6) return this.#edit(name);
    return this.#deactivateAndBack(name);
  }

  async #create(): Promise<void> {
    this.#made += 1;
    const name = `${this.#label}-${this.#made}`;
    const secret = await this.#issued((to) =>
      this.#admin.create({ name, type: 'api-key', scopes: ['data:users', 'data:conversations'] }, to),
    );
    this.#live.set(name, [this.#remember(secret)]);
    this.#count('create');
  }

  async #rotate(name: string, isUrgent: boolean): Promise<void> {
    const held = this.#live.get(name) ?? [];
    // With a grace the older secrets go on working all the time; two in a row would be in conflict with each other.
    if (!isUrgent && held.length > 1) return this.#finish(name);
    if (isUrgent) this.#suspend(held);
    const secret = await this.#issued((to) =>
      this.#admin.rotate(name, to, isUrgent ? { now: true } : { grace: '1h' }),
    );
    if (isUrgent) this.#end(held);
    this.#live.set(name, [...(isUrgent ? [] : held), this.#remember(secret)]);
    this.#count(isUrgent ? 'rotate --now' : 'rotate');
  }

  async #finish(name: string): Promise<void> {
    const held = this.#live.get(name) ?? [];
    const older = held.slice(0, -1);
    this.#suspend(older);
    await this.#admin.finishRotation(name, { force: true });
    this.#end(older);
    this.#live.set(name, held.slice(-1));
    this.#count('rotate --finish');
  }

  /** The secrets stay good. */
  async #edit(name: string): Promise<void> {
    await this.#admin.edit(name, { labels: { turn: String(this.#turn) } });
    this.#count('edit');
  }

  async #deactivateAndBack(name: string): Promise<void> {
    const held = this.#live.get(name) ?? [];
    this.#suspend(held);
    await this.#admin.deactivate(name);
    for (const one of held) set(one, 'dead');
    this.#count('deactivate');
    await new Promise((resolve) => setTimeout(resolve, 30));
    this.#suspend(held);
    await this.#admin.activate(name);
    for (const one of held) set(one, 'good');
    this.#count('activate');
  }

  async #delete(name: string): Promise<void> {
    const held = this.#live.get(name) ?? [];
    this.#suspend(held);
    await this.#admin.delete(name);
    this.#end(held);
    this.#live.delete(name);
    this.#count('delete');
  }

  async #issued(run: (to: ReturnType<typeof handTo>) => Promise<unknown>): Promise<string> {
    let secret = '';
    await run(
      handTo((delivery) => {
        secret = secretText(delivery.secret);
      }),
    );
    return secret;
  }

  #remember(secret: string): Handed {
    const handed: Handed = { secret, standing: 'good', isGone: false, changes: 0 };
    this.handed.push(handed);
    return handed;
  }

  #suspend(held: readonly Handed[]): void {
    for (const one of held) set(one, 'unsettled');
  }

  #end(held: readonly Handed[]): void {
    for (const one of held) {
      one.isGone = true;
      set(one, 'dead');
    }
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
