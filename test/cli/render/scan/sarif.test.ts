import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { placeUri } from '../../../../src/cli/render/scan/place-uri.js';
import { sarifDocument } from '../../../../src/cli/render/scan/sarif.js';
import { byUrgency, type ScanFinding } from '../../../../src/domain/scan/finding.js';
import type { Place } from '../../../../src/domain/scan/place.js';
import { composeSecret, parseSecret } from '../../../../src/domain/secret/secret-format.js';
import { deleteCredential } from '../../../../src/usecases/credential/delete.js';
import { identify } from '../../../../src/usecases/scan/identify.js';
import { openScenario, REVOKE } from '../../../usecases/scenario.js';

const schemaPath = new URL('../../../support/schemas/sarif-2.1.0.json', import.meta.url);
const ajv = new Ajv({ strict: false });
addFormats.default(ajv);
const isSarif = ajv.compile(JSON.parse(readFileSync(schemaPath, 'utf8')));

/** What GitHub's code scanning requires of a run besides the schema. */
const accepted = z.object({
  version: z.literal('2.1.0'),
  runs: z.tuple([
    z.object({
      tool: z.object({
        driver: z.object({ name: z.string(), rules: z.array(z.looseObject({ id: z.string() })) }),
      }),
      columnKind: z.literal('utf16CodeUnits'),
      invocations: z.tuple([z.looseObject({ executionSuccessful: z.boolean() })]),
      results: z.array(
        z.looseObject({
          ruleId: z.string(),
          ruleIndex: z.int(),
          level: z.enum(['error', 'warning', 'note']),
          message: z.object({ text: z.string().min(1) }),
          locations: z.tuple([
            z.object({
              physicalLocation: z.object({
                artifactLocation: z.object({ uri: z.string().min(1) }),
                region: z.looseObject({ startLine: z.int().min(1) }),
              }),
            }),
          ]),
          partialFingerprints: z.looseObject({ primaryLocationLineHash: z.string().regex(/:\d+$/) }),
        }),
      ),
    }),
  ]),
});

function runOf(findings: readonly ScanFinding[], unread: readonly { path: string; reason: string }[] = []) {
  const text = sarifDocument(findings, '1.2.3', unread);
  const document = JSON.parse(text);
  expect(isSarif(document), JSON.stringify(isSarif.errors)).toBe(true);
  return { text, ...accepted.parse(document).runs[0] };
}

const placeAt = (path: string, change: Partial<Place> = {}): Place => ({
  path,
  line: 3,
  column: 7,
  encoding: 'text',
  commit: null,
  atHead: null,
  ...change,
});

function foundAt(text: string, standing: ScanFinding['standing'], ...places: readonly Place[]): ScanFinding {
  const secret = parseSecret(text);
  if (secret === null) throw new Error('no secret');
  return { secret, standing, places };
}

const FOREIGN = composeSecret('cctl', 'sec', 'mnopqrstuvwx', 'T'.repeat(43));

/** A secret in each state, as a store says it, and their texts in the same order. */
async function everyState(): Promise<{ findings: readonly ScanFinding[]; texts: readonly string[] }> {
  const scenario = await openScenario();
  const gone = await scenario.issue({ name: 'gone' });
  await deleteCredential(scenario.process(), 'gone');
  const old = await scenario.issue();
  const live = await scenario.rotate({ supersede: REVOKE });
  const { prefix, id } = parseSecret(live) ?? { prefix: '', id: '' };
  const forged = composeSecret(prefix, 'key', id, 'F'.repeat(43));
  const texts = [FOREIGN, forged, old, gone, live];
  const findings = texts.map(async (text, index) => {
    const parsed = parseSecret(text);
    if (parsed === null) throw new Error(text);
    return foundAt(text, await identify(scenario.process(), parsed), placeAt(`file ${index}`));
  });
  return { findings: byUrgency(await Promise.all(findings)), texts };
}

