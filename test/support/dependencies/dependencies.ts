import type { ProcessIdentity } from '../../../src/domain/credential/version.js';
import type { Processes } from '../../../src/domain/ports/ports.js';
import type { Store } from '../../../src/domain/ports/store-port.js';
import type { DeliveryStep, Dependencies } from '../../../src/usecases/dependencies.js';
import { CheapHasher } from './cheap-hasher.js';
import { FixedClock } from './fixed-clock.js';
import { FixedRandom } from './fixed-random.js';

/** What ends a use case in the place of `kill -9`: nothing of it runs after this. */
export class Killed extends Error {
  override readonly name = 'Killed';
}

/** The processes of some machines, of which the test decides who lives; each sees those of its own host alone. */
export class ProcessTable {
  readonly host: string;
  readonly #running = new Set<string>();
  #lastPid = 100;

  constructor(host = 'here') {
    this.host = host;
  }

  start(host: string = this.host): ProcessIdentity {
    this.#lastPid += 1;
    const identity = { host, boot: 'boot-1', pid: this.#lastPid, started: String(this.#lastPid * 7) };
    this.#running.add(keyOf(identity));
    return identity;
  }

  end(identity: ProcessIdentity): void {
    this.#running.delete(keyOf(identity));
  }

  /** The table as the given process sees it. */
  seenBy(self: ProcessIdentity): Processes {
    return {
      self: () => self,
      status: (other) => {
        if (other.host !== self.host) return 'unknown';
        return this.#running.has(keyOf(other)) ? 'running' : 'gone';
      },
    };
  }
}

export interface ProcessOptions {
  readonly host?: string;
  readonly actor?: string;
  readonly reason?: string;
  /** The step of a delivery at which this process is killed. */
  readonly diesAt?: DeliveryStep;
  readonly observe?: (step: DeliveryStep) => void;
  /** The store as this process sees it. */
  readonly store?: Store;
}

/** All that a use case needs, as one process has it. */
export interface TestProcess extends Dependencies {
  readonly identity: ProcessIdentity;
  /** From now on it counts as gone. */
  end(): void;
}

/** The world around the use cases: everything real but time, chance, the cost of hashes and the processes. */
export class TestWorld {
  readonly store: Store;
  readonly clock = new FixedClock();
  readonly random = new FixedRandom();
  readonly hasher = new CheapHasher();
  readonly processes = new ProcessTable();

  constructor(store: Store) {
    this.store = store;
  }

  /** A process that has just been started. */
  process(options: ProcessOptions = {}): TestProcess {
    const identity = this.processes.start(options.host);
    const end = () => this.processes.end(identity);
    return {
      store: options.store ?? this.store,
      clock: this.clock,
      random: this.random,
      hasher: this.hasher,
      processes: this.processes.seenBy(identity),
      author: { actor: options.actor ?? 'tester@here', reason: options.reason ?? null },
      identity,
      end,
      observe(step) {
        options.observe?.(step);
        if (step !== options.diesAt) return;
        end();
        throw new Killed(`killed at ${step}`);
      },
    };
  }
}

function keyOf(identity: ProcessIdentity): string {
  return JSON.stringify([identity.host, identity.boot, identity.pid, identity.started]);
}
