import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/domain/credential/verdict.js';
import type { Supersede } from '../../../src/domain/credential/version.js';
import { CredctlError } from '../../../src/domain/errors.js';
import {
  abortRotation,
  finishRotation,
  resumeRotation,
} from '../../../src/usecases/rotation/end-rotation.js';
import { Killed, type ProcessOptions } from '../../support/dependencies/dependencies.js';
import type { DestinationScript } from '../../support/dependencies/destinations.js';
import { SQLITE } from '../../support/stores/stores.js';
import { anyWrite, Scenario } from '../scenario.js';
import { type Outcome, RotationModel } from './rotation-model.js';

const HOUR = 3_600_000;

type Step = fc.AsyncCommand<RotationModel, Scenario>;

/** What an attempt that ends this way needs. */
const ENDINGS: Readonly<Record<Outcome, { to: DestinationScript; by: ProcessOptions }>> = {
  delivered: { to: {}, by: {} },
  failed: { to: { failsAt: 'deliver' }, by: {} },
  lost: { to: {}, by: { diesAt: 'committed' } },
  'cut-off': { to: {}, by: { diesAt: 'delivered' } },
};

/** A step of the run, after which everything that the product promises must hold. */
function step(name: string, work: (model: RotationModel, real: Scenario) => Promise<void>): Step {
  return {
    check: () => true,
    toString: () => name,
    async run(model, real) {
      await work(model, real);
      await expectPromises(model, real);
    },
  };
}

function handOver(
  what: 'create' | 'rotate',
  outcome: Outcome,
  replaces: boolean,
  supersede: Supersede,
): Step {
  const how = supersede.kind === 'revoke' ? 'now' : `grace ${supersede.ms}`;
  return step(`${what}(${outcome}, ${replaces ? 'replacing' : 'transient'}, ${how})`, async (model, real) => {
    const { to, by } = ENDINGS[outcome];
    const script = { ...to, replaces };
    const attempt =
      what === 'create'
        ? await real.tryIssue({ to: script, by })
        : await real.tryRotate({ supersede, to: script, by });
    if (isRefusal(attempt.fault)) return;
    const credential = await real.store.findCredential('ci-bot');
    const version = credential?.versions[0];
    if (what === 'create') model.startAnew();
    if (version === undefined) return;
    model.add({ id: version.id, secret: attempt.secret, isTransient: !replaces, supersede }, outcome);
  });
}

const change = (
  name: string,
  run: (real: Scenario) => Promise<unknown>,
  then: (model: RotationModel) => void,
) =>
  step(name, async (model, real) => {
    const fault = await run(real).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!isRefusal(fault)) then(model);
  });

const CI_BOT = 'ci-bot';
const finish = (force: boolean) =>
  change(
    `finish(${force})`,
    (real) => finishRotation(real.process(), { reference: CI_BOT, force }),
    (model) => model.finish(),
  );
const abort = (force: boolean) =>
  change(
    `abort(${force})`,
    (real) => abortRotation(real.process(), { reference: CI_BOT, force }),
    (model) => model.abort(),
  );
const resume = () =>
  change(
    'resume',
    (real) => resumeRotation(real.process(), { reference: CI_BOT }),
    (model) => model.resume(),
  );

/** Presents the secret that was handed over that many secrets ago. */
const use = (ago: number) =>
  step(`use(${ago})`, async (model, real) => {
    const version = model.versions.filter(({ secret }) => secret !== '').at(-1 - ago);
    if (version === undefined) return;
    const verdict = await real.use(version.secret);
    if (!verdict.valid) return;
    expect(model.mayWork(version), 'a secret was accepted that should have ended').toBe(true);
    version.isUsed = true;
  });

const wait = (ms: number) =>
  step(`wait(${ms})`, async (model, real) => {
    model.now = real.clock.advance(ms);
  });

/** The three promises, for every secret there ever was. */
async function expectPromises(model: RotationModel, real: Scenario): Promise<void> {
  let someoneIsLetIn = false;
  for (const version of model.versions) {
    const found = await real.store.findPresentedVersion(version.id);
    const works =
      found !== null && judge({ ...found, token: null }, model.now, () => found.credential.scopes) === null;
    if (works && model.isKnown(version)) someoneIsLetIn = true;
    if (works) expect(model.hasLapsed(version), 'nobody has it, and it works after ten minutes').toBe(false);
    if (works) expect(model.mayWork(version), 'more versions work than should').toBe(true);
  }
  if (model.mustWork) expect(someoneIsLetIn, 'somebody was locked out').toBe(true);
}

/** Whether the step was turned down, or came to its planned end; anything else is a fault of the program. */
function isRefusal(fault: unknown): boolean {
  if (fault === null || fault instanceof Killed) return false;
  if (fault instanceof CredctlError && fault.code === 'undelivered') return false;
  if (fault instanceof CredctlError && (fault.code === 'conflict' || fault.code === 'not_found')) return true;
  throw fault;
}

const grace = (ms: number): Supersede => ({ kind: 'grace', ms });
const outcomes = fc.constantFrom<Outcome>('delivered', 'delivered', 'failed', 'lost', 'cut-off');
const supersedes = fc.constantFrom<Supersede>(grace(24 * HOUR), grace(HOUR), grace(0), { kind: 'revoke' });

const steps = fc.commands(
  [
    outcomes.chain((outcome) =>
      fc.boolean().map((replaces) => handOver('create', outcome, replaces, grace(0))),
    ),
    fc.tuple(outcomes, fc.boolean(), supersedes).map((drawn) => handOver('rotate', ...drawn)),
    fc.tuple(outcomes, fc.boolean(), supersedes).map((drawn) => handOver('rotate', ...drawn)),
    fc.boolean().map(finish),
    fc.boolean().map(abort),
    fc.constant(resume()),
    fc.nat({ max: 3 }).map(use),
    fc.constantFrom(60_000, 540_000, 600_000, HOUR, 23 * HOUR, 24 * HOUR).map(wait),
  ],
  { maxCommands: 24, size: 'max' },
);

describe('whatever is created, rotated, cut off, finished, aborted, resumed and used', () => {
  it('nobody is locked out, nothing lives that nobody has, and no more works than should', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (commands) => {
        const files = await SQLITE.create();
        const real = new Scenario(files);
        const model = new RotationModel(real.clock.now());
        try {
          await handOver('create', 'delivered', false, grace(0)).run(model, real);
          await fc.asyncModelRun(() => ({ model, real }), commands);
          model.now = real.clock.advance(400 * 24 * HOUR);
          await expectPromises(model, real);
          await anyWrite(real, 9);
          await expectPromises(model, real);
        } finally {
          await files.dispose();
        }
      }),
      { seed: 42, numRuns: 80 },
    );
  });
});
