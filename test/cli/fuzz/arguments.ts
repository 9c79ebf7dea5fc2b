import fc from 'fast-check';
import { COMMANDS, CREDENTIALS, GLOBAL, SECRET, SWITCHES, VALUES } from './vocabulary.js';

/** Text of any kind: every plane of Unicode, controls, lone surrogates, very long, secrets. */
const garbage: fc.Arbitrary<string> = fc
  .oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 12 }) },
    { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
    { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('x'.repeat(10_000), '\ud800', '\u202egnp.exe', '\u001b[2J', '=1+1', '\0'),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(SECRET, `a=${SECRET}`, `data:${SECRET}`, `x${SECRET}x`, SECRET.slice(0, 60)),
    },
  )
  .filter((text) => text !== '--json');

/** What these name is told as it is. */
const NAMES_A_FILE: ReadonlySet<string> = new Set(['--store', '--output']);

/** A flag, with a value where it takes one: mostly one that means something. */
function flagOf(flags: readonly string[]): fc.Arbitrary<readonly string[]> {
  return fc.constantFrom(...flags).chain((flag): fc.Arbitrary<readonly string[]> => {
    const values = VALUES[flag];
    if (values === undefined) return fc.constant([flag]);
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...values) },
      {
        weight: 1,
        arbitrary: NAMES_A_FILE.has(flag) ? garbage.filter((text) => !text.includes('cctl_')) : garbage,
      },
    );
    return fc
      .tuple(value, fc.boolean())
      .map(([text, joined]) => (joined && flag.startsWith('--') ? [`${flag}=${text}`] : [flag, text]));
  });
}

/** A plausible command: with its own flags, and names that may exist. */
const meant: fc.Arbitrary<readonly string[]> = fc
  .constantFrom(...COMMANDS)
  .chain(({ words, operands, flags }) =>
    fc
      .tuple(
        operands.length === 0
          ? fc.constant([])
          : fc.array(fc.constantFrom(...operands), { minLength: 1, maxLength: 1 }),
        fc.array(flagOf([...flags, ...GLOBAL]), { maxLength: 3 }),
      )
      .map(([about, given]) => [
        ...words,
        ...about,
        ...(words[0] === 'create' ? ['--scope', 'data:users'] : []),
        ...given.flat(),
      ]),
  );

const piece: fc.Arbitrary<readonly string[]> = fc.oneof(
  { weight: 6, arbitrary: flagOf(Object.keys(VALUES)) },
  { weight: 3, arbitrary: flagOf(SWITCHES) },
  { weight: 3, arbitrary: fc.constantFrom(...CREDENTIALS).map((operand) => [operand]) },
  { weight: 2, arbitrary: garbage.map((text) => [text]) },
  { weight: 1, arbitrary: fc.constantFrom(...Object.keys(VALUES)).map((flag) => [flag]) },
);

/** A command amid anything at all. */
const jumbled = fc
  .tuple(fc.array(piece, { maxLength: 1 }), meant, fc.array(piece, { minLength: 1, maxLength: 3 }))
  .map(([before, command, after]) => [...before.flat(), ...command, ...after.flat()]);

/** Argument vectors: commands, flags, values and garbage in every mixture; half of them with `--json` in front. */
export const argumentVectors: fc.Arbitrary<readonly string[]> = fc
  .tuple(
    fc.boolean(),
    fc.oneof(
      { weight: 6, arbitrary: meant },
      { weight: 3, arbitrary: jumbled },
      { weight: 1, arbitrary: fc.array(garbage, { maxLength: 4 }) },
    ),
  )
  .map(([json, argv]) => (json ? ['--json', ...argv] : argv));

/** What may come through standard input. */
export const inputs: fc.Arbitrary<string> = fc.oneof(
  garbage,
  fc.constantFrom(
    SECRET,
    `${SECRET}\n`,
    '',
    '&a [*a]',
    'a: &a [*a, *a]',
    '__proto__: {}\nname: x\napis: []\n',
  ),
  fc.constantFrom('name: x\napis: []\n', '{"name":"x","apis":[{}]}', 'name: "\\e[2J"\napis: []\n'),
);
