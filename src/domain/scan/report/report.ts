import { detectSecretsBaseline } from './detect-secrets.js';
import type { ReportEntry } from './entry.js';
import { githubAlert, githubLocation, githubPartnerAlert, githubWebhook } from './github.js';
import { gitleaksFinding } from './gitleaks.js';
import { jsonSequence } from './json-sequence.js';
import { isList, isObject, type Json, type JsonObject, textsIn } from './json-values.js';
import { trufflehogResult } from './trufflehog.js';

/** What a text that may be the report of another scanner is. */
export type ReportReading =
  | {
      readonly kind: 'report';
      /** The scanners, as they are called. */
      readonly scanners: readonly string[];
      readonly entries: readonly ReportEntry[];
    }
  /** It stops being JSON in a line, counted from 1. */
  | { readonly kind: 'broken'; readonly line: number }
  | { readonly kind: 'text' };

/** Reads an object as one of a format; null where it is none. */
type Reader = (value: JsonObject) => readonly ReportEntry[] | null;

const FORMATS: readonly (readonly [scanner: string, read: Reader])[] = [
  ['gitleaks', gitleaksFinding],
  ['trufflehog', trufflehogResult],
  ['detect-secrets', detectSecretsBaseline],
  ['GitHub', githubWebhook],
  ['GitHub', githubAlert],
  ['GitHub', githubPartnerAlert],
  ['GitHub', githubLocation],
];

/** Names that only reports have: a text that has one and breaks is a damaged report. */
const MARK =
  /"(?:RuleID|SourceMetadata|hashed_secret|plugins_used|secret_type|secret_scanning_alert|locations_url)"/;

/**
 * Reads a text as the report of another scanner. A document of another kind that ends too early may have been one; what
 * merely begins like JSON is a text.
 *
 * @param text begins with `{` or `[`
 */
export function readReport(text: string): ReportReading {
  const { documents, broken } = jsonSequence(text);
  if (broken !== null) {
    const isDamaged = broken.atEnd || MARK.test(text);
    return isDamaged ? { kind: 'broken', line: broken.line } : { kind: 'text' };
  }
  const read = documents.flatMap(elementsOf).map(readElement);
  const scanners = new Set(read.flatMap(({ scanner }) => scanner ?? []));
  if (scanners.size === 0) return { kind: 'text' };
  return { kind: 'report', scanners: [...scanners], entries: read.flatMap(({ entries }) => entries) };
}

/** The elements of a list, and of the lists in it, as pages of an interface are joined; else the document itself. */
function elementsOf(document: Json): readonly Json[] {
  if (!isList(document)) return [document];
  return document.flatMap((element) => (isList(element) ? element : [element]));
}

/** What no format has is searched as text, so that nothing of a mixed report is left out. */
function readElement(element: Json): {
  readonly scanner: string | null;
  readonly entries: readonly ReportEntry[];
} {
  if (isObject(element)) {
    for (const [scanner, read] of FORMATS) {
      const entries = read(element);
      if (entries !== null) return { scanner, entries };
    }
  }
  return { scanner: null, entries: [{ place: null, texts: [textsIn(element).join('\n')], withheld: false }] };
}
