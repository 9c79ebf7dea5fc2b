import { sendJson } from '../answer.js';
import type { Handler, ServerContext } from '../context.js';
import { unavailable, WireError } from '../wire-error.js';

/** `GET /healthz`: liveness. */
export function healthEndpoint(): Handler {
  return (_, reply) => {
    sendJson(reply, { status: 'ok' });
    return undefined;
  };
}

/** `GET /readyz`: readiness; the store can be read and written, and the server was not told to end. */
export function readinessEndpoint({ store, writeFault, isEnding }: ServerContext): Handler {
  return async (_, reply) => {
    if (isEnding()) throw new WireError(unavailable());
    await store.probe();
    // Some faults, such as an exceeded quota, occur only on writes.
    const fault = await writeFault();
    if (fault !== null) throw fault;
    return sendJson(reply, { status: 'ready' });
  };
}

/** `GET /metrics`: metrics in the Prometheus text format. */
export function metricsEndpoint({ metrics, openLeaks }: ServerContext): Handler {
  return async (_, reply) => {
    await openLeaks.refresh();
    const { type, text } = await metrics.render();
    return reply.type(type).send(text);
  };
}
