import { maskSecrets } from '../domain/secret/secret-format.js';
import { safeForTerminal } from '../domain/text/safe-text.js';

/** Formats of the log. */
export const LOG_FORMATS = ['json', 'text'] as const;
/** One of {@link LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];

const LEVELS: ReadonlyMap<unknown, string> = new Map([
  [30, 'info'],
  [40, 'warning'],
  [50, 'error'],
]);

/** Formats a JSON log record as a line of the log, masking secrets. */
export function logLine(format: LogFormat, line: string): string {
  const masked = maskSecrets(line);
  return format === 'json' ? masked : `${asText(masked)}\n`;
}

function asText(line: string): string {
  const { level, time, msg, ...rest } = JSON.parse(line) as Record<string, unknown>;
  const facts = Object.entries(rest).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`],
  );
  const at = new Date(Number(time)).toISOString();
  return safeForTerminal([at, LEVELS.get(level) ?? String(level), String(msg), ...facts].join(' '));
}
