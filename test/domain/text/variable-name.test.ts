import { describe, expect, it } from 'vitest';
import { composeSecret } from '../../../src/domain/secret/secret-format.js';
import { isActedUpon, parseVariableName } from '../../../src/domain/text/variable-name.js';

describe('the name of a variable', () => {
  it.each(['A', '_', 'a1', 'CRM_KEY', '__proto__'])('can be %s', (name) => {
    expect(parseVariableName(name)).toBe(name);
  });

  it.each(['', '1A', 'A-B', 'A B', 'A=B', 'Ä', 'A\n', '$A'])('cannot be %j', (name) => {
    expect(() => parseVariableName(name)).toThrow(/cannot name a variable/);
  });

  it('cannot be a secret, which the error does not repeat', () => {
    const secret = composeSecret('cctl', 'key', '0123456789AB', 'z'.repeat(43));
    expect(() => parseVariableName(secret)).toThrow(
      'a secret was given where the name of a variable belongs',
    );
  });

  it.each([
    'PATH',
    'HOME',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'DYLD_INSERT_LIBRARIES',
    'BASH_ENV',
    'IFS',
    'PS4',
    'NODE_OPTIONS',
    'JAVA_TOOL_OPTIONS',
    'PYTHONPATH',
    'https_proxy',
    'CREDCTL_STORE',
    'LC_ALL',
  ])('is not that of a secret when programs act upon it: %s', (name) => {
    expect(isActedUpon(name)).toBe(true);
  });

  it.each([
    'API_KEY',
    'PATH_API_KEY',
    'MY_PATH',
    'PYTHON_KEY',
    'GITHUB_TOKEN',
    'NODE_AUTH_TOKEN',
    'PGPASSWORD',
    'path',
  ])('may be that of a secret: %s', (name) => {
    expect(isActedUpon(name)).toBe(false);
  });
});
