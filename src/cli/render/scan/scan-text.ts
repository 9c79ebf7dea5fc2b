import type { ChalkInstance } from 'chalk';
import { describeLastUse } from '../../../domain/credential/use.js';
import { versionState } from '../../../domain/credential/version.js';
import type { ScanFinding, Standing } from '../../../domain/scan/finding.js';
import type { Place } from '../../../domain/scan/place.js';
import type { SecretKind } from '../../../domain/secret/secret-format.js';
import { safeForTerminal } from '../../../domain/text/safe-text.js';
import type { TimeFormat } from '../last-use.js';

const KINDS: Readonly<Record<SecretKind, string>> = {
  key: 'API key',
  sec: 'client secret',
  tok: 'access token',
};

const COLOURS = {
  live: 'red',
  unchecked: 'yellow',
  dead: 'dim',
  forged: 'dim',
  foreign: 'dim',
} as const satisfies Readonly<Record<Standing['state'], keyof ChalkInstance>>;

/** Findings as text: a line for what was found, and one for each place. Only handles are shown. */
export function scanText(
  findings: readonly ScanFinding[],
  now: number,
  format: TimeFormat,
  style: ChalkInstance,
): string {
  return findings.map((finding) => findingText(finding, now, format, style)).join('');
}

function findingText(
  { secret, standing, places }: ScanFinding,
  now: number,
  format: TimeFormat,
  style: ChalkInstance,
): string {
  const state = style[COLOURS[standing.state]](standing.state);
  const lines = [
    `${state}: ${secret.handle}, ${described(KINDS[secret.kind], standing, now, format)}`,
    ...places.map((place) => `  ${placeLine(place)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function described(kind: string, standing: Standing, now: number, format: TimeFormat): string {
  switch (standing.state) {
    case 'unchecked':
      return `${kind}, not looked up`;
    case 'foreign':
      return `${kind} of another store`;
    case 'forged':
      return `${kind} with the handle of ${standing.credential.name}, and not its secret`;
    case 'dead':
      if (standing.reason === 'deleted') {
        const { id, name, deletedAt } = standing.credential;
        return `${kind} of ${name ?? id}, deleted ${format(deletedAt)}`;
      }
      return `${known(kind, standing, now, format)}; ${WHY[standing.reason]}`;
    case 'live':
      return known(kind, standing, now, format);
  }
}

const WHY = {
  version_retired: 'it no longer works',
  inactive: 'its credential is deactivated',
  owner_inactive: "its credential's owner is deactivated",
  expired: 'it has expired',
  canary: 'a canary, which grants nothing',
} as const;

function known(
  kind: string,
  { credential, version }: Extract<Standing, { readonly version: unknown }>,
  now: number,
  format: TimeFormat,
): string {
  const owner = credential.owner === null ? '' : ` (owner ${credential.owner.name})`;
  const state = versionState(version, now);
  return `${kind} of ${credential.name}${owner}, version ${version.number}, ${state}, ${describeLastUse(version, format)}`;
}

const HOW = {
  text: '',
  'utf-16': ', in UTF-16',
  base64: ', in base64',
  percent: ', percent-encoded',
} as const;

function placeLine({ path, line, column, encoding, commit, atHead }: Place): string {
  const position = [path, line, column].filter((part) => part !== null).join(':');
  const since = commit === null ? '' : ` since commit ${commit.slice(0, 12)}`;
  const present = atHead === null ? '' : atHead ? ', still at HEAD' : ', no longer at HEAD';
  return safeForTerminal(`${position}${HOW[encoding]}${since}${present}`, { newlines: 'escape' });
}
