import { onTestFinished } from 'vitest';
import type { ServingStore } from '../../../src/domain/ports/serving-port.js';
import type { SecretKind } from '../../../src/domain/secret/secret-format.js';
import { openServingStore } from '../../../src/storage/serving/sqlite/store.js';
import { fingerprinter } from '../../../src/system/hashing/fingerprinter.js';
import { type IssuedToken, TokenIssuer } from '../../../src/usecases/serving/issue-token.js';
import type { Answer, Principal } from '../../../src/usecases/serving/principal.js';
import { Verifier, type VerifierDependencies } from '../../../src/usecases/serving/verifier.js';
import type { Scenario } from '../../usecases/scenario.js';
import type { TestProcess } from '../dependencies/dependencies.js';

const ANY: readonly SecretKind[] = ['key', 'sec', 'tok'];

/** How a secret is presented. */
export interface Presentation {
  readonly kinds?: readonly SecretKind[];
  readonly clientId?: string;
  readonly address?: string;
}

/** A verifier as a server has it, on a store that other processes change. */
export interface Serving {
  readonly store: ServingStore;
  readonly verifier: Verifier;
  readonly deps: TestProcess;
  answer(secret: string, how?: Presentation): Promise<Answer>;
  /** `accepted`, or why not. */
  outcome(secret: string, how?: Presentation): Promise<string>;
  /** The principal of a good secret. */
  principal(secret: string, how?: Presentation): Promise<Principal>;
  /** An access token obtained with a client's secret. */
  token(secret: string, scope?: string): Promise<IssuedToken>;
}

/** Opens the scenario's store once more, the way a server does, but writing on its own thread. */
export function serve(scenario: Scenario, also: Pick<VerifierDependencies, 'onCanary'> = {}): Serving {
  const store = openServingStore(scenario.files.path, null);
  onTestFinished(() => store.close());
  const deps = scenario.process();
  const verifier = new Verifier({ ...deps, ...also, store, fingerprinter: fingerprinter() });
  const issuer = new TokenIssuer({ ...deps, store });
  const serving: Serving = {
    store,
    verifier,
    deps,
    answer: async (secret, { kinds = ANY, clientId = null, address = '192.0.2.1' } = {}) =>
      verifier.verify({ secret, kinds, clientId, address }),
    async outcome(secret, how) {
      const answer = await serving.answer(secret, how);
      return answer.accepted ? 'accepted' : answer.reason;
    },
    async principal(secret, how) {
      const answer = await serving.answer(secret, how);
      if (answer.accepted) return answer;
      throw new Error(`refused: ${answer.reason}`);
    },
    async token(secret, scope) {
      const issued = await issuer.issue(await serving.principal(secret), scope ?? null);
      if (typeof issued === 'string') throw new Error(`no token: ${issued}`);
      return issued;
    },
  };
  return serving;
}
