import { drawBase62, ID_LENGTH, type RandomBytes } from '../../domain/secret-format.js';

/** Ids that share their first characters, and those among them that share some more, and how many characters these are. */
const FAR = { ids: 256, length: 3 };
const NEAR = { ids: 16, length: 2 };

/**
 * Draws the ids of access tokens. Those of a run share their first characters, drawn for it, so that tokens that are
 * written together are neighbours in the store: together they change one page or two of its index by id, not one page
 * each. Every id is as likely as any other still, and what makes a token hard to guess is its secret alone.
 */
export class TokenIds {
  readonly #random: RandomBytes;
  #far = '';
  #near = '';
  #drawn = 0;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  draw(): string {
    if (this.#drawn % FAR.ids === 0) this.#far = drawBase62(this.#random, FAR.length);
    if (this.#drawn % NEAR.ids === 0) this.#near = drawBase62(this.#random, NEAR.length);
    this.#drawn += 1;
    const lead = this.#far + this.#near;
    return lead + drawBase62(this.#random, ID_LENGTH - lead.length);
  }
}
