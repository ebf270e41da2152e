/** Starts `hpolint server` where a tuning job may be, and has its commands. */

import * as vscode from "vscode";
import { pythonApi } from "./command";
import { fixAll, NotebookFixes } from "./fixes";
import { FolderCheck } from "./folder";
import { Need } from "./need";
import { Pages } from "./pages";
import { Session } from "./session";
import { Status } from "./status";

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const output = vscode.window.createOutputChannel("hpolint");
  const pages = new Pages(() => session?.command);
  const started = (session = new Session(output, address => void pages.showAddress(address)));
  const status = new Status();
  const folderCheck = new FolderCheck(started, output);
  context.subscriptions.push(output, pages, folderCheck, started, status);
  context.subscriptions.push(...commands(started, pages, folderCheck, output));
  context.subscriptions.push(
    started.onDidChange(state => status.show(state)),
    vscode.languages.registerCodeActionsProvider(
      NotebookFixes.selector,
      new NotebookFixes(() => started.client),
      NotebookFixes.metadata,
    ),
    vscode.workspace.onDidChangeConfiguration(event => {
      if (event.affectsConfiguration("hpolint") && !event.affectsConfiguration("hpolint.trace")) {
        void started.restartIfWanted();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void started.restartIfWanted()),
  );
  const need = new Need();
  context.subscriptions.push(need);
  void need.found.then(() => {
    void watchInterpreter(context, started); // not before: it starts the Python extension
    void started.restart();
  });
}

export async function deactivate(): Promise<void> {
  await session?.stop();
}

function commands(
  started: Session,
  pages: Pages,
  folderCheck: FolderCheck,
  output: vscode.OutputChannel,
): vscode.Disposable[] {
  const { registerCommand } = vscode.commands;
  return [
    registerCommand("hpolint.restart", () => started.restart()),
    registerCommand("hpolint.checkFolder", () => folderCheck.run()),
    registerCommand("hpolint.fixAll", fixAll),
    registerCommand("hpolint.explain", () => pages.explain()),
    registerCommand("hpolint.showOutput", () => output.show()),
    registerCommand("hpolint.menu", showMenu),
  ];
}

const MENU = [
  { label: "$(search) Check Folder", command: "hpolint.checkFolder" },
  { label: "$(book) Explain", command: "hpolint.explain" },
  { label: "$(wand) Fix All", command: "hpolint.fixAll" },
  { label: "$(debug-restart) Restart Server", command: "hpolint.restart" },
  { label: "$(output) Show Output", command: "hpolint.showOutput" },
];

async function showMenu(): Promise<void> {
  const picked = await vscode.window.showQuickPick(MENU, { title: "hpolint" });
  if (picked !== undefined) {
    await vscode.commands.executeCommand(picked.command);
  }
}

/** Start the server anew when another interpreter is selected. */
async function watchInterpreter(context: vscode.ExtensionContext, started: Session): Promise<void> {
  const environments = (await pythonApi())?.environments;
  if (environments !== undefined) {
    context.subscriptions.push(
      environments.onDidChangeActiveEnvironmentPath(() => void started.restartIfWanted()),
    );
  }
}
