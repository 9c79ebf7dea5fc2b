import { onTestFinished } from 'vitest';
import type { AuditAction, AuditEvent } from '../../src/domain/audit-event.js';
import type { Credential } from '../../src/domain/credential/credential.js';
import { judge, type Verdict } from '../../src/domain/credential/verdict.js';
import { type Supersede, type VersionState, versionState } from '../../src/domain/credential/version.js';
import type { Destination } from '../../src/domain/ports/ports.js';
import type { NewStore } from '../../src/domain/ports/store-port.js';
import { parseSecret } from '../../src/domain/secret/secret-format.js';
import { findCredential } from '../../src/usecases/credential/find.js';
import { type Issued, issueCredential } from '../../src/usecases/credential/issue.js';
import type { IssueInput } from '../../src/usecases/credential/issue-input.js';
import { verify } from '../../src/usecases/credential/verify.js';
import { type Rotated, type RotateInput, rotate } from '../../src/usecases/rotation/rotate.js';
import { setHashPolicy } from '../../src/usecases/store/hash-policy.js';
import { type ProcessOptions, type TestProcess, TestWorld } from '../support/dependencies/dependencies.js';
import { type DestinationScript, ScriptedDestination } from '../support/dependencies/destinations.js';
import { SQLITE, type SqliteTestStore } from '../support/stores/stores.js';

export const DAY = 86_400_000;

export const GRACE_24H: Supersede = { kind: 'grace', ms: DAY };
export const REVOKE: Supersede = { kind: 'revoke' };

/** The steps at which a process that is killed leaves nothing behind. */
export const BEFORE_A = ['started', 'destination-ready', 'hashed', 'inserted'] as const;

/** The steps at which a killed process leaves an unconfirmed version. */
export const BETWEEN_A_AND_B = ['committed', 'delivered'] as const;

export type IssueChange = Partial<Omit<IssueInput, 'destinations'>> & {
  readonly to?: DestinationScript;
  /** Destinations after the first one. */
  readonly also?: readonly Destination[];
  readonly by?: ProcessOptions | TestProcess;
};

export type RotateChange = Partial<Omit<RotateInput, 'destinations'>> & {
  readonly to?: DestinationScript;
  readonly also?: readonly Destination[];
  readonly by?: ProcessOptions | TestProcess;
};

/** How an attempt to hand over a secret went; `secret` is what its destination got, however it ended. */
export interface Attempt<Result> {
  readonly result: Result | null;
  readonly fault: unknown;
  readonly destination: ScriptedDestination;
  readonly secret: string;
}

/** A real store, a test world around it, and short words for what the use cases do there. */
export class Scenario extends TestWorld {
  readonly files: SqliteTestStore;

  constructor(files: SqliteTestStore) {
    super(files.store);
    this.files = files;
  }

