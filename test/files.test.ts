import { describe, expect, it } from 'vitest';
import { sourcesIn, withoutComments } from './support/build/sources.js';

const LINE_LIMIT = 250;

describe('a file', async () => {
  const sources = await sourcesIn('src');
  const others = await Promise.all(['test', 'bench', 'scripts', 'bin'].map(sourcesIn));
  const all = [...sources, ...others.flat()];

  it(`is one idea: at most ${LINE_LIMIT} lines`, () => {
    const lengths = all.map(({ path, text }) => `${path}: ${text.trimEnd().split('\n').length}`);
    expect(lengths.filter((line) => Number(line.split(': ')[1]) > LINE_LIMIT)).toEqual([]);
  });

  it('is named after its idea', () => {
    expect(all.map(({ path }) => path).filter(isNamedAfterNothing)).toEqual([]);
    expect(
      ['src/cli/utils.ts', 'test/helpers/run.ts', 'src/common.ts', 'src/misc/x.ts'].filter(
        isNamedAfterNothing,
      ),
    ).toHaveLength(4);
  });

  it('offers no command with a name in it that a shell would not take as one word', () => {
    const found = sources.flatMap(({ path, text }) => unquoted(text).map((command) => `${path}: ${command}`));
    expect(found.filter((line) => !line.startsWith('src/cli/render/request-examples.ts'))).toEqual([]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of one
    expect(unquoted('`run: credctl owner activate ${owner.name}`')).toHaveLength(1);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
    expect(unquoted('`run: credctl rotate ${shellWord(name)} --now`')).toEqual([]);
    const nested = sources.flatMap(({ path, text }) =>
      quotedTwice(text).map((command) => `${path}: ${command}`),
    );
    expect(nested).toEqual([]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as above
    expect(quotedTwice("`see 'credctl show ${shellWord(name)}'`")).toHaveLength(1);
  });

  it('writes nothing to the console', () => {
    expect(sources.filter(({ text }) => usesConsole(text)).map(({ path }) => path)).toEqual([]);
    expect(usesConsole('  console.log(secret);')).toBe(true);
  });

  it('does not end the process, which only bin/ does', () => {
    expect(sources.filter(({ text }) => endsProcess(text)).map(({ path }) => path)).toEqual([]);
    for (const end of [
      'process.exit(1)',
      'process.exitCode = 1',
      'process.abort()',
      "import { exit } from 'node:process';",
    ]) {
      expect(endsProcess(end), end).toBe(true);
    }
  });
});

/** Commands in texts that hold a name unquoted: command injection by a name in the store. */
function unquoted(text: string): readonly string[] {
  return (
    text.match(
      /credctl (?:[a-z-]+ )+\$\{(?!shellWord\(|formatInstant\(|storeFlag\(|role\}|id\}|account\})[^}]*\}/g,
    ) ?? []
  );
}

/** Commands in quotes with a word in them that may have quotes of its own. */
function quotedTwice(text: string): readonly string[] {
  return text.match(/'credctl [^'`]*\$\{shellWord\(/g) ?? [];
}

function isNamedAfterNothing(path: string): boolean {
  return /(?:^|[/.-])(?:utils?|helpers?|common|misc)(?=[/.-])/i.test(path);
}

function usesConsole(text: string): boolean {
  return /\bconsole\s*[.[]/.test(withoutComments(text));
}

function endsProcess(text: string): boolean {
  return /\bprocess\s*\.\s*(?:exit|exitCode|reallyExit|abort)\b|from 'node:process'/.test(
    withoutComments(text),
  );
}
