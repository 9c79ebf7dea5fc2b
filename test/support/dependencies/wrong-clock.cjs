'use strict';
// Read by Node before the program: a machine's clock that is set wrong.
const ahead = Number(process.env.TEST_CLOCK_AHEAD_MS ?? 0);
const OwnDate = Date;
const now = () => OwnDate.now() + ahead;
globalThis.Date = class extends OwnDate {
  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }
  static now() {
    return now();
  }
};