  /** Tries to create a credential; `ci-bot`, an API key, unless told otherwise. */
  tryIssue({ to, also = [], by, ...change }: IssueChange = {}): Promise<Attempt<Issued>> {
    return this.#attempt(to, by, (deps, destination) =>
      issueCredential(deps, {
        name: 'ci-bot',
        type: 'api-key',
        scopes: ['data:users'],
        owner: null,
        description: null,
        labels: new Map(),
        expiresAt: null,
        rotateEvery: null,
        ...change,
        destinations: [destination, ...also],
      }),
    );
  }

  /** Creates a credential and answers with its secret. */
  async issue(change: IssueChange = {}): Promise<string> {
    return succeeded(await this.tryIssue(change)).secret;
  }

  /** Tries to rotate `ci-bot`, with a grace of 24 hours unless told otherwise. */
  tryRotate({ to, also = [], by, ...change }: RotateChange = {}): Promise<Attempt<Rotated>> {
    return this.#attempt(to, by, (deps, destination) =>
      rotate(deps, {
        reference: 'ci-bot',
        supersede: GRACE_24H,
        ifOlderThan: null,
        ...change,
        destinations: [destination, ...also],
      }),
    );
  }

  /** Rotates and answers with the new secret. */
  async rotate(change: RotateChange = {}): Promise<string> {
    return succeeded(await this.tryRotate(change)).secret;
  }

  /** Whether a secret is good at this moment; looking is no use of it. */
  async accepts(secret: string): Promise<boolean> {
    const parsed = parseSecret(secret);
    const found = parsed === null ? null : await this.store.findPresentedVersion(parsed.id);
    if (parsed === null || found === null) return false;
    const isRight = await this.hasher.matches(parsed.secret, found.hash);
    const evidence = { ...found, token: null };
    return isRight && judge(evidence, this.clock.now(), () => found.credential.scopes) === null;
  }

  /** Presents a secret the way a client does, which is a use when it is good. */
  use(secret: string, scopes: readonly string[] = []): Promise<Verdict> {
    return verify(this.process(), { secret, clientId: null, scopes, recordUse: true });
  }

  /** Looks whether a secret is good, as an admin does on the command line. */
  look(secret: string): Promise<Verdict> {
    return verify(this.process(), { secret, clientId: null, scopes: [], recordUse: false });
  }

  show(reference = 'ci-bot'): Promise<Credential> {
    return findCredential(this.store, reference);
  }

  exists(reference = 'ci-bot'): Promise<boolean> {
    return this.store.findCredential(reference).then((credential) => credential !== null);
  }

  /** The states of the versions, oldest first. */
  async states(reference = 'ci-bot'): Promise<readonly VersionState[]> {
    const { versions } = await this.show(reference);
    return versions.map((version) => versionState(version, this.clock.now())).toReversed();
  }

  /** Every event after the store was made, oldest first. */
  async events(): Promise<readonly AuditEvent[]> {
    const { items } = await this.store.listAudit({ limit: 1_000 });
    return items
      .map(({ event }) => event)
      .toReversed()
      .slice(1);
  }

  async actions(): Promise<readonly AuditAction[]> {
    return (await this.events()).map((event) => event.action);
  }

  /** From now on the store cannot write these events. */
  async refuseEvents(...actions: readonly AuditAction[]): Promise<void> {
    const list = actions.map((action) => `'${action}'`).join(', ');
    await this.files.tamper(
      `create trigger refused before insert on audit_event when new.action in (${list})
        begin select raise(abort, 'the audit trail is full'); end`,
    );
  }

  /** It can write every event again. */
  async acceptEvents(): Promise<void> {
    await this.files.tamper('drop trigger refused');
  }

  /** Counts every change that could alter a verdict. */
  async generation(): Promise<number> {
    const [row] = await this.files.ask<{ value: number }>('select value from generation');
    return row?.value ?? 0;
  }

  async #attempt<Result>(
    script: DestinationScript | undefined,
    by: ProcessOptions | TestProcess | undefined,
    run: (deps: TestProcess, destination: ScriptedDestination) => Promise<Result>,
  ): Promise<Attempt<Result>> {
    const destination = new ScriptedDestination(script);
    const deps = by !== undefined && 'identity' in by ? by : this.process(by);
    let result: Result | null = null;
    let fault: unknown = null;
    try {
      result = await run(deps, destination);
    } catch (caught) {
      fault = caught;
    }
    const wasGiven = destination.deliveries.length > 0;
    return { result, fault, destination, secret: wasGiven ? destination.secret : '' };
  }
}

/** Opens a scenario with an empty store, which goes away with the test. */
export async function openScenario(plan: Partial<NewStore> = {}): Promise<Scenario> {
  const files = await SQLITE.create(plan);
  onTestFinished(() => files.dispose());
  return new Scenario(files);
}

function succeeded<Result>(attempt: Attempt<Result>): Attempt<Result> {
  if (attempt.fault !== null) throw attempt.fault;
  return attempt;
}

/** Any change of the store, of which every one stamps what time has ended; each takes another cost. */
export async function anyWrite(scenario: Scenario, cost: number): Promise<void> {
  await setHashPolicy(scenario.process(), { scheme: 'bcrypt', cost });
}

/** When the last lease on a version of `ci-bot` ends; 0 where there is none. */
export async function leaseEnd(scenario: Scenario): Promise<number> {
  const { versions } = await scenario.show();
  return Math.max(...versions.map(({ delivery }) => delivery?.deliverBy ?? 0));
}
