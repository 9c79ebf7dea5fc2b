import { sendJson } from './answer.js';
import type { Handler, ServerContext } from './context.js';
import { unavailable, WireError } from './wire-error.js';

/** `GET /healthz`: the process lives. */
export function healthEndpoint(): Handler {
  return (_, reply) => {
    sendJson(reply, { status: 'ok' });
    return undefined;
  };
}

/** `GET /readyz`: the store can be read, and the server is not going down. */
export function readinessEndpoint({ store, isDraining }: ServerContext): Handler {
  return async (_, reply) => {
    if (isDraining()) throw new WireError(unavailable());
    await store.probe();
    return sendJson(reply, { status: 'ready' });
  };
}

/** `GET /metrics`: Prometheus text. */
export function metricsEndpoint({ metrics }: ServerContext): Handler {
  return async (_, reply) => {
    const { type, text } = await metrics.render();
    return reply.type(type).send(text);
  };
}
