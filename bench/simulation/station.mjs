// @ts-check
/** Where work waits its turn. */

/** @typedef {import('./timeline.mjs').Timeline} Timeline */

/** Some workers, such as the cores of a machine, and one line of work before them. */
export class Station {
  /** Milliseconds of work done. */
  busy = 0;
  #timeline;
  #free;
  /** @type {{ readonly duration: number, readonly then: () => void }[]} */
  #waiting = [];
  #next = 0;

  /**
   * @param {Timeline} timeline
   * @param {number} workers
   */
  constructor(timeline, workers) {
    this.#timeline = timeline;
    this.#free = workers;
  }

  /**
   * @param {number} duration milliseconds
   * @param {() => void} then what follows once it is done
   */
  work(duration, then) {
    if (this.#free === 0) {
      this.#waiting.push({ duration, then });
      return;
    }
    this.#free -= 1;
    this.#begin(duration, then);
  }

  /**
   * @param {number} duration
   * @param {() => void} then
   */
  #begin(duration, then) {
    this.busy += duration;
    this.#timeline.after(duration, () => {
      const following = this.#waiting[this.#next];
      if (following === undefined) this.#free += 1;
      else {
        this.#next += 1;
        this.#begin(following.duration, following.then);
      }
      if (this.#next > 1_000) {
        this.#waiting.splice(0, this.#next);
        this.#next = 0;
      }
      then();
    });
  }
}

/** What goes together: while one group is under way, whoever comes waits for the next. */
export class Group {
  count = 0;
  members = 0;
  #most;
  #send;
  /** @type {(() => void)[]} */
  #waiting = [];
  #isUnderWay = false;

  /**
   * @param {number} most members
   * @param {(size: number, then: () => void) => void} send
   */
  constructor(most, send) {
    this.#most = most;
    this.#send = send;
  }

  /** @param {() => void} then */
  join(then) {
    this.#waiting.push(then);
    if (!this.#isUnderWay) this.#begin();
  }

  #begin() {
    const members = this.#waiting.splice(0, this.#most);
    this.#isUnderWay = members.length > 0;
    if (members.length === 0) return;
    this.count += 1;
    this.members += members.length;
    this.#send(members.length, () => {
      for (const then of members) then();
      this.#begin();
    });
  }
}

/** What makes writes durable: one flush at a time, and whoever comes meanwhile goes with the next one. */
export class Flusher {
  busy = 0;
  flushes = 0;
  #timeline;
  #duration;
  /** @type {(() => void)[]} */
  #waiting = [];
  #isFlushing = false;

  /**
   * @param {Timeline} timeline
   * @param {number} duration milliseconds of one flush
   */
  constructor(timeline, duration) {
    this.#timeline = timeline;
    this.#duration = duration;
  }

  /** @param {() => void} then */
  flush(then) {
    this.#waiting.push(then);
    if (!this.#isFlushing) this.#begin();
  }

  #begin() {
    const served = this.#waiting;
    this.#waiting = [];
    this.#isFlushing = true;
    this.busy += this.#duration;
    this.flushes += 1;
    this.#timeline.after(this.#duration, () => {
      this.#isFlushing = false;
      if (this.#waiting.length > 0) this.#begin();
      for (const then of served) then();
    });
  }
}
