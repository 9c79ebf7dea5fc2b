import { forged } from '../../support/servers/clients.js';
import { type Case, expire, key, type Scene, stops } from './verdict-cases.js';

/** No command makes a canary of what was none; whatever has become one is one. */
const bait = ({ tamper, names: { key, client } }: Scene) =>
  tamper(
    `update credential set canary = 1 where name in ('${key}', '${client}'); update generation set value = value + 1`,
  );

export const CANARY_CASES: readonly Case[] = [
  ...stops('of a canary', bait, 'canary', 'unknown'),
  {
    what: 'an API key of a canary that has expired',
    change: async (scene) => {
      await expire(scene);
      await bait(scene);
    },
    present: key,
    expected: 'expired',
    elsewhere: 'unknown',
  },
  {
    what: 'an API key of a canary, for a scope that it does not have',
    change: bait,
    present: ({ key }) => ({ secret: key, scope: 'data:conversations' }),
    expected: 'canary',
    elsewhere: 'unknown',
  },
  {
    what: 'a client secret of a canary with the client id of nobody',
    change: bait,
    present: ({ client: { secret } }) => ({ secret, clientId: 'cctl_id_0123456789ABCDEF' }),
    expected: 'unknown',
  },
  {
    what: 'a forged key of a canary',
    change: bait,
    present: ({ key }) => ({ secret: forged(key) }),
    expected: 'wrong_secret',
  },
];
