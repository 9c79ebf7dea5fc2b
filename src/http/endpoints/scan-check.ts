import type { FastifyRequest } from 'fastify';
import { formatInstant } from '../../domain/duration.js';
import type { Principal } from '../../usecases/serving/principal.js';
import { type CheckedSecret, SCAN } from '../../usecases/serving/secret-checks.js';
import { thenMaybeSync } from '../../usecases/serving/then-maybe-sync.js';
import { batched, type Handler, type ServerContext } from '../context.js';
import { RateLimit } from '../rate-limit.js';
import { authenticateHolder } from '../request/authenticated-client.js';
import { clientAddress } from '../request/client-address.js';
import type { BodyParameters } from '../request/parameters.js';
import { reportLeaks } from '../scan/leak-report.js';
import { good, NO_STORE, oauthError, throttledFor, type WireAnswer, WireError } from '../wire-error.js';

/** Maximum number of secrets in one request. */
const MOST_SECRETS = 100;

/** Maximum number of secrets of one caller in {@link WINDOW_MS}. */
const MOST_OF_A_CALLER = 1_000;
const WINDOW_MS = 60_000;

/** What a request asks about. */
interface Question {
  readonly secrets: readonly string[];
  /** Whether the status is the answer, as for the verification of trufflehog. */
  readonly isVerification: boolean;
}

/** `POST /scan/v1/check`: whether secrets that were found somewhere are live. Those that are become leaks. */
export function scanCheckEndpoint(context: ServerContext): Handler {
  const limit = new RateLimit(MOST_OF_A_CALLER, WINDOW_MS);
  return batched(context, (request) =>
    thenMaybeSync(authenticateHolder(context, request, SCAN), (caller) => {
      const question = questionIn(request.body as BodyParameters | undefined);
      const now = context.clock.now();
      if (!limit.allows(caller.credential.id, now, question.secrets.length)) {
        throw new WireError(throttledFor(limit.leftOf(now)), { reason: 'scan_limit', handle: null });
      }
      return answerTo(context, request, caller, question);
    }),
  );
}

async function answerTo(
  context: ServerContext,
  request: FastifyRequest,
  caller: Principal,
  { secrets, isVerification }: Question,
): Promise<WireAnswer> {
  const { socket } = request.raw;
  const results = await context.secretChecks.check(secrets, () => socket.destroyed);
  const place = `checked by ${caller.credential.name} from ${clientAddress(request.raw, context.trusts)}`;
  await reportLeaks(
    context,
    request,
    'check',
    results.map((checked) => ({ checked, place })),
  );
  const body = { results: results.map(described) };
  if (!isVerification || results.some(({ state }) => state === 'live')) return good(body);
  return { status: 404, headers: NO_STORE, body };
}

function described({ state, secret, credential, lastUsedAt }: CheckedSecret): Record<string, unknown> {
  return {
    state,
    handle: secret?.handle ?? null,
    name: credential?.name ?? null,
    owner: credential?.owner?.name ?? null,
    last_used_at: lastUsedAt === null ? null : formatInstant(lastUsedAt),
  };
}

/**
 * The secrets in a body: `{"secrets":["…"]}`, or trufflehog's `{"NAME":{"token":["…"]}}`, whose names are those of its
 * detector and of its expressions.
 *
 * @throws WireError `invalid_request`
 */
function questionIn(body: BodyParameters = new Map()): Question {
  const listed = body.get('secrets');
  const isVerification = !Array.isArray(listed);
  const secrets = isVerification ? [...body.values()].flatMap(matchesIn) : listed;
  if (!secrets.every((secret) => typeof secret === 'string')) throw malformed();
  if (secrets.length === 0) throw malformed();
  if (secrets.length > MOST_SECRETS) {
    throw new WireError(oauthError('invalid_request', `there are more than ${MOST_SECRETS} secrets`));
  }
  return { secrets, isVerification };
}

function matchesIn(detector: unknown): readonly unknown[] {
  if (typeof detector !== 'object' || detector === null || Array.isArray(detector)) throw malformed();
  return Object.values(detector).flatMap((matches: unknown) => {
    if (!Array.isArray(matches)) throw malformed();
    return matches as readonly unknown[];
  });
}

function malformed(): WireError {
  return new WireError(oauthError('invalid_request', 'secrets is not a list of strings'));
}
