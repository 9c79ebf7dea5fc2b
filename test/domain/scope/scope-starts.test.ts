import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../../src/domain/scope/presets.js';
import { scopeStarts } from '../../../src/domain/scope/scope-starts.js';

const CATALOG = PRESETS.get('moveworks') ?? { name: '', apis: [], resources: [] };

describe('the scopes that a text stands for', () => {
  it.each<readonly [string, readonly string[]]>([
    ['users', ['data:users', 'data:*']],
    ['Plugin C', ['data:plugin-calls', 'data:*']],
    ['events:mess', ['events:messages', 'events:*']],
    ['EVENTS:MESS', ['events:messages', 'events:*']],
    ['events:', ['events:messages', 'events:*']],
    ['events:*', ['events:*']],
    ['data:users@org/a', ['data:users@org/a', 'data:*@org/a']],
    ['even:mess', []],
    ['zzz', []],
  ])('%s', (text, expected) => {
    expect(scopeStarts(CATALOG, text)).toEqual(expected);
  });

  it('are under every id of an API', () => {
    const [first, ...apis] = CATALOG.apis;
    if (first === undefined) throw new TypeError('no API');
    const renamed = { ...CATALOG, apis: [{ ...first, aliases: ['old'] }, ...apis] };
    expect(scopeStarts(renamed, 'old:users')).toEqual(['data:users', 'data:*', 'old:users', 'old:*']);
  });
});
