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

/** Halvings of the interval that the answer lies in: it is right to a hundredth. */
const STEPS = 7;

/** What is busier has a queue that may grow for ever. The log is not meant: the busier it is, the more goes in one flush. */
const MOST_USE = 0.9;

/**
 * @param {Services} services
 * @param {Fleet} fleet
 * @param {number} tokens the share of requests that ask for a token
 * @param {{ readonly requests: number, readonly seed: number }} run
 * @returns {Outcome & { readonly limit: string }}
 */
export function capacity(services, fleet, tokens, run) {
  const at = (/** @type {number} */ rate) => simulate(services, fleet, { rate, clients: 0, tokens }, run);
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
  return read <= PATIENCE.read && token <= PATIENCE.token && Math.max(use.database, use.gateway) <= MOST_USE;
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
  if (use.gateway > MOST_USE && use.gateway >= use.database) return 'gateways';
  return use.database > MOST_USE ? 'database cores' : 'waiting';
}
