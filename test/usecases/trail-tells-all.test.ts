import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Supersede } from '../../src/domain/credential/version.js';
import { CredctlError } from '../../src/domain/errors.js';
import { setCredentialStatus } from '../../src/usecases/credential/activation.js';
import { deleteCredential } from '../../src/usecases/credential/delete.js';
import { type EditInput, editCredential } from '../../src/usecases/credential/edit.js';
import { createOwner, deleteOwner, renameOwner, setOwnerStatus } from '../../src/usecases/owner.js';
import { abortRotation, finishRotation, resumeRotation } from '../../src/usecases/rotation/end-rotation.js';
import { Killed, type ProcessOptions, type TestProcess } from '../support/dependencies/dependencies.js';
import type { DestinationScript } from '../support/dependencies/destinations.js';
import { SQLITE } from '../support/stores/stores.js';
import { untoldByTrail } from '../support/stores/told-by-trail.js';
import { anyWrite, DAY, Scenario } from './scenario.js';

/** One command, whatever comes of it. */
interface Command {
  readonly name: string;
  run(scenario: Scenario): Promise<unknown>;
}

const name = fc.constantFrom('one', 'one', 'two', 'Three/a');
const owner = fc.constantFrom('ops', 'crew');
const scopes = fc.subarray(['data:users', 'data:conversations', 'events:messages'], { minLength: 1 });
const expiry = fc.constantFrom(null, 3_600_000, DAY, 30 * DAY);
const grace = (ms: number): Supersede => ({ kind: 'grace', ms });
const supersede = fc.constantFrom(grace(DAY), grace(3_600_000), grace(0), { kind: 'revoke' } as const);

/** How the hand-over ends, and where it goes. */
const ending = fc.constantFrom<{ to: DestinationScript; by: ProcessOptions }>(
  { to: {}, by: {} },
  { to: {}, by: {} },
  { to: { replaces: true }, by: {} },
  { to: { failsAt: 'deliver' }, by: {} },
  { to: { failsAt: 'deliver', fault: 'in doubt', replaces: true }, by: {} },
  { to: {}, by: { diesAt: 'committed' } },
  { to: { replaces: true }, by: { diesAt: 'delivered' } },
);

const create = fc
  .tuple(
    name,
    fc.constantFrom('api-key' as const, 'oauth2' as const),
    scopes,
    fc.option(owner, { freq: 2 }),
    expiry,
    ending,
  )
  .map(
    ([of, type, held, ownedBy, ends, how]): Command => ({
      name: `create ${of}`,
      run: async (scenario) => {
        const expiresAt = ends === null ? null : scenario.clock.now() + ends;
        const attempt = { name: of, type, scopes: held, owner: ownedBy, expiresAt, ...how };
        const { fault, secret } = await scenario.tryIssue(attempt);
        if (secret !== '') await scenario.use(secret);
        if (fault !== null) throw fault;
      },
    }),
  );

const rotation = fc.tuple(name, supersede, ending, fc.boolean()).map(
  ([reference, ends, how, isUsed]): Command => ({
    name: `rotate ${reference}`,
    run: async (scenario) => {
      const { fault, secret } = await scenario.tryRotate({ reference, supersede: ends, ...how });
      if (isUsed && secret !== '') await scenario.use(secret);
      if (fault !== null) throw fault;
    },
  }),
);

const step = (
  label: string,
  drawn: fc.Arbitrary<string>,
  run: (deps: TestProcess, reference: string) => Promise<unknown>,
): fc.Arbitrary<Command> =>
  drawn.map((reference) => ({
    name: `${label} ${reference}`,
    run: (scenario) => run(scenario.process(), reference),
  }));

const edit = fc
  .tuple(
    name,
    fc.record({ scopes, owner: fc.option(owner, { freq: 2 }), name, expiry }, { requiredKeys: [] }),
  )
  .map(
    ([reference, { scopes: to, expiry: ends, ...rest }]): Command => ({
      name: `edit ${reference}`,
      run: (scenario) => {
        const counted =
          ends === undefined ? {} : { expiresAt: ends === null ? null : scenario.clock.now() + ends };
        const input: EditInput = {
          reference,
          ...rest,
          ...(to === undefined ? {} : { scopes: { replace: to } }),
          ...counted,
        };
        return editCredential(scenario.process(), input);
      },
    }),
  );

const wait = fc.constantFrom('1m', '10m', '2h', '25h').map(
  (time): Command => ({
    name: `wait ${time}`,
    run: async (scenario) => {
      scenario.clock.advance(time);
      await anyWrite(scenario, 4 + (scenario.clock.now() % 7));
    },
  }),
);

const commands = fc.array(
  fc.oneof(
    { arbitrary: create, weight: 8 },
    { arbitrary: rotation, weight: 12 },
    { arbitrary: edit, weight: 5 },
    { arbitrary: wait, weight: 3 },
    {
      arbitrary: step('finish', name, (deps, reference) => finishRotation(deps, { reference, force: true })),
      weight: 3,
    },
    {
      arbitrary: step('abort', name, (deps, reference) => abortRotation(deps, { reference, force: true })),
      weight: 3,
    },
    { arbitrary: step('resume', name, (deps, reference) => resumeRotation(deps, { reference })), weight: 3 },
    {
      arbitrary: step('deactivate', name, (deps, reference) =>
        setCredentialStatus(deps, reference, 'inactive'),
      ),
      weight: 3,
    },
    {
      arbitrary: step('activate', name, (deps, reference) => setCredentialStatus(deps, reference, 'active')),
      weight: 3,
    },
    { arbitrary: step('delete', name, deleteCredential), weight: 3 },
    {
      arbitrary: step('owner create', owner, (deps, of) => createOwner(deps, { name: of, kind: 'service' })),
      weight: 1,
    },
    {
      arbitrary: step('owner rename', owner, (deps, of) => renameOwner(deps, { name: of, to: `${of}-2` })),
      weight: 1,
    },
    {
      arbitrary: step('owner deactivate', owner, (deps, of) => setOwnerStatus(deps, of, 'inactive')),
      weight: 1,
    },
    { arbitrary: step('owner activate', owner, (deps, of) => setOwnerStatus(deps, of, 'active')), weight: 1 },
    { arbitrary: step('owner delete', owner, deleteOwner), weight: 1 },
  ),
  { minLength: 30, maxLength: 60, size: 'max' },
);

it('the trail tells all of what every credential is, after any commands, however they end', async () => {
  const check = fc.asyncProperty(commands, async (sequence) => {
    const files = await SQLITE.create();
    try {
      const scenario = new Scenario(files);
      await createOwner(scenario.process(), { name: 'ops', kind: 'service' });
      for (const command of sequence) {
        await command.run(scenario).catch((fault: unknown) => {
          if (!(fault instanceof CredctlError) && !(fault instanceof Killed)) throw fault;
        });
        expect(await untoldByTrail(files.path), command.name).toEqual([]);
      }
      const findings = await files.store.check(scenario.clock.now());
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
    } finally {
      await files.dispose();
    }
  });
  await fc.assert(check, { numRuns: 30 });
}, 240_000);
