import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@secretlint/config-loader';
import { lintSource } from '@secretlint/core';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { RE2 } from 're2-wasm';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import {
  boundedExpression,
  keywordsOf,
  LEAST_ENTROPY,
  secretExpression,
} from '../../../src/domain/scan/rules/expression.js';
import { RULE_FORMATS, RULES } from '../../../src/domain/scan/rules/rules.js';
import { composeSecret, drawBase62, drawSecret } from '../../../src/domain/secret/secret-format.js';
import { isInstalled } from '../../support/build/checker.js';

const prefix = fc.stringMatching(/^[a-z][a-z0-9]{1,11}$/);
const kind = fc.constantFrom('key' as const, 'sec' as const, 'tok' as const);

/** Drawn as the program draws it, from bytes of the property. */
const secretOf = (start: string) =>
  fc.tuple(kind, fc.uint8Array({ minLength: 64, maxLength: 64 })).map(([each, bytes]) => {
    let at = 0;
    const random = (length: number) =>
      Uint8Array.from({ length }, () => ((bytes[at++ % bytes.length] ?? 0) * 31 + at) % 248);
    return composeSecret(start, each, drawBase62(random, 12), drawSecret(random));
  });

const SECRET = composeSecret('acme', 'key', 'a1B2c3D4e5F6', 'k9J8h7G6f5D4s3A2q1W0e9R8t7Y6u5I4o3P2z1X0c9V');

/** Texts that are nearly secrets of the prefix acme. */
const NEAR = [
  SECRET.slice(0, -1),
  `${SECRET}0`,
  `x${SECRET}`,
  SECRET.replace('acme_', 'other_'),
  SECRET.replace('_key_', '_id_'),
  SECRET.replaceAll('_', '-'),
  SECRET.slice(0, 30),
  'acme_key_',
];

/** Bits a character (Shannon). */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0);
}

