import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock, Random, SecretHasher } from '../domain/ports.js';
import type { ServingStore } from '../domain/serving-port.js';
import type { Verifier } from '../usecases/serving/verifier.js';
import type { Metrics } from './metrics.js';

/** What the endpoints work with. */
export interface ServerContext {
  readonly store: ServingStore;
  readonly verifier: Verifier;
  readonly clock: Clock;
  readonly random: Random;
  readonly hasher: SecretHasher;
  readonly metrics: Metrics;
  /** The URL that clients know the server by; null when it goes by what they call it. */
  readonly publicUrl: string | null;
  /** Whether the server is going down. */
  isDraining(): boolean;
}

/** One endpoint. It answers at once and returns nothing, or answers later and returns the reply. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> | undefined;
