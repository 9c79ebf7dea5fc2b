/** Request coalescing: concurrent calls with the same key share one run. */
export class SharedWork<Result> {
  readonly #underWay = new Map<string, Promise<Result>>();

  /** The result of `work`, or of the run in progress for `key`. Rejects as that does. */
  run(key: string, work: () => Promise<Result>): Promise<Result> {
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return underWay;
    const result = work().finally(() => this.#underWay.delete(key));
    this.#underWay.set(key, result);
    return result;
  }
}
