import type { FastifyReply } from 'fastify';
import type { Answer } from '../usecases/serving/grant.js';
import { endOf } from '../usecases/serving/grant.js';
import { whenThere } from '../usecases/serving/when-there.js';
import { sendJson } from './answer.js';
import { bearerSecret } from './bearer.js';
import { clientAddress } from './client-address.js';
import { type Handler, inTurn, type ServerContext } from './context.js';
import { bearerDenied } from './wire-error.js';

/** `GET /rest/v1/auth/test`: says whose API key or access token it was sent. */
export function testAuthEndpoint(context: ServerContext): Handler {
  return inTurn(context, (request, reply) => {
    const { secret, kinds } = bearerSecret(request.raw);
    const address = clientAddress(request);
    return whenThere(context.verifier.verify({ secret, kinds, clientId: null, address }), (answer) =>
      tell(context, reply, secret, answer),
    );
  });
}

function tell({ metrics }: ServerContext, reply: FastifyReply, secret: string, answer: Answer): FastifyReply {
  metrics.countVerification(answer);
  if (!answer.granted) throw bearerDenied(answer, secret);
  const { credential, scopes } = answer;
  const end = endOf(answer);
  return sendJson(reply.header('cache-control', 'no-store'), {
    name: credential.name,
    type: credential.type,
    client_id: credential.clientId,
    scopes,
    expires_at: end === null ? null : new Date(end).toISOString(),
  });
}
