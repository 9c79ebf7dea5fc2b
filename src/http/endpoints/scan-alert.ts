import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { CredctlError } from '../../domain/errors.js';
import { maskSecrets } from '../../domain/secret/secret-format.js';
import { asReason } from '../../usecases/leak/reason.js';
import { stopLeaked } from '../../usecases/leak/stop-leaked.js';
import type { CheckedSecret } from '../../usecases/serving/secret-checks.js';
import type { AlertSettings, Handler, ServerContext } from '../context.js';
import { reportLeaks } from '../scan/leak-report.js';
import { invalidSignature, NO_STORE, oauthError, tooLarge, unavailable, WireError } from '../wire-error.js';

/** Maximum size of an alert in bytes, and of the matches in it. */
export const MOST_ALERT_BYTES = 524_288;
const MOST_MATCHES = 1_000;

/** A match that GitHub reports. */
interface Match {
  readonly token: string;
  readonly type: string;
  readonly url: string;
  readonly source: string;
}

/**
 * `POST /scan/v1/alert`: alerts of GitHub's secret scanning partner program. What is live becomes a leak, and is stopped
 * where that is configured; the answer is the feedback that GitHub takes, with the digest of each token.
 */
export function scanAlertEndpoint(context: ServerContext, settings: AlertSettings): Handler {
  return async (request, reply) => {
    const body = await signedBody(request, settings);
    const matches = matchesIn(body);
    const checked = await context.secretChecks.check(matches.map(({ token }) => token));
    const sightings = checked.map((each, index) => ({ checked: each, place: placeOf(matches[index]) }));
    const isRecorded = await reportLeaks(context, request, 'github', sightings);
    const isStopped = !settings.stops || (await stopAll(context, request, matches, checked));
    // A repetition does what is left.
    if (!isRecorded || !isStopped) throw new WireError(unavailable());
    const feedback = matches.map((match, index) => feedbackOn(match, checked[index]));
    return reply.headers(NO_STORE).type('application/json').send(JSON.stringify(feedback));
  };
}

/** The bytes of the body, signed by GitHub; one answer for whatever is wrong with the signature. */
async function signedBody({ body, headers }: FastifyRequest, { keys }: AlertSettings): Promise<Buffer> {
  const keyId = headers['github-public-key-identifier'];
  const value = headers['github-public-key-signature'];
  const isThere = Buffer.isBuffer(body) && typeof keyId === 'string' && typeof value === 'string';
  if (!isThere || !(await keys.isSigned(body, { keyId, value }))) {
    throw new WireError(invalidSignature(), { reason: 'invalid_signature', handle: null });
  }
  return body;
}

function matchesIn(body: Buffer): readonly Match[] {
  const matches = parsed(body);
  if (!Array.isArray(matches)) throw malformed();
  if (matches.length > MOST_MATCHES) throw new WireError(tooLarge());
  return matches.map((match: unknown) => {
    const { token, type, url, source } = membersOf(match);
    if (typeof token !== 'string' || typeof type !== 'string') throw malformed();
    return { token, type, url: textOr(url, ''), source: textOr(source, 'unknown') };
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    throw malformed();
  }
}

function membersOf(match: unknown): Readonly<Record<string, unknown>> {
  if (typeof match !== 'object' || match === null) throw malformed();
  return { ...match };
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

function malformed(): WireError {
  return new WireError(oauthError('invalid_request'));
}

function placeOf(match: Match | undefined): string {
  return match === undefined ? '' : match.url || `GitHub, ${match.source}`;
}

/** Stops what is live, each once. @returns whether nothing failed */
async function stopAll(
  { changes, store, metrics }: ServerContext,
  { id, log }: FastifyRequest,
  matches: readonly Match[],
  checked: readonly CheckedSecret[],
): Promise<boolean> {
  const done = new Set<string>();
  let isGood = true;
  for (const [index, each] of checked.entries()) {
    const { state, secret, credential } = each;
    if (state !== 'live' || secret === null || done.has(secret.handle)) continue;
    done.add(secret.handle);
    const about = { request_id: id, handle: secret.handle, credential: credential?.name ?? null };
    try {
      const action = await stopLeaked({ ...changes, store }, each, reasonOf(matches[index]));
      log.warn({ ...about, action }, 'a leaked secret was stopped');
    } catch (fault) {
      if (!(fault instanceof CredctlError)) throw fault;
      isGood = false;
      metrics.storeErrors += 1;
      log.error(
        { ...about, code: fault.code, message: fault.message },
        'a leaked secret could not be stopped',
      );
    }
  }
  return isGood;
}

/** Such as `leaked, reported by GitHub: commit, https://github.com/…`. */
function reasonOf(match: Match | undefined): string {
  const { source = 'unknown', url = '' } = match ?? {};
  return asReason(
    maskSecrets(`leaked, reported by GitHub: ${[source, url].filter((text) => text !== '').join(', ')}`),
  );
}

function feedbackOn({ token, type }: Match, checked: CheckedSecret | undefined): Record<string, string> {
  const isReal = checked?.state === 'live' || checked?.state === 'dead';
  return {
    token_hash: createHash('sha256').update(token).digest('hex'),
    token_type: maskSecrets(type),
    label: isReal ? 'true_positive' : 'false_positive',
  };
}
