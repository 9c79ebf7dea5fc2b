import { presentId, renameDataApi } from '../../support/servers/renamed-api.js';
import type { Case } from './verdict-cases.js';

/** Held under the id that the API had before, and asked for under either. */
export const ALIAS_CASES: readonly Case[] = (
  [
    ['data:users', 'valid'],
    ['records:users', 'valid'],
    ['data:conversations', 'insufficient_scope'],
    ['records:conversations', 'insufficient_scope'],
    ['events:messages', 'insufficient_scope'],
  ] as const
).flatMap(([scope, expected]): readonly Case[] => [
  {
    what: `an API key whose API was renamed since, for ${scope}`,
    change: renameDataApi,
    present: ({ key }) => ({ secret: key, scope }),
    expected,
  },
  {
    what: `a token whose API was renamed since, narrowed by its new id, for ${scope}`,
    change: async (scene) => {
      await renameDataApi(scene);
      const present = await presentId(scene.session);
      await scene.session.ok('edit', scene.names.client, '--scope', `${present}:users`);
    },
    present: ({ token }) => ({ secret: token, scope }),
    expected,
  },
  {
    what: `a token of all of an API that was renamed since, for ${scope}`,
    change: renameDataApi,
    present: ({ token }) => ({ secret: token, scope }),
    expected: scope.startsWith('events') ? expected : 'valid',
  },
]);
