import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/ports/ports.js';
import type { ServingStore } from '../domain/ports/serving-port.js';
import type { ChangeDependencies } from '../usecases/change.js';
import type { TokenIssuer } from '../usecases/serving/issue-token.js';
import type { SecretChecks } from '../usecases/serving/secret-checks.js';
import type { Verifier } from '../usecases/serving/verifier.js';
import { sendAnswer } from './answer.js';
import type { Metrics } from './metrics.js';
import type { Trust } from './request/client-address.js';
import type { RequestBatch } from './request-batch.js';
import type { OpenLeaks } from './scan/open-leaks.js';
import type { SigningKeys } from './scan/signing-keys.js';
import type { WireAnswer } from './wire-error.js';

/** What is done with alerts of GitHub. */
export interface AlertSettings {
  readonly keys: SigningKeys;
  /** Whether what is live is stopped. */
  readonly stops: boolean;
}

/** Shared dependencies of the endpoints. */
export interface ServerContext {
  readonly store: ServingStore;
  readonly verifier: Verifier;
  readonly tokenIssuer: TokenIssuer;
  readonly secretChecks: SecretChecks;
  /** For changes of the store, such as found leaks. */
  readonly changes: ChangeDependencies;
  readonly openLeaks: OpenLeaks;
  /** Null where no alerts are taken. */
  readonly alerts: AlertSettings | null;
  readonly requests: RequestBatch;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Base URL of the server for clients; null to derive it from the `Host` header. */
  readonly publicUrl: string | null;
  /** Proxies whose `X-Forwarded-For` is trusted. */
  readonly trusts: Trust;
  /** The error that keeps uses from being written; null for none. */
  writeFault(): Promise<unknown>;
  /** Whether the server was told to end; it may still accept connections. */
  isEnding(): boolean;
  /** Whether the server no longer accepts connections, and closes those that there are. */
  isDraining(): boolean;
}

/** An endpoint; it may answer synchronously. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined;

/** An endpoint whose requests are answered in a {@link RequestBatch}. */
export function batched(
  { requests }: Pick<ServerContext, 'requests'>,
  answer: (request: FastifyRequest) => WireAnswer | Promise<WireAnswer>,
): Handler {
  return (request, reply) => {
    const send = (answered: WireAnswer) => sendAnswer(reply, answered);
    const refuse = (fault: unknown) => reply.send(fault instanceof Error ? fault : new Error(String(fault)));
    requests.add(() => {
      try {
        const answered = answer(request);
        return answered instanceof Promise
          ? () => void answered.then(send).catch(refuse)
          : () => send(answered);
      } catch (fault) {
        return () => refuse(fault);
      }
    });
    return undefined;
  };
}
