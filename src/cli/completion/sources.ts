import type { Argument, Option } from 'commander';
import { AUDIT_ACTIONS } from '../../domain/audit-event.js';
import { type CredentialStatus, OWNER_KINDS } from '../../domain/credential/credential.js';
import { CREDENTIAL_SORTS } from '../../domain/ports/store-port.js';
import { CREDENTIAL_TYPES } from '../../domain/scope/catalog.js';
import { presetNames } from '../../domain/scope/presets.js';
import { SECRET_FORMATS } from '../render/secret.js';
import { SHELLS } from './shells.js';

/** Kinds of names that only the store knows. */
export const NAME_KINDS = ['credential', 'owner', 'target', 'scope'] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** Where the candidates for one word come from. */
export type Source =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'files' }
  | { readonly kind: 'directories' }
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'names'; readonly of: NameKind };

const STATUSES: readonly CredentialStatus[] = ['active', 'inactive', 'expired'];

const NOTHING: Source = { kind: 'nothing' };

const FLAG_SOURCES: Readonly<Record<string, Source>> = {
  '--action': values(AUDIT_ACTIONS),
  '--catalog': values(presetNames),
  '--format': values(SECRET_FORMATS),
  '--hash': values(['bcrypt', 'sha256']),
  '--kind': values(OWNER_KINDS),
  '--log-format': values(['json', 'text']),
  '--reveal': values(['screen', 'inline']),
  '--sort': values(CREDENTIAL_SORTS),
  '--status': values(STATUSES),
  '--type': values(CREDENTIAL_TYPES),
  '--add-scope': names('scope'),
  '--owner': names('owner'),
  '--remove-scope': names('scope'),
  '--scope': names('scope'),
  '--target': names('target'),
  '--store': { kind: 'files' },
  '--to': { kind: 'files' },
};

/** Commands whose NAME is one that nothing has yet. */
const NAMES_SOMETHING_NEW: ReadonlySet<string> = new Set(['create', 'owner create']);

/** What can follow a flag that takes a value. */
export function sourceOfFlag(option: Option): Source {
  if (option.argChoices !== undefined) return values(option.argChoices);
  return FLAG_SOURCES[option.long ?? ''] ?? pathSource(option.flags) ?? NOTHING;
}

/** What can stand for an argument of the command, which is given by its words without `credctl`. */
export function sourceOfArgument(command: string, argument: Argument): Source {
  if (argument.argChoices !== undefined) return values(argument.argChoices);
  const name = argument.name();
  if (name === 'preset') return values(presetNames);
  if (name === 'shell') return values(SHELLS);
  if (name !== 'name') return pathSource(`<${name}>`) ?? NOTHING;
  if (NAMES_SOMETHING_NEW.has(command)) return NOTHING;
  return names(command.startsWith('owner ') ? 'owner' : 'credential');
}

/** A source as the scripts have it: one word with its kind, and after a colon what the kind needs. */
export function encoded(source: Source): string {
  if (source.kind === 'names') return `names:${source.of}`;
  return source.kind === 'values' ? `values:${source.values.join(' ')}` : source.kind;
}

function pathSource(flags: string): Source | null {
  if (/<file>/i.test(flags)) return { kind: 'files' };
  return /<dir(?:ectory)?>/i.test(flags) ? { kind: 'directories' } : null;
}

function values(words: readonly string[]): Source {
  return { kind: 'values', values: words };
}

function names(of: NameKind): Source {
  return { kind: 'names', of };
}
