import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../../src/domain/scope/catalog.js';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { scopesInShort } from '../../../src/domain/scope/scopes-in-short.js';

const MOVEWORKS = catalog('moveworks');
const MPARTICLE = catalog('mparticle');

function catalog(name: string): Catalog {
  const found = PRESETS.get(name);
  if (found === undefined) throw new Error(`no catalog ${name}`);
  return found;
}

describe('scopes in a few words', () => {
  it.each([
    [['data:users'], ['data 1/5']],
    [
      ['data:users', 'data:conversations', 'events:*'],
      ['data 2/5', 'events *'],
    ],
    [['credctl:introspect'], ['credctl 1/2']],
    [['elsewhere:read', 'elsewhere:write'], ['elsewhere 2']],
    [['no scope'], ['no scope']],
    [[], []],
  ])('%j', (scopes, short) => {
    expect(scopesInShort(MOVEWORKS, scopes)).toEqual(short);
  });

  it.each([
    [
      ['data-planning:read@workspace/development', 'data-planning:write@workspace/production'],
      ['data-planning 1/2@development', 'data-planning 1/2@production'],
    ],
    [['data-planning:*@org/example-org'], ['data-planning *@example-org']],
    [
      ['profile:read@account/same', 'platform:user@workspace/same'],
      ['profile 1/1@account/same', 'platform 1/2@workspace/same'],
    ],
  ])('with resources: %j', (scopes, short) => {
    expect(scopesInShort(MPARTICLE, scopes)).toEqual(short);
  });
});
