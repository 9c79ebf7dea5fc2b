import { commitOf, filePlace, otherPlace, type ReportEntry, type ReportedPlace } from './entry.js';
import { countOf, isList, isObject, type JsonObject, member, textOf } from './json-values.js';

/** The file of an address such as `https://github.com/OWNER/REPO/blob/COMMIT/PATH`. */
const BLOB_COMMIT = /\/blob\/([0-9a-f]{40}|[0-9a-f]{64})\//;

/** All that an alert for a partner has: an object with more is of another kind, and is searched as a whole. */
const PARTNER_MEMBERS: ReadonlySet<string> = new Set(['token', 'type', 'url', 'source']);

/** The types of locations. */
const LOCATION_TYPE = /^(?:commit|wiki_commit|(?:issue|discussion|pull_request)_[a-z_]+)$/;

/**
 * An alert that GitHub sends to the partner whose secret was found: `{token, type, url, source}`.
 *
 * @returns null for any other object
 */
export function githubPartnerAlert(value: JsonObject): readonly ReportEntry[] | null {
  const [token, type, url] = [textOf(value, 'token'), textOf(value, 'type'), textOf(value, 'url')];
  const isWhole = Object.keys(value).every((name) => PARTNER_MEMBERS.has(name));
  if (token === null || type === null || typeof value['url'] !== 'string' || !isWhole) return null;
  const commit = BLOB_COMMIT.exec(url ?? '')?.[1] ?? null;
  const place = otherPlace(url ?? textOf(value, 'source') ?? type);
  return [{ place: { ...place, commit }, texts: [token], withheld: false }];
}

/**
 * An alert of the REST API (`GET /repos/OWNER/REPO/secret-scanning/alerts`), with its locations where they were added to
 * it. With `hide_secret=true` it has no secret.
 *
 * @returns null for any other object
 */
export function githubAlert(value: JsonObject): readonly ReportEntry[] | null {
  if (textOf(value, 'secret_type') === null || countOf(value, 'number') === null) return null;
  return alertAt(value, placesOf(value));
}

/**
 * What the webhooks `secret_scanning_alert` and `secret_scanning_alert_location` send: no secret, the latter with its
 * place.
 *
 * @returns null for any other object
 */
export function githubWebhook(value: JsonObject): readonly ReportEntry[] | null {
  const alert = member(value, 'alert');
  if (!isObject(alert) || textOf(alert, 'secret_type') === null) return null;
  const location = member(value, 'location');
  return alertAt(alert, isObject(location) ? [locationPlace(location)] : placesOf(alert));
}

/**
 * A location of an alert (`GET …/alerts/NUMBER/locations`): `{type, details}`, without the secret.
 *
 * @returns null for any other object
 */
export function githubLocation(value: JsonObject): readonly ReportEntry[] | null {
  if (!LOCATION_TYPE.test(textOf(value, 'type') ?? '')) return null;
  const place = locationPlace(value);
  return place === null ? null : [{ place, texts: [], withheld: true }];
}

function alertAt(alert: JsonObject, places: readonly (ReportedPlace | null)[]): readonly ReportEntry[] {
  const secret = textOf(alert, 'secret');
  const page = textOf(alert, 'html_url') ?? textOf(alert, 'url');
  const otherwise = otherPlace(page ?? `alert ${countOf(alert, 'number') ?? ''}`.trim());
  return (places.length === 0 ? [null] : places).map((place) => ({
    place: place ?? otherwise,
    texts: secret === null ? [] : [secret],
    withheld: secret === null,
  }));
}

function placesOf(alert: JsonObject): readonly (ReportedPlace | null)[] {
  const locations = member(alert, 'locations');
  if (isList(locations)) return locations.filter(isObject).map(locationPlace);
  const first = member(alert, 'first_location_detected');
  return isObject(first) ? [detailsPlace(first)] : [];
}

function locationPlace(location: JsonObject): ReportedPlace | null {
  const details = member(location, 'details');
  return isObject(details) ? detailsPlace(details) : null;
}

/** A commit has a path; an issue, a pull request and so on have an address, in a member of a name of its own. */
function detailsPlace(details: JsonObject): ReportedPlace | null {
  const path = textOf(details, 'path');
  const page = textOf(details, 'page_url');
  if (path !== null && page === null) {
    return filePlace(path.replace(/^\/+/, ''), {
      line: countOf(details, 'start_line'),
      lastLine: countOf(details, 'end_line'),
      column: countOf(details, 'start_column'),
      commit: commitOf(textOf(details, 'commit_sha')),
    });
  }
  const address = page ?? Object.keys(details).flatMap((name) => addressIn(details, name))[0];
  return address === undefined ? null : otherPlace(address);
}

function addressIn(details: JsonObject, name: string): readonly string[] {
  const address = name.endsWith('_url') ? textOf(details, name) : null;
  return address === null ? [] : [address];
}
