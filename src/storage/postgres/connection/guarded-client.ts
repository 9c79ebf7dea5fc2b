import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import pg from 'pg';
import { CredctlError } from '../../../domain/errors.js';
import {
  answerable,
  isLoopback,
  type Line,
  type LoginMethod,
  type RequiredMethods,
  type Unanswerable,
} from './login-methods.js';

/** What decides which authentication requests of a server are answered. */
export interface LoginPolicy {
  readonly location: string;
  readonly host: string;
  readonly isDeclined: boolean;
  readonly required: RequiredMethods | null;
  /** Whether nothing is answered but SCRAM with channel binding (`channel_binding=require`). */
  readonly mustBind: boolean;
}

/** The driver's event for each request. */
const REQUESTS: readonly (readonly [event: string, method: LoginMethod])[] = [
  ['authenticationCleartextPassword', 'password'],
  ['authenticationMD5Password', 'md5'],
  ['authenticationSASL', 'scram-sha-256'],
];

/** A client that answers an authentication request only if the policy allows its method on this connection. */
export function guardedClient(policy: LoginPolicy): new (config?: string | pg.ClientConfig) => pg.Client {
  return class extends pg.Client {
    constructor(config?: string | pg.ClientConfig) {
      super(config);
      guard(this.connection, policy);
    }
  };
}

/**
 * Installs the policy's listeners before those of the driver, which registers its own when it connects. Destroying
 * the stream discards whatever the driver would answer, also where it holds the password already: a server can ask
 * more than once.
 */
function guard(connection: pg.Connection, policy: LoginPolicy): void {
  let hasAsked = false;
  let isUnfinished = false;
  const refuse = (fault: CredctlError): void => {
    connection.stream.destroy();
    connection.emit('error', fault);
  };
  const judge = (method: LoginMethod): void => {
    const reason = answerable(method, lineOf(connection.stream, policy), policy.required);
    if (reason !== null) refuse(unanswered(reason, method, policy));
  };
  for (const [event, method] of REQUESTS) {
    connection.on(event, (request: { readonly mechanisms?: readonly string[] }) => {
      hasAsked = true;
      if (policy.mustBind && !binds(connection.stream, request.mechanisms)) refuse(unbound(policy));
      else judge(method);
    });
  }
  // The server's signature proves that it knows the password as well (RFC 5802 §3); the driver checks it before
  // this event.
  connection.on('authenticationSASL', () => {
    isUnfinished = true;
  });
  connection.on('authenticationSASLFinal', () => {
    isUnfinished = false;
  });
  connection.on('authenticationOk', () => {
    if (!hasAsked && policy.mustBind) refuse(unbound(policy));
    else if (!hasAsked) judge('none');
    if (isUnfinished) refuse(unfinished(policy));
  });
}

/** Whether the driver will bind its answer to this connection; it does wherever the server offers that over TLS. */
function binds(stream: unknown, mechanisms: readonly string[] = []): boolean {
  return stream instanceof TLSSocket && mechanisms.includes('SCRAM-SHA-256-PLUS');
}

function lineOf(stream: unknown, { host, isDeclined }: LoginPolicy): Line {
  const isLocal = host.startsWith('/') || (stream instanceof Socket && isLoopback(stream.remoteAddress));
  const isEncrypted = stream instanceof TLSSocket;
  return { isEncrypted, isVerified: isEncrypted && stream.authorized, isLocal, isDeclined };
}

const WHAT: Readonly<Record<LoginMethod, string>> = {
  password: 'the unencrypted password',
  md5: 'the MD5 of the password',
  'scram-sha-256': 'SCRAM-SHA-256',
  none: 'nothing',
};

function unbound({ location }: LoginPolicy): CredctlError {
  return new CredctlError(
    'denied',
    `${location} does not offer the channel binding that channel_binding=require demands`,
    {
      hint: 'the password was not sent; turn on TLS and scram-sha-256 at the server, or use channel_binding=prefer',
    },
  );
}

function unfinished({ location }: LoginPolicy): CredctlError {
  return new CredctlError('denied', `${location} does not prove that it knows the password (SCRAM-SHA-256)`, {
    hint: 'no statement was sent, because this may be a false server; check the URL, and add sslmode=verify-full to it',
  });
}

function unanswered(reason: Unanswerable, method: LoginMethod, { location }: LoginPolicy): CredctlError {
  switch (reason) {
    case 'ruled-out':
      return new CredctlError('denied', `${location} asks for ${WHAT[method]}, which require_auth forbids`, {
        hint: 'the password was not sent; see pg_hba.conf of the server for the method of this login',
      });
    case 'in-clear':
      return new CredctlError(
        'denied',
        `${location} asks for ${WHAT[method]} over an unencrypted connection`,
        {
          hint: 'the password was not sent; turn on TLS at the server and add sslmode=verify-full to the URL, or turn on scram-sha-256; sslmode=disable sends the password anyway',
        },
      );
    case 'unverified':
      return new CredctlError(
        'denied',
        `${location} asks for ${WHAT[method]}, and its identity was not checked`,
        {
          hint: 'the password was not sent; add sslmode=verify-full to the URL (and sslrootcert=FILE for your own authority), or turn on scram-sha-256 at the server; require_auth=password,md5 sends the password anyway',
        },
      );
  }
}
