# For a tap. A release has this file with the digest of its tarball and the address of the repository: take it from there.
class Credctl < Formula
  desc "Issue, list, rotate and delete API credentials from the terminal"
  homepage "https://www.npmjs.com/package/credctl"
  url "https://registry.npmjs.org/credctl/-/credctl-0.1.0.tgz"
  sha256 "0000000000000000000000000000000000000000000000000000000000000000"
  license "MIT"

  depends_on "node"

  uses_from_macos "python" => :build

  def install
    # better-sqlite3 is compiled for the Node.js of Homebrew by its install script.
    system "npm", "install", *std_npm_args(ignore_scripts: false), "--allow-scripts=better-sqlite3"
    bin.install_symlink libexec.glob("bin/*")
    man1.install_symlink libexec/"lib/node_modules/credctl/man/credctl.1"
    generate_completions_from_executable(bin/"credctl", "completion")
  end

  test do
    store = "--store=#{testpath}/credctl.db"
    key = shell_output("#{bin}/credctl create brew-test --type api-key --scope data:users -q #{store}")
    assert_match(/\Acctl_key_[0-9A-Za-z]{61}\n\z/, key)
    assert_match "valid: brew-test", pipe_output("#{bin}/credctl verify --scope data:users #{store}", key, 0)
    assert_match "brew-test", shell_output("#{bin}/credctl list #{store}")
    assert_match version.to_s, shell_output("#{bin}/credctl --version")
  end
end