describe('findings as SARIF', () => {
  it('have a rule and a level for each state, those first that need something', async () => {
    const { findings } = await everyState();
    const { results, tool } = runOf(findings);
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['credctl/live-api-key', 'error'],
      ['credctl/dead-api-key', 'note'],
      ['credctl/dead-api-key', 'note'],
      ['credctl/forged-api-key', 'note'],
      ['credctl/foreign-client-secret', 'note'],
    ]);
    const { rules } = tool.driver;
    expect(results.map(({ ruleIndex }) => rules[ruleIndex]?.id)).toEqual(results.map(({ ruleId }) => ruleId));
    expect(rules).toHaveLength(4);
    const unchecked = runOf([foundAt(FOREIGN, { state: 'unchecked' }, placeAt('a'))]).results[0];
    expect(unchecked?.level).toBe('warning');
  });

  it('say whose secret it is, by its handle', async () => {
    const { findings } = await everyState();
    const { results } = runOf(findings);
    const handle = findings[0]?.secret.handle;
    expect(results[0]?.message.text).toBe(`${handle}, a live API key of ci-bot, version 2.`);
    const deleted = results.map(({ message }) => message.text).find((text) => text.includes('gone'));
    expect(deleted).toMatch(/, a dead API key of gone, which was deleted\.$/);
    expect(results.at(-1)?.message.text).toBe('cctl_sec_mnopqrstuvwx, a foreign client secret.');
  });

  it('have no secret in them, not even in a path', async () => {
    const { findings, texts } = await everyState();
    const named = findings.map((finding, index) => ({
      ...finding,
      places: [placeAt(`dir/${texts[index]}.txt`), placeAt(`https://example.com/?key=${texts[index]}`)],
    }));
    const unread = texts.map((text) => ({ path: text, reason: `it is ${text}` }));
    const { text } = runOf(named, unread);
    for (const secret of texts) {
      expect(text).not.toContain(secret.slice(-40));
      expect(text).not.toContain(secret.slice(21, 40));
    }
  });

  it('are a result for each place, with a fingerprint that a moved line keeps', () => {
    const places = [placeAt('a.txt'), placeAt('a.txt', { line: 9 }), placeAt('b.txt')];
    const moved = places.map((place) => ({ ...place, line: (place.line ?? 0) + 5 }));
    const [one, other] = [places, moved].map((at) =>
      runOf([foundAt(FOREIGN, { state: 'unchecked' }, ...at)]),
    );
    const prints = one?.results.map(({ partialFingerprints }) => partialFingerprints.primaryLocationLineHash);
    expect(prints).toEqual(['cctl_sec_mnopqrstuvwx:1', 'cctl_sec_mnopqrstuvwx:2', 'cctl_sec_mnopqrstuvwx:1']);
    expect(other?.results.map(({ partialFingerprints }) => partialFingerprints)).toEqual(
      one?.results.map(({ partialFingerprints }) => partialFingerprints),
    );
  });

  it('are where the secret begins and ends, as far as that is known', () => {
    const places = [
      placeAt('a', { column: 1 }),
      placeAt('a', { encoding: 'base64' }),
      placeAt('a', { column: null }),
      placeAt('a', { line: null, column: null }),
    ];
    const { results } = runOf([foundAt(FOREIGN, { state: 'foreign' }, ...places)]);
    expect(results.map(({ locations: [{ physicalLocation }] }) => physicalLocation.region)).toEqual([
      { startLine: 3, startColumn: 1, endLine: 3, endColumn: 1 + FOREIGN.length },
      { startLine: 3, startColumn: 7 },
      { startLine: 3 },
      { startLine: 1 },
    ]);
  });

  it('tell the commit, and whether it is still there', () => {
    const commit = 'c'.repeat(40);
    const [result] = runOf([
      foundAt(FOREIGN, { state: 'foreign' }, placeAt('a', { commit, atHead: false })),
    ]).results;
    expect(result?.message.text).toMatch(/, in commit cccccccccccc, no longer in the present one\.$/);
    expect(result?.['properties']).toMatchObject({ commit, atHead: false });
  });

  it('may be none, and may be incomplete', () => {
    expect(runOf([]).results).toEqual([]);
    expect(runOf([]).invocations[0].executionSuccessful).toBe(true);
    const [{ executionSuccessful, ...rest }] = runOf([], [{ path: 'a[1].txt', reason: 'EIO' }]).invocations;
    expect(executionSuccessful).toBe(false);
    expect(rest).toEqual({
      toolExecutionNotifications: [
        { level: 'error', message: { text: 'a\\[1\\].txt could not be read: EIO' } },
      ],
    });
  });
});

describe('a path in SARIF', () => {
  it.each([
    ['src/a b#1.ts', 'src/a%20b%231.ts'],
    ['./src/ä?.ts', 'src/%C3%A4%3F.ts'],
    ['a:b', 'a%3Ab'],
    ['100%', '100%25'],
    ['/srv/app/x y', 'file:///srv/app/x%20y'],
    ['../up', '../up'],
    ['\ud800', '%EF%BF%BD'],
    ['standard input', 'standard%20input'],
    ['https://github.com/o/r/blob/abc/f.txt', 'https://github.com/o/r/blob/abc/f.txt'],
    ['https:', 'https%3A'],
  ])('%j is %s', (path, uri) => {
    expect(placeUri(path)).toBe(uri);
  });

  it('is always a reference by the schema, and leads back to the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (path) => {
        fc.pre(!/^(?:\/|\.\/|https?:)/i.test(path));
        const { results } = runOf([foundAt(FOREIGN, { state: 'foreign' }, placeAt(path))]);
        const { uri } = results[0]?.locations[0].physicalLocation.artifactLocation ?? { uri: '' };
        expect(decodeURIComponent(uri)).toBe(path);
      }),
    );
  });
});
