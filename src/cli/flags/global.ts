import { type Command, Option } from 'commander';
import { type Duration, parseDuration, parseInstant } from '../../domain/duration.js';
import { usageError } from '../../domain/errors.js';
import { parseLabel, parseReason } from '../../domain/text/name.js';
import { nearest } from '../../domain/text/nearest.js';
import { quote } from '../../domain/text/quote.js';

/** Values of the global flags. */
export interface GlobalOptions {
  readonly store: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  /** False when prompts are disabled. */
  readonly input: boolean;
  readonly color: boolean;
  readonly yes: boolean;
  readonly reason: string | undefined;
}

/** Adds the global flags, and begins their group in the help: they come last. */
export function addGlobalOptions(command: Command): Command {
  return command
    .optionsGroup('Global options:')
    .option('--store <url>', 'the store to use: a path, sqlite:PATH or postgres://USER@HOST/DB')
    .option('--json', 'print the result as one JSON document')
    .option('-q, --quiet', 'print no notes; create and rotate print only the secret')
    .option('--no-input', 'ask no questions; a missing value is an error')
    .option('--no-color', 'print without colour')
    .option('-y, --yes', 'answer every question with yes; go on if the clock seems wrong')
    .addOption(
      new Option('--reason <text>', 'why you make this change; the audit trail keeps it').argParser(
        (text: string) => parseReason(text),
      ),
    );
}

/** Values of the global flags, before or after the command; the later level takes precedence. */
export function globalOptions(command: Command): GlobalOptions {
  const levels: Record<string, unknown>[] = [];
  for (let level: Command | null = command; level !== null; level = level.parent) levels.push(level.opts());
  const text = (name: string): string | undefined => {
    const given = levels.map((level) => level[name]).find((value) => typeof value === 'string');
    return typeof given === 'string' ? given : undefined;
  };
  const isSet = (name: string): boolean => levels.some((level) => level[name] === true);
  const isTakenAway = (name: string): boolean => levels.some((level) => level[name] === false);
  return {
    store: text('store'),
    json: isSet('json'),
    quiet: isSet('quiet'),
    input: !isTakenAway('input'),
    color: !isTakenAway('color'),
    yes: isSet('yes'),
    reason: text('reason') || undefined,
  };
}

/** Whether one of the options, by their properties, stands on the command line. */
export function isGiven(command: Command, ...properties: readonly string[]): boolean {
  return properties.some((property) => command.getOptionValueSource(property) === 'cli');
}

/** Parser of a repeatable option. */
export function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

/** Parser of the repeatable `--label k=v`. */
export function collectLabel(
  text: string,
  earlier: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> {
  const { key, value } = parseLabel(text);
  if (earlier?.has(key) === true)
    throw usageError(`the label ${quote(key)} is given twice`, 'give each label once');
  return new Map([...(earlier ?? []), [key, value]]);
}

/** A parser of a choice that exposes its words. */
export interface ChoiceParser<T extends string> {
  (text: string): T;
  readonly choices: readonly string[];
}

/** Parser of a choice; an unknown word is an error with a suggestion. */
export function oneOf<T extends string>(flag: string, choices: readonly T[]): ChoiceParser<T> {
  const parse = (text: string): T => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice !== undefined) return choice;
    const near = nearest(text, choices);
    throw usageError(
      `unknown value ${quote(text)} for ${flag}`,
      `${near === null ? '' : `did you mean ${near}? `}choose one of: ${choices.join(', ')}`,
    );
  };
  return Object.assign(parse, { choices });
}

/** The words of a parser made by {@link oneOf}; undefined for any other. */
export function choicesOf(parser: unknown): readonly string[] | undefined {
  if (typeof parser !== 'function' || !('choices' in parser) || !Array.isArray(parser.choices))
    return undefined;
  return parser.choices.filter((word) => typeof word === 'string');
}

/** Parser of a duration greater than zero. */
export function duration(text: string): Duration {
  return parseDuration(text);
}

/** Parser of a duration, `0` included. */
export function durationOrZero(text: string): Duration {
  return parseDuration(text, { allowZero: true });
}

/** Parser of an integer in a range. */
export function wholeNumber(flag: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw usageError(`${flag} takes a whole number, not ${quote(text)}`, `from ${least} to ${most}`);
  };
}

/** Values of `--expires-in` and `--expires-at`. */
export interface ExpiryOptions {
  readonly expiresIn?: Duration;
  readonly expiresAt?: string;
}

/** Adds `--expires-in` and `--expires-at`. */
export function addExpiryOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--expires-in <duration>', 'expire after this time, such as 90d').argParser(duration),
    )
    .option('--expires-at <time>', 'expire at this time (RFC 3339): YYYY-MM-DDThh:mm:ssZ');
}

/**
 * Refuses both expiry flags together.
 *
 * @throws CredctlError `usage`
 */
export function refuseBothExpiries({ expiresIn, expiresAt }: ExpiryOptions): void {
  if (expiresIn === undefined || expiresAt === undefined) return;
  throw usageError('--expires-in and --expires-at cannot be used together', 'use one of them');
}

/**
 * The expiry by the flags, in epoch milliseconds; undefined when there were none.
 *
 * @throws CredctlError `usage` for both at once and for a time that has passed
 */
export function expiryTime(options: ExpiryOptions, now: number): number | undefined {
  refuseBothExpiries(options);
  if (options.expiresIn !== undefined) return now + options.expiresIn.ms;
  if (options.expiresAt === undefined) return undefined;
  const at = parseInstant(options.expiresAt);
  if (at <= now) {
    throw usageError(`${quote(options.expiresAt)} has passed already`, 'give a time in the future');
  }
  return at;
}

/** The flag of a camel-case property, without the dashes. */
export function flagName(property: string): string {
  return property.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
