// The API of the Python extension that `src/command.ts` uses. HPOLINT_TEST_PYTHON names a file with the interpreter's path.

const fs = require("fs");
const vscode = require("vscode");

const FILE = process.env.HPOLINT_TEST_PYTHON;
const selected = () => (fs.existsSync(FILE) ? fs.readFileSync(FILE, "utf-8").trim() : "");

exports.activate = context => {
  const changes = new vscode.EventEmitter();
  fs.watchFile(FILE, { interval: 100 }, () => changes.fire({ path: selected() }));
  context.subscriptions.push({ dispose: () => fs.unwatchFile(FILE) });
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ path: selected() }),
      resolveEnvironment: async environment =>
        environment.path ? { executable: { uri: vscode.Uri.file(environment.path) } } : undefined,
      onDidChangeActiveEnvironmentPath: changes.event,
    },
  };
};
