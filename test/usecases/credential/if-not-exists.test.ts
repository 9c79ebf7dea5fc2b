import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
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
