import { expect, it } from 'vitest';
import { CredctlError } from '../../../src/domain/errors.js';
import { parseSecret } from '../../../src/domain/secret/secret-format.js';
import { identify } from '../../../src/usecases/scan/identify.js';
import { scan } from '../../../src/usecases/scan/scan.js';
import { openScenario } from '../scenario.js';

it('tells what it found although the store fails when it is asked', async () => {
  const scenario = await openScenario();
  const secrets = [await scenario.issue({ name: 'one' }), await scenario.issue({ name: 'two' })].map(
    (text) => {
      const secret = parseSecret(text);
      if (secret === null) throw new TypeError('no secret');
      return secret;
    },
  );
  const place = { path: 'a', line: 1, column: 1, encoding: 'text', commit: null, atHead: null } as const;
  let isFirst = true;
  const { findings, unreadable } = await scan(
    async (report) => {
      for (const secret of secrets) report.found(secret, place);
    },
    (secret) => {
      if (!isFirst) return identify(scenario.process(), secret);
      isFirst = false;
      return Promise.reject(new CredctlError('store_unavailable', 'the store is busy'));
    },
  );
  expect(findings.map(({ standing }) => standing.state)).toEqual(['live', 'unchecked']);
  expect(unreadable).toEqual([
    { path: `the store, about ${secrets[0]?.handle}`, reason: 'the store is busy' },
  ]);
});
