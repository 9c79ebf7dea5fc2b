import { sendJson } from '../answer.js';
import type { Handler, ServerContext } from '../context.js';
import { unavailable, WireError } from '../wire-error.js';

/** `GET /healthz`: the process lives. */
export function healthEndpoint(): Handler {
  return (_, reply) => {
    sendJson(reply, { status: 'ok' });
    return undefined;
  };
}

/** `GET /readyz`: the store can be read and written, and the server is not going down. */
export function readinessEndpoint({ store, writeFault, isDraining }: ServerContext): Handler {
  return async (_, reply) => {
    if (isDraining()) throw new WireError(unavailable());
    await store.probe();
    // A quota, say, shows only when something is written.
    const fault = await writeFault();
    if (fault !== null) throw fault;
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
