// @ts-check
/** How much a fleet carries before somebody has to wait too long. */
import { simulate } from './fleet.mjs';

/**
 * @typedef {import('./fleet.mjs').Services} Services
 * @typedef {import('./fleet.mjs').Fleet} Fleet
 * @typedef {import('./fleet.mjs').Outcome} Outcome
 */

/** Whoever waits longer, in 99 of 100 cases, waits too long. Milliseconds. */
export const PATIENCE = { read: 20, token: 50 };

/** Halvings of the interval that the answer lies in: it is right to a fiftieth. */
const STEPS = 6;

/** A core that is busier has a queue that may grow for ever; a database is asked larger questions instead, until people wait. */
const MOST_USE = 0.9;

/** Fewer requests say little about one in a hundred. */
const FEWEST = 2_000;

/**
 * @param {Services} services
 * @param {Fleet} fleet
 * @param {number} tokens the share of requests that ask for a token
 * @param {{ readonly milliseconds: number, readonly seed: number }} run for how long requests come
 * @returns {Outcome & { readonly limit: string }}
 */
export function capacity(services, fleet, tokens, run) {
  const at = (/** @type {number} */ rate) => {
    const requests = Math.max(FEWEST, Math.round((rate * run.milliseconds) / 1_000));
    return simulate(services, fleet, { rate, clients: 0, tokens }, { requests, seed: run.seed });
  };
  let low = 0;
  let high = ceiling(services, fleet, tokens);
  let best = at(high / 100);
  for (let step = 0; step < STEPS; step += 1) {
    const rate = (low + high) / 2;
    const outcome = at(rate);
    if (isCarried(outcome)) [low, best] = [rate, outcome];
    else high = rate;
  }
  return { ...best, limit: limitOf(at(high)) };
}

/** @param {Outcome} outcome */
function isCarried({ read, token, use }) {
  return read <= PATIENCE.read && token <= PATIENCE.token && use.gateway <= MOST_USE;
}

/**
 * What the gateways would carry with databases that cost nothing: more is not possible.
 *
 * @param {Services} services
 * @param {Fleet} fleet
 * @param {number} tokens
 */
function ceiling({ gatewayRead, gatewayToken }, { gateways }, tokens) {
  return (gateways * 1_000) / (gatewayRead * (1 - tokens) + gatewayToken * tokens);
}

/** What was in the way of more. @param {Outcome} outcome */
function limitOf({ use }) {
  if (use.gateway > MOST_USE) return 'gateways';
  return use.database > MOST_USE ? 'database cores' : 'waiting';
}
