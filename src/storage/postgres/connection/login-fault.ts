import { CredctlError } from '../../../domain/errors.js';
import { CHECK_PASSWORD, hasMeaning, postgresFault, sqlStateOf } from '../fault.js';
import type { Patience } from './patience.js';

/** How a login was tried. */
export interface LoginAttempt {
  /** The database as messages name it, without the password. */
  readonly location: string;
  readonly usesTls: boolean;
  readonly patience: Patience;
}

/**
 * The error to report for a failed login. Whatever SQLSTATE the server answers here is about the server, its
 * settings or the URL, never about a statement of this program.
 */
export function loginFault(fault: unknown, attempt: LoginAttempt): unknown {
  const { location } = attempt;
  const state = sqlStateOf(fault);
  if (state === null) return postgresFault(fault, location, attempt.patience);
  const refusal = refusalOf(state, fault instanceof Error ? fault.message : '', attempt);
  if (refusal !== null) {
    const { code, fact, hint } = refusal;
    return new CredctlError(code, `${location} ${fact}`, { hint, cause: fault });
  }
  if (hasMeaning(state)) return postgresFault(fault, location, attempt.patience);
  return new CredctlError('store_unavailable', `${location} refuses the session (SQLSTATE ${state})`, {
    hint: 'check the URL, first of all its options, and see the log of the server',
    cause: fault,
  });
}

interface Refusal {
  readonly code: 'denied' | 'store_unavailable';
  readonly fact: string;
  readonly hint: string;
}

/** The words by which servers and poolers that require TLS say so; each uses an SQLSTATE of its own. */
const WANTS_TLS = /\b(?:ssl|tls|encryption|insecure)\b/i;

function refusalOf(state: string, message: string, { usesTls }: LoginAttempt): Refusal | null {
  switch (state) {
    case '28P01':
      return {
        code: 'denied',
        fact: 'refuses the password',
        // The server does not disclose that a password has expired (`valid until`).
        hint: `${CHECK_PASSWORD}; the password of the role can also have expired`,
      };
    case '42501':
      return {
        code: 'denied',
        fact: 'does not let this login connect',
        hint: 'grant it the right to connect to the database, or log in as another role',
      };
    default:
      break;
  }
  if (!usesTls && (WANTS_TLS.test(message) || (state.startsWith('28') && !isAboutRole(message)))) {
    return {
      code: 'denied',
      fact: 'does not accept this login from this machine',
      hint: 'the connection is without TLS: try sslmode=require in the URL, or see pg_hba.conf of the server',
    };
  }
  if (state.startsWith('28')) {
    return isAboutRole(message)
      ? {
          code: 'denied',
          fact: 'does not have this role, or the role may not log in',
          hint: 'check the user in the URL; an administrator lets a role log in by: alter role NAME login',
        }
      : {
          code: 'denied',
          fact: 'does not accept this login from this machine',
          hint: 'see pg_hba.conf of the server for this user, database and address',
        };
  }
  return state === '08P01' ? poolerRefusal(message) : null;
}

/**
 * The message is in the server's language (`lc_messages`), mostly English; in other languages the general hint is
 * given.
 */
function isAboutRole(message: string): boolean {
  return /is not permitted to log in|role .* does not exist/.test(message);
}

/** PgBouncer's own refusals; its messages are always in English. */
function poolerRefusal(message: string): Refusal | null {
  const parameter = /unsupported startup parameter(?: in options)?: (\w+)/.exec(message)?.[1];
  if (parameter === undefined) return null;
  return {
    code: 'store_unavailable',
    fact: `is behind a pooler that refuses ${parameter}`,
    hint: 'leave options out of the URL and out of PGOPTIONS, or let the pooler ignore them (PgBouncer: ignore_startup_parameters = options)',
  };
}
