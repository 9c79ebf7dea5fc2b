import type { FastifyRequest } from 'fastify';
import type { ServerContext } from './context.js';

/**
 * The issuer identifier (RFC 8414 §2): the public URL, or the `Host` header, which has passed the host check.
 */
export function issuerOf({ publicUrl }: Pick<ServerContext, 'publicUrl'>, request: FastifyRequest): string {
  return publicUrl ?? `http://${request.headers.host ?? ''}`;
}
