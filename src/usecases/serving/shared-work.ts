/** Runs one piece of work for all who ask for the same while it is under way. */
export class SharedWork<Result> {
  readonly #underWay = new Map<string, Promise<Result>>();

  /** The result of `work`, or of the work that is under way for `key`. Rejects as that does. */
  run(key: string, work: () => Promise<Result>): Promise<Result> {
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const result = work().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, result);
    return result;
  }
}
