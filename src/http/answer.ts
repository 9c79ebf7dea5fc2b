import type { FastifyReply } from 'fastify';
import type { WireAnswer } from './wire-error.js';

const JSON_TYPE = 'application/json';

/** Sends a wire answer. */
export function sendAnswer(reply: FastifyReply, { status, headers, body }: WireAnswer): FastifyReply {
  reply.code(status).headers(headers);
  return body === null ? reply.send() : reply.type(JSON_TYPE).send(JSON.stringify(body));
}

/** Sends a JSON document. */
export function sendJson(reply: FastifyReply, body: Readonly<Record<string, unknown>>): FastifyReply {
  return reply.type(JSON_TYPE).send(JSON.stringify(body));
}
