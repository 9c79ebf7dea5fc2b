import { describe, expect, it } from 'vitest';
import { conflictError } from '../../src/domain/errors.js';
import { codeOf, errno } from '../../src/files/errno.js';

const failed = (code: unknown) => Object.assign(new Error('no'), { code });

describe('the code of a failed call', () => {
  it('is there for errors of the system, and of libraries', () => {
    expect([failed('ENOENT'), failed('SQLITE_BUSY'), failed('ERR_INVALID_ARG_VALUE')].map(codeOf)).toEqual([
      'ENOENT',
      'SQLITE_BUSY',
      'ERR_INVALID_ARG_VALUE',
    ]);
    expect([failed('ENOENT'), failed('SQLITE_BUSY'), failed('ERR_INVALID_ARG_VALUE')].map(errno)).toEqual([
      'ENOENT',
      null,
      null,
    ]);
  });

  it.each([new Error('no'), { code: 'ENOENT' }, null, 'ENOENT', failed(5), conflictError('no', 'no')])(
    'is not there for anything else, such as %o',
    (other) => {
      expect([codeOf(other), errno(other)]).toEqual([null, null]);
    },
  );
});
