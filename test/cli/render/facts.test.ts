import { describe, expect, it } from 'vitest';
import { describeFacts } from '../../../src/cli/render/description/facts.js';

describe('facts for people', () => {
  it('are aligned over all groups, without what is empty', () => {
    const text = describeFacts(
      [
        [
          { name: 'name', value: 'ci-bot' },
          { name: 'client id', value: null },
          { name: 'labels', value: '' },
        ],
        [{ name: 'description', value: [] }],
        [{ name: 'last used', value: 'never' }],
      ],
      80,
    );
    expect(text).toBe('name:       ci-bot\n\nlast used:  never\n');
  });

  it('wrap between words, and never within one', () => {
    const scopes = ['orders:read@workspace/bergen-and-others, orders:write@workspace/bergen'];
    expect(describeFacts([[{ name: 'scopes', value: scopes }]], 40)).toBe(
      [
        'scopes:  orders:read@workspace/bergen-and-others,',
        '         orders:write@workspace/bergen',
        '',
      ].join('\n'),
    );
  });

  it('of several lines cannot pass for other facts', () => {
    const text = describeFacts(
      [[{ name: 'description', value: 'first\nstatus:  inactive\n\u001b[31m' }]],
      80,
    );
    expect(text).toBe('description:  first\n              status:  inactive\n              \\u{1b}[31m\n');
  });
});