describe('the expression', () => {
  it('finds every secret of its prefix, as RE2 and as ECMAScript, and has its keyword and entropy', () => {
    fc.assert(
      fc.property(
        prefix.chain((start) => fc.tuple(fc.constant(start), secretOf(start))),
        ([start, secret]) => {
          const text = `key="${secret}"\n`;
          const found = [new RE2(boundedExpression(start), 'u'), new RegExp(boundedExpression(start))];
          for (const expression of found) expect(expression.exec(text)?.[1]).toBe(secret);
          expect(keywordsOf(start).filter((keyword) => text.includes(keyword))).toHaveLength(1);
          expect(entropyOf(secret)).toBeGreaterThan(LEAST_ENTROPY);
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each(NEAR)('does not find %s', (text) => {
    expect(new RE2(boundedExpression('acme'), 'u').test(text)).toBe(false);
  });

  it('is of the documented shape', () => {
    expect(boundedExpression('acme')).toBe('\\b(acme_(?:key|sec|tok)_[0-9A-Za-z]{61})\\b');
  });
});

describe('the rule', () => {
  it('for gitleaks is a configuration by its schema', () => {
    const path = new URL('../../support/schemas/gitleaks.json', import.meta.url);
    const { 'x-tombi-toml-version': _, ...schema } = JSON.parse(readFileSync(path, 'utf8'));
    const isValid = new Ajv({ strict: false, validateFormats: false }).compile(schema);
    const config = parseToml(RULES.gitleaks('acme'));
    expect(isValid(config), JSON.stringify(isValid.errors)).toBe(true);
    expect(isValid({ ...config, rule: [] })).toBe(false);
    expect(config['rules']).toEqual([
      {
        id: 'credctl-acme',
        description: 'credctl secret (acme)',
        regex: boundedExpression('acme'),
        secretGroup: 1,
        entropy: 3.5,
        keywords: ['acme_key_', 'acme_sec_', 'acme_tok_'],
        tags: ['credctl'],
      },
    ]);
  });

  it('for trufflehog is a custom detector, also with the lines that ask a server', () => {
    // CustomRegex in trufflehog's proto/custom_detectors.proto, with what its validation.go requires.
    const detector = z.strictObject({
      name: z.string().min(1),
      keywords: z.array(z.string().min(1)).min(1),
      regex: z.record(z.string(), z.string().min(1)),
      entropy: z.number(),
      verify: z
        .array(
          z.strictObject({
            endpoint: z.url({ protocol: /^https$/ }),
            headers: z.array(z.string().includes(':')),
          }),
        )
        .optional(),
    });
    const shape = z.strictObject({ detectors: z.array(detector).length(1) });
    const text = RULES.trufflehog('acme');
    const [plain] = shape.parse(parseYaml(text)).detectors;
    expect(plain).toEqual({
      name: 'credctl_acme',
      keywords: ['acme_key_', 'acme_sec_', 'acme_tok_'],
      regex: { token: boundedExpression('acme') },
      entropy: 3.5,
    });
    const asking = text.replaceAll(/^ {4}# (?=verify:| {2})/gm, '    ');
    const [verified] = shape.parse(parseYaml(asking)).detectors;
    expect(verified?.verify?.[0]?.endpoint).toBe('https://credctl.example.com/scan/v1/check');
  });

  it.skipIf(!isInstalled('python3', 'python3'))('for detect-secrets is a plugin that finds it alone', () => {
    // Its base class, as far as RegexBasedDetector uses it: the scanner itself is in no registry of the gate.
    const script = `
import sys, types
base = types.ModuleType('detect_secrets.plugins.base')
class RegexBasedDetector:
    def analyze_string(self, string):
        for regex in self.denylist:
            yield from regex.findall(string)
base.RegexBasedDetector = RegexBasedDetector
for name in ('detect_secrets', 'detect_secrets.plugins'): sys.modules[name] = types.ModuleType(name)
sys.modules[base.__name__] = base
plugin = types.ModuleType('plugin')
exec(compile(sys.argv[1], 'plugin.py', 'exec'), plugin.__dict__)
detector = plugin.CredctlAcmeDetector()
print(detector.secret_type)
for line in sys.stdin:
    for found in detector.analyze_string(line): print(found)
`;
    const input = [`key = "${SECRET}"`, ...NEAR].join('\n');
    const output = execFileSync('python3', ['-c', script, RULES['detect-secrets']('acme')], {
      input,
      encoding: 'utf8',
    });
    expect(output.trim().split('\n')).toEqual(['credctl secret (acme)', SECRET]);
  });

  it('for secretlint makes the real secretlint find it, and nothing else', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'credctl-secretlint-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const configFilePath = join(directory, '.secretlintrc.json');
    writeFileSync(configFilePath, RULES.secretlint('acme'));
    const loaded = await loadConfig({ cwd: directory, configFilePath });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded));
    const content = [...NEAR.slice(0, 4), `key = "${SECRET}"`, ...NEAR.slice(4)].join('\n');
    const { messages } = await lintSource({
      source: { filePath: join(directory, 'app.env'), content, ext: '.env', contentType: 'text' },
      options: { config: loaded.config },
    });
    expect(messages.map(({ ruleId, range }) => [ruleId, content.slice(...range)])).toEqual([
      ['@secretlint/secretlint-rule-pattern', SECRET],
    ]);
  });

  it('for GitHub has the fields of its form, in what Hyperscan reads', () => {
    const fields = new Map(
      RULES.github('acme')
        .trimEnd()
        .split('\n')
        .map((line) => {
          const [name = '', value = ''] = line.split(/: {2,}/);
          return [name, value] as const;
        }),
    );
    expect([...fields.keys()]).toEqual(['Pattern name', 'Secret format', 'Before secret', 'After secret']);
    expect(fields.get('Secret format')).toBe(secretExpression('acme'));
    // RE2 leaves out what Hyperscan leaves out: look-around, back-references, possessive quantifiers.
    const around = (text: string) => {
      const [before, secret, after] = ['Before secret', 'Secret format', 'After secret'].map((name) =>
        fields.get(name),
      );
      return new RE2(`(?:${before})(${secret})(?:${after})`, 'u').exec(text)?.[1];
    };
    for (const text of [SECRET, `key="${SECRET}"`, `\n${SECRET}\n`]) expect(around(text)).toBe(SECRET);
    for (const text of NEAR) expect(around(text)).toBeUndefined();
  });

  it('is of its prefix alone, and has no secret in it', () => {
    for (const format of RULE_FORMATS) {
      const rule = RULES[format]('acme2');
      expect(rule).toContain('acme2');
      expect(rule).not.toMatch(/cctl_(?:key|sec|tok)/);
      expect(rule.endsWith('\n')).toBe(true);
    }
  });
});
