import { drawBase62, ID_LENGTH, type RandomBytes } from '../../domain/secret-format.js';

/** Ids that begin with the same characters. */
const RUN = 256;
const LEAD = 3;

/**
 * Draws the ids of access tokens. Those of a run share their first characters, drawn for it, so that tokens that are
 * written together are neighbours in the store: together they change one page of its index by id, not one page each.
 * Every id is as likely as any other still, and what makes a token hard to guess is its secret alone.
 */
export class TokenIds {
  readonly #random: RandomBytes;
  #lead = '';
  #left = 0;

  constructor(random: RandomBytes) {
    this.#random = random;
  }

  draw(): string {
    if (this.#left === 0) {
      this.#lead = drawBase62(this.#random, LEAD);
      this.#left = RUN;
    }
    this.#left -= 1;
    return this.#lead + drawBase62(this.#random, ID_LENGTH - LEAD);
  }
}
