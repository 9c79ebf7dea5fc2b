import { expect, it } from 'vitest';
import { changeHashPolicy, setHashPolicy } from '../../../src/usecases/store/hash-policy.js';
import { replacing } from '../../support/dependencies/replaced-method.js';
import { openScenario } from '../scenario.js';

it('keeps what another command has set just before, where that is to stay as it is', async () => {
  const scenario = await openScenario({ hashPolicy: { scheme: 'bcrypt', cost: 5 } });
  const store = replacing(scenario.store, 'write', async (...call) => {
    await setHashPolicy(scenario.process(), { scheme: 'bcrypt', cost: 7 });
    return Reflect.apply(scenario.store.write, scenario.store, call);
  });
  const { hashPolicy } = await changeHashPolicy({ ...scenario.process(), store }, (present) => present);
  expect(hashPolicy).toEqual({ scheme: 'bcrypt', cost: 7 });
  expect((await scenario.store.settings()).hashPolicy).toEqual({ scheme: 'bcrypt', cost: 7 });
});

it('throws what the choice throws before it would write', async () => {
  const scenario = await openScenario();
  const fault = new RangeError('no such cost');
  const store = replacing(scenario.store, 'write', () => Promise.reject(new TypeError('it must not write')));
  const change = changeHashPolicy({ ...scenario.process(), store }, () => {
    throw fault;
  });
  await expect(change).rejects.toBe(fault);
});
