import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isInstalled } from '../support/build/checker.js';
import { PROJECT } from '../support/program/real-program.js';
import { openSession } from '../support/program/run.js';

const FORMULA = 'contrib/homebrew/credctl.rb';
const hasRuby = isInstalled('ruby', 'ruby');
const formula = readFileSync(join(PROJECT, FORMULA), 'utf8');
const { version, license } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));

/** As much of Homebrew as the formula asks for: `ruby brew.rb FORMULA BIN VERSION`. Commands of `install` are printed. */
const BREW = `
class Formula
  %i[desc homepage url sha256 license depends_on uses_from_macos].each do |name|
    define_singleton_method(name) { |*given| puts "#{name} #{given.inspect}" }
  end
  def self.test(&block) = define_method(:run_test, &block)
  def version = ARGV[2]
  def testpath = Dir.pwd
  def bin = Directory.new(ARGV[1])
  def man1 = bin
  def libexec = bin
  def std_npm_args(ignore_scripts: true) = ["--global", *("--ignore-scripts" if ignore_scripts)]
  def system(*command) = puts("system #{command.join(' ')}")
  def generate_completions_from_executable(*command) = puts("completions #{command.join(' ')}")
  def shell_output(command, status = 0) = pipe_output(command, nil, status)
  def pipe_output(command, input = nil, status = nil)
    output = IO.popen(command, "r+") { |pipe| pipe.write(input) if input; pipe.close_write; pipe.read }
    raise "#{command} ended with #{$?.exitstatus}" unless status.nil? || $?.exitstatus == status
    output
  end
  def assert_match(wanted, text) = Regexp === wanted ? wanted.match?(text) || raise(text) : text.include?(wanted) || raise(text)
  Directory = Struct.new(:path) do
    def to_s = path
    def glob(pattern) = [self / pattern]
    def install_symlink(*) = nil
    def /(name) = Directory.new("#{path}/#{name}")
  end
end
load ARGV[0]
Credctl.new.install
Credctl.new.run_test
`;

/** The formula that a release attaches, printed in this directory. */
function printed(directory: string, tarball: string): string {
  const script = join(PROJECT, 'scripts', 'release', 'print-formula.mjs');
  const argv = [script, tarball, 'https://example.com/credctl'];
  return execFileSync(process.execPath, argv, { cwd: directory, encoding: 'utf8', stdio: 'pipe' });
}

it('the formula is of this version, and has no digest before anything is packed', async () => {
  expect(formula).toContain(`url "https://registry.npmjs.org/credctl/-/credctl-${version}.tgz"\n`);
  expect(formula).toContain(`sha256 "${'0'.repeat(64)}"\n`);
  expect(formula).toContain(`license "${license}"\n`);
  const session = await openSession();
  await session.workspace.write('empty.tgz', '');
  const ofEmpty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  expect(printed(PROJECT, session.workspace.path('empty.tgz'))).toBe(
    formula
      .replace(/homepage ".*"/, 'homepage "https://example.com/credctl"')
      .replace('0'.repeat(64), ofEmpty),
  );
  for (const file of ['package.json', FORMULA]) cpSync(join(PROJECT, file), session.workspace.path(file));
  await session.workspace.write(FORMULA, formula.replace('sha256', 'sha1'));
  expect(() => printed(session.workspace.directory, 'empty.tgz')).toThrow('no line for sha256');
});

it.skipIf(!hasRuby)('the formula lets npm compile what the package needs, and its test passes', async () => {
  const session = await openSession();
  await session.workspace.write('brew.rb', BREW);
  const bin = join(session.workspace.root, 'bin');
  const brew = (text: string) => `ruby brew.rb '${text}' '${bin}' '${version}'`;
  const { exitCode, stdout, stderr } = await session.sh(brew(join(PROJECT, FORMULA)));
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('system npm install --global --allow-scripts=better-sqlite3\n');
  expect(stdout).toContain('depends_on ["node"]\n');
  await session.workspace.write(
    'worse.rb',
    formula.replace('verify --scope data:users', 'verify --scope data:events'),
  );
  expect((await session.sh(brew('./worse.rb'))).exitCode).toBe(1);
});
