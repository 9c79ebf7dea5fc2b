import { describe, expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import type { RecordedEvent } from '../../../src/domain/ports/store-port.js';
import { followTrail } from '../../../src/usecases/audit/follow-trail.js';

/** An event whose hash tells two trails apart. */
function event(seq: number, trail = 'one'): RecordedEvent {
  const target = { kind: 'credential', id: null, name: null } as const;
  const facts = { seq, at: seq, actor: 'a', action: 'credential.edit', target, reason: null, details: {} };
  return { event: facts as RecordedEvent['event'], hash: `${trail}-${seq}` };
}

function events(from: number, to: number, trail?: string): RecordedEvent[] {
  return Array.from({ length: to - from + 1 }, (_, index) => event(from + index, trail));
}

/**
 * Follows a trail while it changes: at each pause the next step is taken, and after the last it is stopped.
 *
 * @returns the numbers that were told, and the notes
 */
async function follow(
  after: number,
  trail: RecordedEvent[],
  steps: readonly (() => void)[],
  retries = true,
): Promise<{ readonly seqs: readonly number[]; readonly notes: readonly string[] }> {
  const [seqs, notes]: [number[], string[]] = [[], []];
  const left = [...steps];
  let isStopped = false;
  const store = {
    async auditFrom(seq: number) {
      if (outages.fault !== null) throw outages.fault;
      return trail.filter((each) => each.event.seq >= seq).slice(0, 3);
    },
  };
  const following = {
    store,
    retries,
    isStopped: () => isStopped,
    async pause() {
      const step = left.shift();
      if (step === undefined) isStopped = true;
      else step();
    },
    onOutage: (fault: CredctlError | null) => void notes.push(fault?.message ?? 'again'),
    onAhead: () => void notes.push('ahead'),
  };
  for await (const batch of followTrail(following, after)) seqs.push(...batch.map((each) => each.event.seq));
  return { seqs, notes };
}

const outages = { fault: null as CredctlError | null };

const DOWN = new CredctlError('store_unavailable', 'down', { hint: 'wait' });

describe('a trail that is followed', () => {
  it('is told from its start, in batches, and as it grows', async () => {
    const trail = events(1, 8);
    const grow = (): void => void trail.push(...events(trail.length + 1, trail.length + 5));
    expect((await follow(0, trail, [grow, () => {}, grow])).seqs).toEqual(
      Array.from({ length: 18 }, (_, index) => index + 1),
    );
  });

  it('goes on exactly after a number, wherever it was cut off', async () => {
    for (let cut = 0; cut <= 8; cut += 1) {
      const trail = events(1, 8);
      const { seqs } = await follow(cut, trail, [() => void trail.push(event(9))]);
      expect(seqs).toEqual(events(cut + 1, 9).map((each) => each.event.seq));
    }
  });

  it('waits for a number that there is not yet, and says so once', async () => {
    const trail = events(1, 2);
    const grow = (): void => void trail.push(event(trail.length + 1));
    const { seqs, notes } = await follow(4, trail, [grow, grow, grow, grow]);
    expect({ seqs, notes }).toEqual({ seqs: [5, 6], notes: ['ahead'] });
  });

  it.each<readonly [string, number, (trail: RecordedEvent[]) => void]>([
    ['went back', 6, (trail) => void trail.splice(4)],
    [
      'was replaced by another of the same length',
      6,
      (trail) => void trail.splice(0, 6, ...events(1, 6, 'two')),
    ],
    ['was replaced by a longer one', 6, (trail) => void trail.splice(0, 6, ...events(1, 9, 'two'))],
    ['has lost what comes next', 6, (trail) => void trail.push(event(8))],
    ['has lost one between others', 7, (trail) => void trail.push(event(7), event(9))],
    ['has lost everything', 6, (trail) => void trail.splice(0)],
  ])('ends it where it %s', async (_, last, change) => {
    for (const after of [0, 6]) {
      const trail = events(1, 6);
      const followed = follow(after, trail, [() => change(trail)]);
      await expect(followed).rejects.toMatchObject({
        code: 'integrity',
        message: `the audit trail does not continue from event ${last}`,
      });
    }
  });

  it('ends where its start is missing', async () => {
    await expect(follow(0, events(2, 4), [])).rejects.toMatchObject({ code: 'integrity' });
  });

  it('goes on after an outage, which is told once', async () => {
    const trail = events(1, 2);
    const fail = (): void => {
      outages.fault = DOWN;
    };
    const recover = (): void => {
      outages.fault = null;
      trail.push(event(3));
    };
    const { seqs, notes } = await follow(0, trail, [fail, () => {}, () => {}, recover]);
    expect({ seqs, notes }).toEqual({ seqs: [1, 2, 3], notes: ['down', 'again'] });
  });

  it('ends with an outage of a file, and with any other failure', async () => {
    const ending = async (fault: CredctlError, retries: boolean): Promise<void> => {
      const step = (): void => {
        outages.fault = fault;
      };
      try {
        await expect(follow(0, events(1, 2), [step], retries)).rejects.toBe(fault);
      } finally {
        outages.fault = null;
      }
    };
    await ending(DOWN, false);
    await ending(new CredctlError('denied', 'no', { hint: 'ask' }), true);
  });
});
