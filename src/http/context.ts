import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/ports/ports.js';
import type { ServingStore } from '../domain/ports/serving-port.js';
import type { TokenIssuer } from '../usecases/serving/issue-token.js';
import type { Verifier } from '../usecases/serving/verifier.js';
import { sendAnswer } from './answer.js';
import type { Metrics } from './metrics.js';
import type { Trust } from './request/client-address.js';
import type { RequestBatch } from './request-batch.js';
import type { WireAnswer } from './wire-error.js';

/** What the endpoints work with. */
export interface ServerContext {
  readonly store: ServingStore;
  readonly verifier: Verifier;
  readonly tokenIssuer: TokenIssuer;
  readonly requests: RequestBatch;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** The URL that clients know the server by; null when it goes by what they call it. */
  readonly publicUrl: string | null;
  /** Whose `X-Forwarded-For` is believed. */
  readonly trusts: Trust;
  /** What keeps uses from being written at present; null for nothing. */
  writeFault(): Promise<unknown>;
  /** Whether the server is going down. */
  isDraining(): boolean;
}

/** One endpoint. It answers at once, or later. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined;

/** An endpoint that answers once it is its turn; see {@link RequestBatch}. */
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
