// Starts `hpolint server` for the folders of the window.

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

// By ending, because the languages of some files need other extensions; by language where there is no file yet.
const SELECTOR = [
  { scheme: "file", pattern: "**/*.{py,pyw,json,yaml,yml,tf,template,asl,sh,bash}" },
  { scheme: "file", pattern: "**/{hpolint.toml,pyproject.toml,Makefile}" },
  { scheme: "file", language: "markdown" },
  ...["python", "json", "yaml"].map((language) => ({ scheme: "untitled", language })),
  { notebook: "jupyter-notebook", language: "python" },
];
const SETUP = "https://hpolint.github.io/hpolint/editors/";

let client;

// The command that starts hpolint: as configured, of the environment that the Python extension has selected, on the PATH.
async function command() {
  const given = vscode.workspace.getConfiguration("hpolint").get("path");
  if (given) {
    return given;
  }
  const python = vscode.extensions.getExtension("ms-python.python");
  if (python) {
    const api = python.isActive ? python.exports : await python.activate();
    const selected = api?.environments?.getActiveEnvironmentPath?.(vscode.workspace.workspaceFolders?.[0]?.uri);
    const folder = selected?.path && path.dirname(selected.path);
    const name = process.platform === "win32" ? "hpolint.exe" : "hpolint";
    if (folder && fs.existsSync(path.join(folder, name))) {
      return path.join(folder, name);
    }
  }
  return "hpolint";
}

async function start() {
  const configuration = vscode.workspace.getConfiguration("hpolint");
  const initializationOptions = {};
  for (const name of ["policy", "config"]) {
    const value = configuration.get(name);
    if (value) {
      initializationOptions[name] = value;
    }
  }
  const server = { command: await command(), args: ["server"] };
  client = new LanguageClient("hpolint", "hpolint", server, {
    documentSelector: SELECTOR,
    initializationOptions,
    initializationFailedHandler: () => false,
  });
  try {
    await client.start();
  } catch (error) {
    const choice = await vscode.window.showErrorMessage(
      `hpolint: ${server.command} server does not start: ${error.message ?? error}. Is hpolint[server] installed?`,
      "How to install it",
    );
    if (choice) {
      vscode.env.openExternal(vscode.Uri.parse(SETUP));
    }
  }
}

async function restart() {
  await client?.stop().catch(() => undefined);
  await start();
}

async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("hpolint.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration("hpolint") && restart()),
  );
  await start();
}

async function deactivate() {
  await client?.stop();
}

module.exports = { activate, deactivate };
