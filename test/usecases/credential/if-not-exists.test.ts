import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { deleteCredential } from '../../../src/usecases/credential/delete.js';
import { createIfNotExists } from '../../../src/usecases/credential/if-not-exists.js';
import { replacing } from '../../support/dependencies/replaced-method.js';
import { openScenario } from '../scenario.js';

it('sees the delivery that completes between its look at the credential and that at the trail', async () => {
  const scenario = await openScenario();
  const looks: unknown[] = [];
  const deliver = async () => looks.push(await scenario.show());
  await scenario.issue({ to: { meanwhile: { deliver } } });
  const store = replacing(
    scenario.store,
    'findCredential',
    async (...call) => looks.pop() ?? Reflect.apply(scenario.store.findCredential, scenario.store, call),
  );
  const create = () => Promise.reject(new TypeError('nothing is to be created'));
  const wanted = { name: 'ci-bot', labels: new Map() };
  const deps = { ...scenario.process(), store };
  expect(await createIfNotExists(deps, wanted, create, pause)).toMatchObject({
    isPresent: true,
    credential: { name: 'ci-bot', versions: [{ number: 1, deliveredAt: scenario.clock.now() }] },
  });
  expect(looks).toEqual([]);
});

it('does not take another credential for the one that was delivered, whose name it has since', async () => {
  const scenario = await openScenario();
  let isReplaced = false;
  const seen: unknown[] = [];
  await scenario.issue({ to: { meanwhile: { deliver: async () => seen.push(await scenario.show()) } } });
  const store = replacing(
    scenario.store,
    'findCredential',
    async (...call) => seen.pop() ?? Reflect.apply(scenario.store.findCredential, scenario.store, call),
  );
  const racing = replacing(store, 'toldVersions', async (...call) => {
    const told = await Reflect.apply(scenario.store.toldVersions, scenario.store, call);
    if (!isReplaced) {
      isReplaced = true;
      await deleteCredential(scenario.process(), 'ci-bot');
      await scenario.tryIssue({ by: { diesAt: 'committed' } });
    }
    return told;
  });
  const created = {};
  const wanted = { name: 'ci-bot', labels: new Map() };
  const deps = { ...scenario.process(), store: racing };
  expect(await createIfNotExists(deps, wanted, async () => created, pause)).toEqual({
    isPresent: false,
    created,
  });
});
