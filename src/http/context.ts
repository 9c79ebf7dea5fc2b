import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/ports.js';
import type { ServingStore } from '../domain/serving-port.js';
import type { TokenGranter } from '../usecases/serving/grant-token.js';
import type { Verifier } from '../usecases/serving/verifier.js';
import type { Metrics } from './metrics.js';
import type { Turns } from './turns.js';

/** What the endpoints work with. */
export interface ServerContext {
  readonly store: ServingStore;
  readonly verifier: Verifier;
  readonly granter: TokenGranter;
  readonly turns: Turns;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** The URL that clients know the server by; null when it goes by what they call it. */
  readonly publicUrl: string | null;
  /** Whether the server is going down. */
  isDraining(): boolean;
}

/** One endpoint. It answers at once, or later. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined;

/** An endpoint that answers once it is its turn; see {@link Turns}. */
export function inTurn(
  { turns }: Pick<ServerContext, 'turns'>,
  answer: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>,
): Handler {
  return (request, reply) => {
    turns.take(() => {
      try {
        const answered = answer(request, reply);
        if (answered instanceof Promise) answered.catch((fault) => refuse(reply, fault));
      } catch (fault) {
        refuse(reply, fault);
      }
    });
    return undefined;
  };
}

function refuse(reply: FastifyReply, fault: unknown): void {
  reply.send(fault instanceof Error ? fault : new Error(String(fault)));
}
