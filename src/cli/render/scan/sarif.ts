import type { ScanFinding, Standing } from '../../../domain/scan/finding.js';
import type { Place } from '../../../domain/scan/place.js';
import { SECRET_OVERHEAD, type SecretKind } from '../../../domain/secret/secret-format.js';
import { safeJson } from '../../../domain/text/safe-text.js';
import type { Unreadable } from '../../../usecases/scan/scan.js';
import { masked } from '../../exit.js';
import { placeUri } from './place-uri.js';

type State = Standing['state'];
type Level = 'error' | 'warning' | 'note';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const KINDS: Readonly<Record<SecretKind, { readonly id: string; readonly noun: string }>> = {
  key: { id: 'api-key', noun: 'API key' },
  sec: { id: 'client-secret', noun: 'client secret' },
  tok: { id: 'access-token', noun: 'access token' },
};

/** GitHub sorts by the severity, from 0.1 to 10, as CVSS has it. */
const STATES: Readonly<
  Record<
    State,
    { readonly level: Level; readonly severity: string; readonly is: string; readonly todo: string }
  >
> = {
  live: {
    level: 'error',
    severity: '9.5',
    is: 'authenticates',
    todo: "Rotate it ('credctl rotate NAME') or stop it ('credctl deactivate NAME'). Removing it from the file does not stop it.",
  },
  unchecked: {
    level: 'warning',
    severity: '8.0',
    is: 'is well formed, and no store was asked about it',
    todo: "Look it up with 'credctl scan' where the store is, and take it out of the file.",
  },
  dead: {
    level: 'note',
    severity: '2.0',
    is: 'does not authenticate any more',
    todo: 'Nothing has to be done.',
  },
  forged: {
    level: 'note',
    severity: '1.0',
    is: 'has the handle of a secret and is another: it has never authenticated',
    todo: 'Nothing has to be done.',
  },
  foreign: {
    level: 'note',
    severity: '1.0',
    is: 'is of another store',
    todo: 'Tell the owners of that store.',
  },
};

/**
 * The findings as SARIF 2.1.0, in the subset that GitHub's code scanning takes: one result for each place, since it shows
 * the first location of a result only, and fingerprints it by the handle, so that a line that moves is no new alert.
 *
 * @param version of credctl
 * @param unread parts that could not be read
 */
export function sarifDocument(
  findings: readonly ScanFinding[],
  version: string,
  unread: readonly Unreadable[] = [],
): string {
  const rules = rulesOf(findings);
  const occurrences = new Occurrences();
  const results = findings.flatMap((finding) =>
    finding.places.map((place) => resultOf(finding, place, rules, occurrences)),
  );
  const run = {
    tool: {
      driver: {
        name: 'credctl',
        semanticVersion: version,
        rules: [...rules.values()],
      },
    },
    invocations: [
      {
        executionSuccessful: unread.length === 0,
        toolExecutionNotifications: unread.map(({ path, reason }) => ({
          level: 'error',
          message: { text: literal(`${masked(path)} could not be read: ${masked(reason)}`) },
        })),
      },
    ],
    columnKind: 'utf16CodeUnits',
    results,
  };
  return `${safeJson({ $schema: SCHEMA, version: '2.1.0', runs: [run] })}\n`;
}

type Rule = ReturnType<typeof ruleOf>;

/** The rules that the findings need, by name, in their order. */
function rulesOf(findings: readonly ScanFinding[]): ReadonlyMap<string, Rule> {
  return new Map(
    findings.map(({ secret, standing: { state } }) => [
      ruleIdOf(state, secret.kind),
      ruleOf(state, secret.kind),
    ]),
  );
}

function ruleIdOf(state: State, kind: SecretKind): string {
  return `credctl/${state}-${KINDS[kind].id}`;
}

function ruleOf(state: State, kind: SecretKind) {
  const { level, severity, is, todo } = STATES[state];
  const sentence = `This ${KINDS[kind].noun} of credctl ${is}.`;
  return {
    id: ruleIdOf(state, kind),
    name: `${capitalised(state)}${KINDS[kind].id.split('-').map(capitalised).join('')}`,
    shortDescription: { text: `A ${state} ${KINDS[kind].noun} of credctl` },
    fullDescription: { text: sentence },
    help: { text: `${sentence} ${todo}` },
    defaultConfiguration: { level },
    properties: { precision: 'very-high', 'security-severity': severity, tags: ['security', 'secret'] },
  };
}

function resultOf(
  finding: ScanFinding,
  place: Place,
  rules: ReadonlyMap<string, Rule>,
  occurrences: Occurrences,
) {
  const { secret, standing } = finding;
  const ruleId = ruleIdOf(standing.state, secret.kind);
  const uri = placeUri(masked(place.path));
  return {
    ruleId,
    ruleIndex: [...rules.keys()].indexOf(ruleId),
    level: STATES[standing.state].level,
    message: { text: literal(messageOf(finding, place)) },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: regionOf(finding, place) } }],
    partialFingerprints: {
      // The only one that GitHub reads: PART:COUNT, which it joins with the rule and the path.
      primaryLocationLineHash: `${secret.handle}:${occurrences.next(ruleId, secret.handle, uri)}`,
      'credctlHandle/v1': secret.handle,
    },
    properties: {
      handle: secret.handle,
      state: standing.state,
      ...('reason' in standing ? { reason: standing.reason } : {}),
      encoding: place.encoding,
      ...(place.commit === null ? {} : { commit: place.commit }),
      ...(place.atHead === null ? {} : { atHead: place.atHead }),
    },
  };
}

/** Counts the places of a handle in one file. */
class Occurrences {
  readonly #counts = new Map<string, number>();

  next(...parts: readonly string[]): number {
    const key = parts.join('\n');
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count;
  }
}

/** GitHub refuses a location without a line: where none is known, it is the first one. */
function regionOf({ secret }: ScanFinding, { line, column, encoding }: Place) {
  if (line === null || column === null) return { startLine: line ?? 1 };
  if (encoding !== 'text') return { startLine: line, startColumn: column };
  const end = column + secret.prefix.length + SECRET_OVERHEAD;
  return { startLine: line, startColumn: column, endLine: line, endColumn: end };
}

function messageOf({ secret, standing }: ScanFinding, { commit, atHead }: Place): string {
  const of = ownerOf(standing);
  const what = `${secret.handle}, ${article(standing.state)} ${standing.state} ${KINDS[secret.kind].noun}${of}`;
  if (commit === null) return `${what}.`;
  const there = atHead === false ? ', no longer in the present one' : '';
  return `${what}, in commit ${commit.slice(0, 12)}${there}.`;
}

function ownerOf(standing: Standing): string {
  if (standing.state === 'foreign' || standing.state === 'unchecked') return '';
  const { credential } = standing;
  const name = masked(credential.name ?? credential.id);
  const version = 'version' in standing ? `, version ${standing.version.number}` : ', which was deleted';
  return ` of ${name}${version}`;
}

function article(state: State): string {
  return state === 'unchecked' ? 'an' : 'a';
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** A text in which nothing is read as a link or a placeholder (SARIF 2.1.0 §3.11.5, §3.11.6). */
function literal(text: string): string {
  return text.replaceAll(/[\\[\]]/g, '\\$&').replaceAll(/[{}]/g, '$&$&');
}
