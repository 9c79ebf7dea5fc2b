import { chmod } from 'node:fs/promises';
import type { Session } from './run.js';

/** Puts a program on the path of a session that stands in for one which needs a service that is not here. */
export async function standIn(session: Session, name: string, script: string): Promise<void> {
  await session.workspace.write(`../bin/${name}`, `#!/bin/sh\n${script}\n`);
  await chmod(session.workspace.path(`../bin/${name}`), 0o755);
}

/**
 * kubectl as far as secrets go: `create secret generic --dry-run=client -o json` prints the object, and `apply` keeps
 * what it reads in the file `cluster/NAME`.
 */
export const KUBECTL = `node -e '
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(1);
const valuesOf = (flag) => args.filter((arg) => arg.startsWith(flag + "=")).map((arg) => arg.slice(flag.length + 1));
if (args[0] === "create") {
  if (args[1] !== "secret" || args[2] !== "generic" || !args.includes("--dry-run=client")) process.exit(64);
  const stringData = {};
  for (const literal of valuesOf("--from-literal")) stringData[literal.split("=", 1)[0]] = literal.slice(literal.indexOf("=") + 1);
  for (const file of valuesOf("--from-file")) stringData[file.split("=", 1)[0]] = readFileSync(file.slice(file.indexOf("=") + 1), "utf8");
  console.log(JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name: args[3] }, stringData }));
} else {
  const text = readFileSync(0, "utf8");
  if (args[0] !== "apply" || !args.includes("--server-side") || text === "") process.exit(64);
  const [, name] = /"?name"?: ?"?([a-z0-9.-]+)/.exec(text);
  mkdirSync("cluster", { recursive: true });
  writeFileSync("cluster/" + name, text);
}
' -- "$@"`;
