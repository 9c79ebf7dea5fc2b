import type { ChalkInstance } from 'chalk';
import { type Credential, credentialStatus } from '../../../domain/credential/credential.js';
import { type Version, versionState } from '../../../domain/credential/version.js';
import { exactAndRelative, relativeTime } from '../../../domain/text/relative-time.js';
import { type Column, NEVER_CUT } from '../cells/column.js';
import { paintState, STATE } from '../status.js';
import { renderTable } from '../table.js';
import { handleOfVersion, shownVersions } from '../views.js';
import { describeFacts, type Fact } from './facts.js';
import { indented, wrapWords } from './wrap.js';

const VERSION_COLUMNS: readonly Column[] = [
  { title: '#', importance: 0, least: NEVER_CUT },
  { ...STATE, importance: 0 },
  { title: 'HANDLE', importance: 0, least: NEVER_CUT },
  { title: 'CREATED', importance: 2, least: NEVER_CUT },
  { title: 'LAST USED', importance: 1, least: NEVER_CUT },
  { title: 'FROM', importance: 3, least: NEVER_CUT },
];

/** Columns by which what belongs to a group is indented. */
const INDENT = 2;

/** How a description looks at a moment. */
export interface DescriptionLook {
  /** The store's, for the handles. */
  readonly prefix: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Columns of the terminal. */
  readonly columns: number;
  readonly style: ChalkInstance;
}

/** A credential on a terminal: who it is, what it may do, its life, its versions. */
export function describeCredential(credential: Credential, look: DescriptionLook): string {
  const groups = [identity(credential, look), access(credential, look), life(credential, look)];
  return `${describeFacts(groups, look.columns)}\n${versionTable(credential, look)}`;
}

function identity(credential: Credential, { now, style }: DescriptionLook): readonly Fact[] {
  return [
    { name: 'status', value: credentialStatus(credential, now), paint: (text) => paintState(text, style) },
    { name: 'name', value: credential.name, paint: (text) => style.bold(text) },
    { name: 'type', value: credential.type },
    { name: 'id', value: credential.id },
    { name: 'client id', value: credential.clientId },
    { name: 'description', value: credential.description },
    { name: 'labels', value: [...credential.labels].map(([key, value]) => `${key}=${value}`).join(', ') },
  ];
}

function access({ owner, scopes }: Credential, { style }: DescriptionLook): readonly Fact[] {
  return [
    {
      name: 'owner',
      value: owner === null ? 'none' : `${owner.name} (${owner.kind}, ${owner.status})`,
      paint: (text) => text.replace(/\w+(?=\)$)/, (status) => paintState(status, style)),
    },
    { name: 'scopes', value: groupedByApi(scopes) },
  ];
}

/** The scopes of each API on a line. */
function groupedByApi(scopes: readonly string[]): readonly string[] {
  const groups = new Map<string, string>();
  for (const scope of scopes) {
    const [api = scope] = scope.split(':', 1);
    const before = groups.get(api);
    groups.set(api, before === undefined ? scope : `${before}, ${scope}`);
  }
  return [...groups.values()];
}

function life(credential: Credential, { now }: DescriptionLook): readonly Fact[] {
  const { expiresAt, rotateEvery, rotationDueAt, lastUsedAt, lastUsedFrom } = credential;
  const time = (at: number): string => exactAndRelative(at, now);
  const due = rotationDueAt === null ? 'once delivered' : time(rotationDueAt);
  return [
    { name: 'created', value: `${time(credential.createdAt)} by ${credential.createdBy}` },
    { name: 'changed', value: `${time(credential.updatedAt)}, revision ${credential.revision}` },
    { name: 'expires', value: expiresAt === null ? 'never' : time(expiresAt) },
    { name: 'rotation', value: rotateEvery === null ? 'no policy' : `every ${rotateEvery.text}, due ${due}` },
    { name: 'last used', value: lastUsedAt === null ? 'never' : useText(time(lastUsedAt), lastUsedFrom) },
  ];
}

function useText(time: string, from: string | null): string {
  return from === null ? time : `${time} from ${from}`;
}

/** Versions newest first; below each, when it ends or has ended, and what the table has no room for. */
function versionTable(credential: Credential, { prefix, now, columns, style }: DescriptionLook): string {
  const versions = shownVersions(credential.versions, now);
  const rows = versions.map((version) => [
    String(version.number),
    versionState(version, now),
    handleOfVersion(credential, version, prefix),
    relativeTime(version.createdAt, now),
    version.lastUsedAt === null ? 'never' : relativeTime(version.lastUsedAt, now),
    version.lastUsedFrom ?? '-',
  ]);
  // The indent takes the place of the gap after the last column.
  const [header = '', ...lines] = renderTable(VERSION_COLUMNS, rows, columns, style).trimEnd().split('\n');
  const table = [
    header,
    ...versions.flatMap((version, index) => [
      lines[index] ?? '',
      ...remarks(version, now, header).flatMap((remark) =>
        wrapWords(remark, columns - 2 * INDENT).map((line) => `${' '.repeat(INDENT)}${line}`),
      ),
    ]),
  ];
  return `versions:\n${indented(table, INDENT)}`;
}

function remarks(version: Version, now: number, header: string): readonly string[] {
  const time = (at: number): string => exactAndRelative(at, now);
  const { createdAt, lastUsedAt, lastUsedFrom } = version;
  const has = (title: string): boolean => header.includes(title);
  const use =
    lastUsedAt === null ? 'last used never' : `last used ${useText(time(lastUsedAt), lastUsedFrom)}`;
  const from = lastUsedFrom === null ? null : `last used from ${lastUsedFrom}`;
  return [
    ending(version, now),
    has('CREATED') ? null : `created ${time(createdAt)}`,
    has('LAST USED') ? (has('FROM') ? null : from) : use,
  ].filter((remark) => remark !== null);
}

/** When a version ends, or why and when it has ended. */
function ending(version: Version, now: number): string | null {
  const state = versionState(version, now);
  const at = {
    current: null,
    pending: version.lapsesAt,
    retiring: version.retiresAt,
    retired: version.retiresAt ?? version.ended?.at ?? null,
    revoked: version.revokedAt,
    lapsed: version.lapsesAt ?? version.ended?.at ?? null,
  }[state];
  if (at === null) return null;
  const works = state === 'pending' || state === 'retiring';
  return `${works ? 'works until' : state} ${exactAndRelative(at, now)}`;
}
